"""Paths through latent space: two or three axes of their model, coloured by season, year or place.

Every point carries its date as `customdata`, so that a click on it can lead there. All points that look alike are one
trace, with NaN between the lines of two paths: hundreds of paths are drawn as quickly as a few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.clusters import escaped
from core.figures.layout import CLEAR, MARGIN, Part, assemble, iso, titled
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
SIZE, SMALL, HERE = 6, 4, 15  # px of a trusted point, of one of low trust, of the ring round the date shown
SHAPES = ("circle", "diamond", "square")  # of places, where the colour tells the season
LONGEST_LINE = 60  # days; no line joins two views further apart
FAR = 1.0  # times the span of most views: snow further off than this would squeeze all else
MOST = (0.1, 0.9)  # quantiles of the trusted views on an axis
FEW = 10  # trusted views, under which the doubtful ones count too
MANY = 1_000  # views; of more only so many are drawn beside the first path, as a browser takes seconds for 10,000
HEIGHT = 430  # px
BELOW, NOTE = 44, 16  # px from the axis to what stands under its title, and its height
EYE = {"x": 1.85, "y": 1.85, "z": 1.2}  # far enough for the whole cube with its titles


class Points(NamedTuple):
    """All views of all paths, one after the other."""

    scores: NDArray[np.float64]  # (n, 2 or 3)
    days: NDArray[np.datetime64]  # (n,)
    low: NDArray[np.bool_]  # (n,) of low trust
    turn: NDArray[np.int64]  # (n,) which path
    year: NDArray[np.int64]  # (n,)


def latent_paths(
    paths: Sequence[Path],
    basis: Basis,
    *,
    colour: Colouring = "season",
    axes: tuple[int, ...] = (0, 1),
    date: str | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Paths on two or three axes of their model; dates of low trust are rings, no line crosses a long gap.

    `date` (ISO): the nearest view of the first path is ringed, unless it is further away than a line may reach.
    """
    every, solid = _gathered(paths, basis, axes), len(axes) == 3
    points = _thinned(every)
    group, names = _groups(points, [escaped(path.label) for path in paths], colour)
    shared: Part = {"type": "scatter3d" if solid else "scatter"}
    traces = [shared | part for part in _lines(points, group, theme, colour)]
    traces += [shared | part for part in _views(points, group, names, colour, titles=len(paths) > 1)]
    if colour == "season":
        traces += [shared | part for part in _season_legend(len(axes))]
    if solid:
        traces.append(shared | _here_in_space(points, date, theme))
        return assemble(traces, axes={}, theme=theme, height=HEIGHT, hovermode="closest", **_scene(basis, axes, theme))
    ranges, outside = _ranges(points, date)
    flat = [titled(basis.names[axis], range=span) for axis, span in zip(axes, ranges, strict=True)]
    note = _note(outside, len(points.days), len(every.days), theme)
    return assemble(
        traces,
        axes={"xaxis": flat[0], "yaxis": flat[1] | {"scaleanchor": "x"}},
        theme=theme,
        height=HEIGHT,
        hovermode="closest",
        margin=MARGIN | ({"b": BELOW + NOTE} if note else {}),
        annotations=note,
        shapes=[_here(points, date, theme)],
    )


def _gathered(paths: Sequence[Path], basis: Basis, axes: tuple[int, ...]) -> Points:
    known = [path.known for path in paths]
    days = np.concatenate([path.days[seen] for path, seen in zip(paths, known, strict=True)])
    scores = [scores_of(basis, path)[seen][:, list(axes)] for path, seen in zip(paths, known, strict=True)]
    return Points(
        scores=np.concatenate(scores),
        days=days,
        low=np.concatenate([path.low_trust[seen] for path, seen in zip(paths, known, strict=True)]),
        turn=np.repeat(np.arange(len(paths)), [int(seen.sum()) for seen in known]),
        year=days.astype("datetime64[Y]").astype(np.int64) + 1970,
    )


