"""Paths through latent space, and under them each value of the embedding over time.

Every point carries its place in the path's dates as `customdata`, so that a hover in one figure can be found in the
other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.clusters import escaped
from core.figures.layout import (
    CLEAR,
    Part,
    assemble,
    broken_at_gaps,
    cursor_line,
    iso,
    row_name,
    span_of,
    stacked,
    time_axis,
    titled,
)
from core.gapfill import FilledSeries
from core.palette import (
    CYCLIC_ANCHORS,
    DAYS_OF_YEAR,
    LIGHT,
    QUALITATIVE,
    Theme,
    day_of_year_colours,
    plotly_scale,
)
from core.trajectories.basis import Basis
from core.trajectories.basis import scores as scores_of
from core.trajectories.paths import Path

Colouring = Literal["season", "year", "place"]
MONTH_DAYS = (1, 92, 183, 274)  # of the year: the legend of the season's colours
MONTHS = ("January", "April", "July", "October")
CYCLE = plotly_scale((*CYCLIC_ANCHORS, CYCLIC_ANCHORS[0]))
SIZE, SMALL = 6, 4  # px of a trusted point and of one of low trust
LONGEST_LINE = 60  # days; no line joins two views further apart
ROW_HEIGHT = 110  # px
HEIGHT = 430  # px


def latent_paths(
    paths: Sequence[Path],
    basis: Basis,
    *,
    colour: Colouring = "season",
    axes: tuple[int, ...] = (0, 1),
    theme: Theme = LIGHT,
) -> go.Figure:
    """Paths on two or three axes of their model; dates of low trust are rings, no line crosses a long gap."""
    solid = len(axes) == 3
    traces: list[Part] = []
    for turn, path in enumerate(paths):
        scores = scores_of(basis, path)[:, list(axes)]
        traces.append(_line(path, scores, turn, theme, colour, solid))
        traces += _points(path, scores, turn, theme, colour, solid, named=len(paths) > 1)
    if colour == "season":
        traces += list(_season_legend(solid))
    return assemble(
        traces,
        axes=_axes(basis, axes),
        theme=theme,
        height=HEIGHT,
        hovermode="closest",
        **(_scene(basis, axes, theme) if solid else {}),
    )


def path_series(
    path: Path,
    *,
    rows: Sequence[tuple[str, NDArray[np.datetime64], NDArray[np.floating]]] = (),
    filled: Sequence[FilledSeries] = (),
    dims: Sequence[int] = (0, 1, 2),
    cursor: str | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Values of the embedding over time, a row each, and `rows` of other series (title, days, values) under them.

    `filled`, one a value of the embedding, adds dashed lines with a band of two standard deviations.
    """
    traces: list[Part] = []
    titles: list[Part] = []
    for row, dim in enumerate(dims, start=1):
        titles.append(titled(f"value {dim + 1}"))
        if filled:
            traces += _filled(filled[dim], row, theme)
        traces += _series(path.days, path.values[:, dim], row, theme, name=f"value {dim + 1}", low=path.low_trust)
    for row, (title, days, values) in enumerate(rows, start=len(titles) + 1):
        titles.append(titled(title))
        traces += _series(days, values, row, theme, name=title)
    spans = [path.days, *(days for _, days, _ in rows)]
    return assemble(
        traces,
        axes=stacked(titles, spacing=0.04) | {"xaxis": time_axis(span_of(*spans), rows=len(titles))},
        theme=theme,
        height=60 + ROW_HEIGHT * len(titles),
        showlegend=False,
        shapes=[] if cursor is None else [cursor_line(cursor, theme)],
    )


# ---------------------------------------------------------------- paths
def _line(path: Path, scores: NDArray[np.float64], turn: int, theme: Theme, colour: Colouring, solid: bool) -> Part:
    """A thin line through the views, broken at long gaps and, coloured by year, at New Year."""
    known = np.flatnonzero(path.known)
    gaps = np.diff(path.days[known].astype(np.int64)) > LONGEST_LINE
    if colour == "year":
        gaps |= np.diff(path.days[known].astype("datetime64[Y]").astype(int)) > 0
    points = np.insert(scores[known], np.flatnonzero(gaps) + 1, np.nan, axis=0)
    line = {"color": QUALITATIVE[turn % len(QUALITATIVE)] if colour == "place" else theme.filled, "width": 1}
    shared: Part = {"mode": "lines", "line": line, "hoverinfo": "skip", "showlegend": False, "connectgaps": False}
    return shared | _coordinates(points, solid)


