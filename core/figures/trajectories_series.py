"""Each value of an embedding over time, and under it what the sensors and the tower saw, on one time axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.clusters import escaped
from core.figures.layout import (
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
from core.figures.trajectories import LONGEST_LINE
from core.gapfill import FilledSeries
from core.palette import LIGHT, Theme
from core.trajectories.paths import Path

ROW_HEIGHT = 110  # px
NOTHING: Mapping[int, FilledSeries] = {}


def path_series(
    path: Path,
    *,
    rows: Sequence[tuple[str, NDArray[np.datetime64], NDArray[np.floating]]] = (),
    filled: Mapping[int, FilledSeries] = NOTHING,
    dims: Sequence[int] = (0, 1, 2),
    cursor: str | None = None,
    span: tuple[str, str] | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Values of the embedding over time, a row each, and `rows` of other series (title, days, values) under them.

    `filled`, by value of the embedding, adds dashed lines with a band of two standard deviations. `span`: first and
    last ISO date to show; without it, all.
    """
    traces: list[Part] = []
    titles: list[Part] = []
    for row, dim in enumerate(dims, start=1):
        titles.append(titled(f"value {dim + 1}"))
        if dim in filled:
            traces += _filled(filled[dim], row, theme)
        traces += _series(path.days, path.values[:, dim], row, theme, name=f"value {dim + 1}", low=path.low_trust)
    for row, (title, days, values) in enumerate(rows, start=len(titles) + 1):
        titles.append(titled(title))
        traces += _series(days, values, row, theme, name=title.replace("<br>", " "))
    spans = [path.days, *(days for _, days, _ in rows)]
    return assemble(
        traces,
        axes=stacked(titles, spacing=0.04) | {"xaxis": time_axis(span or span_of(*spans), rows=len(titles))},
        theme=theme,
        height=60 + ROW_HEIGHT * len(titles),
        showlegend=False,
        shapes=[] if cursor is None else [cursor_line(cursor, theme)],
    )


# ---------------------------------------------------------------- inside
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
                "customdata": iso(days[mine]),
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
