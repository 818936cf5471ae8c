"""Years of a place compared: their distances, their seasons, how unusual their dates were, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.clusters import escaped
from core.figures.layout import Part, assemble, cursor_line, iso, span_of, time_axis, titled
from core.palette import LIGHT, QUALITATIVE, SEQUENTIAL_ANCHORS, Theme, plotly_scale
from core.trajectories.distance import Distances
from core.trajectories.regions import Event
from core.trajectories.season import Season
from core.trajectories.unusual import UNUSUAL

LANES = 0.7  # of a row: the room for the sources of one year
CELL = 44  # px of a cell of the matrix
PARTS = ("start", "peak", "end")
SYMBOLS = {"start": "triangle-right", "peak": "diamond", "end": "triangle-left"}


def year_matrix(found: Distances, *, measure: Literal["dtw", "area"] = "dtw", theme: Theme = LIGHT) -> go.Figure:
    """Every year against every other; pale = alike. Cells without enough shared days stay empty."""
    values = (found.dtw if measure == "dtw" else found.area).astype(np.float64).copy()
    np.fill_diagonal(values, np.nan)
    labels = [escaped(label) for label in found.labels]
    cells: Part = {
        "type": "heatmap",
        "x": labels,
        "y": labels,
        "z": values.astype(np.float32),
        "text": [["" if value != value else f"{value:.2f}" for value in row] for row in values],
        "texttemplate": "%{text}",
        "colorscale": plotly_scale(SEQUENTIAL_ANCHORS),
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": "%{y} and %{x}: %{z:.3~f}<extra></extra>",
    }
    plain: Part = {"type": "category", "showgrid": False}
    return assemble(
        [cells],
        axes={"xaxis": plain, "yaxis": plain | {"autorange": "reversed"}},
        theme=theme,
        height=70 + CELL * len(labels),
        hovermode="closest",
    )


def season_dates(found: Sequence[Season], *, theme: Theme = LIGHT) -> go.Figure:
    """Start, peak and end of each year by every source, with the clear dates each lies between as bars."""
    sources = list(dict.fromkeys(one.source for one in found))
    years = sorted({one.year for one in found})
    traces: list[Part] = []
    for place, source in enumerate(sources):
        colour = QUALITATIVE[place % len(QUALITATIVE)]
        for part in PARTS:
            dated = [(one.year, getattr(one, part)) for one in found if one.source == source and getattr(one, part)]
            if not dated:
                continue
            day = np.array([_day_of(year, date.date) for year, date in dated], float)
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": day,
                    "y": [years.index(year) + _lane(place, len(sources)) for year, _ in dated],
                    "marker": {"color": colour, "symbol": SYMBOLS[part], "size": 9},
                    "error_x": {
                        "type": "data",
                        "symmetric": False,
                        "array": [_day_of(year, date.last) for year, date in dated] - day,
                        "arrayminus": day - [_day_of(year, date.first) for year, date in dated],
                        "color": colour,
                        "thickness": 1,
                        "width": 3,
                    },
                    "name": escaped(source),
                    "legendgroup": source,
                    "showlegend": part == "start",
                    "customdata": [date.date for _, date in dated],
                    "hovertemplate": f"{part}: %{{customdata}}<extra>{escaped(source)}</extra>",
                }
            )
    return assemble(
        traces,
        axes={
            "xaxis": titled("day of the year"),
            "yaxis": {
                "tickvals": list(range(len(years))),
                "ticktext": [str(year) for year in years],
                "range": [len(years) - 0.5, -0.5],
            },
        },
        theme=theme,
        height=110 + 48 * len(years),
        hovermode="closest",
    )


def _lane(place: int, count: int) -> float:
    """By how much of a row a source lies below the row's middle, so that none hides another."""
    return LANES * ((place + 0.5) / count - 0.5)


def _day_of(year: int, date: str) -> int:
    return int((np.datetime64(date, "D") - np.datetime64(f"{year}-01-01", "D")).astype(int)) + 1


def unusual_series(
    distance: NDArray[np.floating],
    days: NDArray[np.datetime64],
    *,
    limit: float = UNUSUAL,
    events: Sequence[Event] = (),
    known: Sequence[tuple[str, str, str]] = (),
    cursor: str | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """How unusual each date was (t,), and what is above `limit`; `known` (name, first, last day) as shaded spans.

    A line at `cursor` (ISO date); points carry their date as `customdata`.
    """
    seen = np.isfinite(distance)
    out = seen & (np.where(seen, distance, 0) >= limit)
    points: Part = {"type": "scatter", "mode": "markers", "hovertemplate": "%{y:.2f} times the ordinary"}
    traces = [
        points
        | {"x": iso(days[mine]), "y": distance[mine].astype(np.float32), "name": name, "marker": marker}
        | {"customdata": iso(days[mine])}
        for mine, name, marker in (
            (seen & ~out, "ordinary", {"size": 4, "color": theme.observed}),
            (out, "unusual", {"size": 6, "color": theme.predicted}),
        )
    ]
    across: Part = {"x0": 0, "x1": 1, "xref": "paper", "y0": limit, "y1": limit}
    shapes: list[Part] = [{"type": "line", "line": {"color": theme.muted, "width": 1, "dash": "dot"}} | across]
    spans = [("", one.first, one.last) for one in events] + list(known)
    for _, first, last in spans:
        ends: Part = {"x0": first, "x1": last, "y0": 0, "y1": 1, "yref": "paper"}
        shapes.append({"type": "rect", "fillcolor": theme.held_out, "line": {"width": 0}, "layer": "below"} | ends)
    if cursor is not None:
        shapes.append(cursor_line(cursor, theme))
    notes = [
        {"x": first, "y": 1, "yref": "paper", "text": escaped(name), "showarrow": False, "xanchor": "left"}
        for name, first, _ in known
    ]
    return assemble(
        traces,
        axes={
            "xaxis": time_axis(span_of(days), rows=1),
            "yaxis": titled("distance from<br>the usual (1)", rangemode="tozero"),
        },
        theme=theme,
        height=220,
        shapes=shapes,
        annotations=notes,
    )