def _points(
    path: Path, scores: NDArray[np.float64], turn: int, theme: Theme, colour: Colouring, solid: bool, *, named: bool
) -> Iterator[Part]:
    """Views, trusted and not, by the groups the legend tells apart."""
    years = path.days.astype("datetime64[Y]").astype(int) + 1970
    groups = (
        [(str(year), years == year) for year in np.unique(years)]
        if colour == "year"
        else [("", path.days == path.days)]
    )
    for place, (name, member) in enumerate(groups):
        for low in (False, True):
            mine = np.flatnonzero(path.known & member & (path.low_trust == low))
            if not mine.size:
                continue
            label = " ".join(part for part in (escaped(path.label) if named else "", name) if part)
            fixed = QUALITATIVE[(place if colour == "year" else turn) % len(QUALITATIVE)]
            shade: Part = _season_marker(path.days[mine]) if colour == "season" else {"color": fixed}
            ring = "circle-open" if low else "circle"
            marker: Part = {"size": SMALL if low else SIZE, "symbol": ring} | shade
            told = "low trust" if low else "clear"
            yield {
                "mode": "markers",
                "marker": marker,
                "customdata": mine,
                "text": iso(path.days[mine]),
                "name": label or escaped(path.label),
                "showlegend": colour != "season" and not low,
                "legendgroup": label,
                "hovertemplate": f"%{{text}}, {told}<extra>{label or escaped(path.label)}</extra>",
            } | _coordinates(scores[mine], solid)


def _coordinates(points: NDArray[np.float64], solid: bool) -> Part:
    named = dict(zip(("x", "y", "z"), points.astype(np.float32).T, strict=False))
    return {"type": "scatter3d" if solid else "scatter", **named}


def _season_marker(days: NDArray[np.datetime64]) -> Part:
    """Days of the year as numbers on the cyclic map: a tenth of the text that written colours would take."""
    of_year = (days - days.astype("datetime64[Y]")).astype(np.int32) + 1
    return {"color": of_year, "colorscale": CYCLE, "cmin": 1, "cmax": 1 + DAYS_OF_YEAR}


def _season_legend(solid: bool) -> Iterator[Part]:
    nothing = np.full((1, 3 if solid else 2), np.nan)
    for (red, green, blue), month in zip(day_of_year_colours(MONTH_DAYS), MONTHS, strict=True):
        marker = {"size": 8, "color": f"rgb({red},{green},{blue})"}
        yield {"mode": "markers", "name": month, "marker": marker, "hoverinfo": "skip"} | _coordinates(nothing, solid)


def _axes(basis: Basis, axes: tuple[int, ...]) -> dict[str, Part]:
    titles = [titled(basis.names[axis]) for axis in axes]
    return {"xaxis": titles[0], "yaxis": titles[1] | {"scaleanchor": "x"}} if len(axes) == 2 else {}


def _scene(basis: Basis, axes: tuple[int, ...], theme: Theme) -> Part:
    """The three axes of a solid view, which plotly keeps apart from those of flat ones."""
    plain = {"gridcolor": theme.grid, "backgroundcolor": CLEAR, "color": theme.muted}
    named = {f"{name}axis": {"title": basis.names[axis]} | plain for name, axis in zip("xyz", axes, strict=True)}
    return {"scene": named | {"dragmode": "orbit"}}


# ---------------------------------------------------------------- series
def _series(
    days: NDArray[np.datetime64],
    values: NDArray[np.floating],
    row: int,
    theme: Theme,
    *,
    name: str,
    low: NDArray[np.bool_] | None = None,
) -> Iterator[Part]:
    own, line = broken_at_gaps(days, values, longest_days=LONGEST_LINE)
    shared: Part = {"type": "scatter", "yaxis": row_name(row), "name": escaped(name)}
    yield shared | {
        "x": iso(own),
        "y": line.astype(np.float32),
        "mode": "lines",
        "line": {"width": 0.8, "color": theme.filled},
        "hoverinfo": "skip",
        "connectgaps": False,
    }
    seen = np.isfinite(values)
    doubted = np.zeros(len(values), bool) if low is None else low
    for which, symbol in ((seen & ~doubted, "circle"), (seen & doubted, "circle-open")):
        mine = np.flatnonzero(which)
        if mine.size:
            colour = theme.filled if symbol == "circle-open" else theme.observed
            yield shared | {
                "x": iso(days[mine]),
                "y": values[mine].astype(np.float32),
                "mode": "markers",
                "marker": {"size": 4, "symbol": symbol, "color": colour},
                "customdata": mine,
                "hovertemplate": "%{y:.3~f}" + ("" if symbol == "circle" else ", low trust"),
            }


def _filled(series: FilledSeries, row: int, theme: Theme) -> Iterator[Part]:
    """Filled days as a dashed line in a band; measured days break it."""
    shared: Part = {"type": "scatter", "yaxis": row_name(row), "x": iso(series.days), "hoverinfo": "skip"}
    edge = shared | {"mode": "lines", "line": {"width": 0}, "name": "band"}
    yield edge | {"y": (series.values + 2 * series.sd).astype(np.float32)}
    yield edge | {
        "y": (series.values - 2 * series.sd).astype(np.float32),
        "fill": "tonexty",
        "fillcolor": theme.held_out,
    }
    values = np.where(series.filled, series.values, np.nan).astype(np.float32)
    line = {"width": 1.2, "dash": "dash", "color": theme.filled}
    yield shared | {"y": values, "mode": "lines", "line": line, "name": "filled", "connectgaps": False}