def _thinned(points: Points) -> Points:
    """The first path whole, and of the views of all others `MANY` at most, evenly spread."""
    own, others = np.flatnonzero(points.turn == 0), np.flatnonzero(points.turn > 0)
    if len(others) <= MANY:
        return points
    kept = np.concatenate([own, others[np.linspace(0, len(others) - 1, MANY).astype(int)]])
    return Points(*(part[kept] for part in points))


def _groups(points: Points, labels: Sequence[str], colour: Colouring) -> tuple[NDArray[np.int64], list[str]]:
    """Which group of the legend each view belongs to, and the groups' names."""
    if colour == "year":
        years, place = np.unique(points.year, return_inverse=True)
        return place, [str(year) for year in years]
    limit = len(QUALITATIVE) if colour == "place" else len(SHAPES)
    names = list(labels[:limit])
    if len(labels) > limit:
        names = [f"{name} and others" for name in names] if colour == "place" else ["all"]
    return points.turn % len(names), names


def _lines(points: Points, group: NDArray[np.int64], theme: Theme, colour: Colouring) -> Iterator[Part]:
    """Thin lines through the views, broken at long gaps, between paths and, coloured by year, at New Year.

    The first path's comes first, as the trail: with its dates, so that the browser finds where it stood on one.
    """
    base: Part = {"mode": "lines", "hoverinfo": "skip", "showlegend": False, "connectgaps": False}
    first = points.turn == 0
    members = [np.flatnonzero(first)]
    if colour == "place":
        members += [np.flatnonzero(~first & (group == place)) for place in np.unique(group[~first])]
    elif not first.all():
        members.append(np.flatnonzero(~first))
    for turn, mine in enumerate(members):
        days = points.days[mine].astype("datetime64[D]").astype(np.int64)
        breaks = (np.diff(days) > LONGEST_LINE) | (np.diff(points.turn[mine]) != 0)
        if colour == "year":
            breaks |= np.diff(points.year[mine]) != 0
        at = np.flatnonzero(breaks) + 1
        shade = QUALITATIVE[group[mine[0]] % len(QUALITATIVE)] if colour == "place" else theme.filled
        trail: Part = {"meta": "trail", "customdata": np.insert(iso(points.days[mine]), at, "").tolist()}
        own = {} if turn else trail
        line = np.insert(points.scores[mine], at, np.nan, axis=0)
        yield base | own | {"line": {"color": shade, "width": 1}} | _coordinates(line)


def _views(
    points: Points, group: NDArray[np.int64], names: Sequence[str], colour: Colouring, *, titles: bool
) -> Iterator[Part]:
    """The views of each group, trusted and not."""
    for place, name in enumerate(names):
        for low in (False, True):
            mine = np.flatnonzero((group == place) & (points.low == low))
            if not mine.size:
                continue
            fixed = QUALITATIVE[place % len(QUALITATIVE)]
            shade: Part = _season_marker(points.days[mine]) if colour == "season" else {"color": fixed}
            shape = SHAPES[place % len(SHAPES)] if colour == "season" else "circle"
            size = (SMALL if low else SIZE) // (2 if points.scores.shape[1] == 3 else 1)
            yield {
                "mode": "markers",
                "marker": {"size": size, "symbol": f"{shape}-open" if low else shape} | shade,
                "name": name,
                "showlegend": not low and (colour != "season" or (titles and len(names) > 1)),
                "legendgroup": name,
                **_told(points.days[mine], name, low=low),
            } | _coordinates(points.scores[mine])


def _told(days: NDArray[np.datetime64], name: str, *, low: bool) -> Part:
    """What a hover says."""
    trust = "low trust" if low else "clear"
    return {"customdata": iso(days), "hovertemplate": f"%{{customdata}}, {trust}<extra>{name}</extra>"}


def _here(points: Points, date: str | None, theme: Theme) -> Part:
    """A ring round the view of the first path that is nearest to a date; chart.js moves it with the player."""
    here = None if date is None else _nearest(points, date)
    x, y = (0.0, 0.0) if here is None else points.scores[here].tolist()
    ends = {
        "x0": -HERE / 2,
        "x1": HERE / 2,
        "y0": -HERE / 2,
        "y1": HERE / 2,
        "xsizemode": "pixel",
        "ysizemode": "pixel",
    }
    line = {"color": theme.cursor, "width": 3}
    return {
        "type": "circle",
        "name": "here",
        "visible": here is not None,
        "xanchor": x,
        "yanchor": y,
        "line": line,
        **ends,
    }


def _here_in_space(points: Points, date: str | None, theme: Theme) -> Part:
    """The same where there are three axes, as a trace."""
    here = None if date is None else _nearest(points, date)
    place = np.full((1, 3), np.nan) if here is None else points.scores[[here]]
    ring = {"size": HERE, "symbol": "circle-open", "color": theme.cursor, "line": {"width": 3, "color": theme.cursor}}
    quiet: Part = {"mode": "markers", "hoverinfo": "skip", "showlegend": False}
    return quiet | {"meta": "here", "marker": ring} | _coordinates(place)


def _nearest(points: Points, date: str) -> int | None:
    mine = np.flatnonzero(points.turn == 0)
    away = np.abs((points.days[mine] - np.datetime64(date, "D")).astype(np.int64))
    return int(mine[away.argmin()]) if mine.size and away.min() <= LONGEST_LINE else None


def _coordinates(points: NDArray[np.float64]) -> Part:
    return dict(zip(("x", "y", "z"), points.astype(np.float32).T, strict=False))


def _season_marker(days: NDArray[np.datetime64]) -> Part:
    """Days of the year as numbers on the cyclic map: a tenth of the text that written colours would take."""
    of_year = (days - days.astype("datetime64[Y]")).astype(np.int16) + np.int16(1)
    return {"color": of_year, "colorscale": CYCLE, "cmin": 1, "cmax": 1 + DAYS_OF_YEAR}


def _season_legend(count: int) -> Iterator[Part]:
    nothing = np.full((1, count), np.nan)
    for (red, green, blue), month in zip(day_of_year_colours(MONTH_DAYS), MONTHS, strict=True):
        marker = {"size": 8, "color": f"rgb({red},{green},{blue})"}
        yield {"mode": "markers", "name": month, "marker": marker, "hoverinfo": "skip"} | _coordinates(nothing)


def _ranges(points: Points, date: str | None) -> tuple[list[list[float]], int]:
    """What the axes show at first, and how many views lie outside: none at the date shown."""
    trusted = points.scores[~points.low]
    low, high = np.quantile(trusted if len(trusted) >= FEW else points.scores, MOST, axis=0)
    reach = FAR * (high - low)
    near = ((points.scores >= low - reach) & (points.scores <= high + reach)).all(axis=1)
    if date is not None and (here := _nearest(points, date)) is not None:
        near[here] = True
    inner = points.scores[near] if near.any() else points.scores
    margin = 0.06 * (inner.max(axis=0) - inner.min(axis=0)) + 1e-6
    spans = np.stack([inner.min(axis=0) - margin, inner.max(axis=0) + margin], axis=1)
    beyond = ((points.scores < spans[:, 0]) | (points.scores > spans[:, 1])).any(axis=1)
    return spans.tolist(), int(beyond.sum())


def _note(outside: int, drawn: int, there: int, theme: Theme) -> list[Part]:
    """That there is more than the view shows."""
    far = f"{outside} view{'' if outside == 1 else 's'} far outside: double-click for all" if outside else ""
    thin = f"{drawn:,} of {there:,} views drawn" if drawn < there else ""
    text = " · ".join(words for words in (thin, far) if words)
    if not text:
        return []
    below: Part = {
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "yshift": -BELOW,
    }
    return [below | {"text": text, "showarrow": False, "font": {"size": 11, "color": theme.muted}}]


def _scene(basis: Basis, axes: tuple[int, ...], theme: Theme) -> Part:
    """The three axes of a solid view, which plotly keeps apart from those of flat ones."""
    plain = {"gridcolor": theme.grid, "backgroundcolor": CLEAR, "color": theme.muted}
    named = {f"{name}axis": {"title": basis.names[axis]} | plain for name, axis in zip("xyz", axes, strict=True)}
    return {"scene": named | {"dragmode": "orbit", "aspectmode": "cube", "camera": {"eye": EYE}}}
