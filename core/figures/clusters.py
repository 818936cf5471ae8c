"""Clusters as figures: all pixels in their principal components, the legend with areas, how many there should be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.clustering.assign import NONE
from core.clustering.legend import Entry
from core.clustering.suggest import STABLE, Suggestion
from core.figures.layout import FONT_SIZE, MARGIN, Part, assemble, titled
from core.palette import LIGHT, Theme

POINTS = 12_000  # drawn at most: more take a browser seconds, and hide each other
SIZE = 4  # px of a point
FAINT = 0.12  # opacity of points that are not chosen
ROW = 24  # px of a line of the legend
RIGHT = 96  # px right of the bars, for the area in words


def cluster_scatter(
    scores: NDArray[np.float32],
    labels: NDArray[np.int16],
    entries: Sequence[Entry],
    *,
    explained: NDArray[np.float64],
    axes: tuple[int, int] = (0, 1),
    chosen: NDArray[np.bool_] | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Pixels by two of their components `scores` (n, p), coloured by `labels` (n,) as in the legend.

    Every point carries its row of `scores` as `customdata`: what a lasso returns. Of many pixels some are drawn;
    `chosen` (n,) ones stand out and are always among them, as far as they fit.
    """
    shown = drawn(len(scores), chosen)
    traces = [
        _points(scores, shown[labels[shown] == entry.id], entry, axes, chosen) for entry in entries if entry.id != NONE
    ]
    return assemble(
        [trace for trace in traces if len(trace["x"])],
        axes={"xaxis": _component(axes[0], explained), "yaxis": _component(axes[1], explained)},
        theme=theme,
        height=420,
        hovermode="closest",
        dragmode="lasso",
        showlegend=False,
    )


def drawn(count: int, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Which of `count` pixels are drawn: all, or evenly spread ones and with them the chosen."""
    if count <= POINTS:
        return np.arange(count)
    if chosen is None or not chosen.any():
        return np.unique(np.linspace(0, count - 1, POINTS).astype(np.int64))
    marked, others = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    marked = marked[np.unique(np.linspace(0, len(marked) - 1, min(len(marked), POINTS // 2)).astype(np.int64))]
    room = min(len(others), POINTS - len(marked))
    others = others[np.unique(np.linspace(0, max(0, len(others) - 1), room).astype(np.int64))] if room else others[:0]
    return np.sort(np.concatenate([marked, others]))


def _points(
    scores: NDArray[np.float32],
    rows: NDArray[np.int64],
    entry: Entry,
    axes: tuple[int, int],
    chosen: NDArray[np.bool_] | None,
) -> Part:
    strength: Any = 0.75 if chosen is None else np.where(chosen[rows], 1.0, FAINT)
    marker = {"size": SIZE, "color": entry.colour, "opacity": strength}
    x, y = (scores[rows, axis] if axis < scores.shape[1] else np.zeros(len(rows)) for axis in axes)
    return {
        "type": "scattergl",
        "mode": "markers",
        "x": x.astype(np.float32),
        "y": y.astype(np.float32),
        "customdata": rows,
        "marker": marker,
        "name": escaped(entry.name),
        "hovertemplate": "%{fullData.name}<extra></extra>",
    }


def _component(axis: int, explained: NDArray[np.float64]) -> Part:
    share = f" ({100 * explained[axis]:.0f} % of the variance)" if axis < len(explained) else ""
    return titled(f"component {axis + 1}{share}", showticklabels=False)


def cluster_areas(entries: Sequence[Entry], *, chosen: int | None = None, theme: Theme = LIGHT) -> go.Figure:
    """The legend as bars: name, area in ha (pixels where that is unknown) and share of the map."""
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [100 * entry.share for entry in entries],
        "y": [str(place) for place in range(len(entries))],
        "text": [_area(entry) for entry in entries],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [entry.id for entry in entries],
        "marker": {
            "color": [entry.colour for entry in entries],
            "opacity": [1.0 if chosen in (None, entry.id) else 0.35 for entry in entries],
        },
        "hoverinfo": "skip",
    }
    names: Part = {
        "type": "category",
        "autorange": "reversed",
        "tickvals": bars["y"],
        "ticktext": [escaped(entry.name) for entry in entries],
        "showgrid": False,
    }
    return assemble(
        [bars],
        axes={"xaxis": {"visible": False, "rangemode": "tozero"}, "yaxis": names},
        theme=theme,
        height=24 + ROW * max(1, len(entries)),
        margin=MARGIN | {"l": 8, "r": RIGHT, "t": 4, "b": 8},
        bargap=0.3,
        hovermode="closest",
        showlegend=False,
    )


def _area(entry: Entry) -> str:
    size = f"{entry.pixels:,} px" if entry.area_ha is None else f"{entry.area_ha:,.1f} ha"
    return f"{size} · {100 * entry.share:.0f} %" if entry.share >= 0.01 else f"{size} · < 1 %"


def escaped(name: str) -> str:
    """A name from a user, as plotly shows it and never reads it as markup."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def number_of_clusters(suggestion: Suggestion, *, used: int | None = None, theme: Theme = LIGHT) -> go.Figure:
    """Stability and silhouette of each number that was tried; the stability it must reach; the one in use."""
    tried = suggestion.candidates
    numbers = [candidate.k for candidate in tried]
    series = {
        "stability": ([candidate.stability for candidate in tried], theme.observed),
        "silhouette": ([candidate.silhouette for candidate in tried], theme.predicted),
    }
    traces: list[Part] = [
        {"type": "scatter", "mode": "lines+markers", "x": numbers, "y": values, "name": name}
        | {"line": {"color": colour, "width": 1.5}, "hovertemplate": "%{y:.2f}"}
        for name, (values, colour) in series.items()
    ]
    ends: Part = {"x0": 0, "x1": 1, "xref": "paper", "y0": STABLE, "y1": STABLE, "yref": "y"}
    shapes = [{"type": "line", "line": {"color": theme.observed, "width": 1, "dash": "dot"}} | ends]
    k = suggestion.k if used is None else used
    ends = {"x0": k, "x1": k, "y0": 0, "y1": 1, "yref": "paper"}
    shapes.append({"type": "line", "line": {"color": theme.cursor, "width": 1.5}} | ends)
    return assemble(
        traces,
        axes={
            "xaxis": titled("number of clusters", dtick=1),
            "yaxis": titled("stability, silhouette (1)", range=[0, 1.02]),
        },
        theme=theme,
        height=220,
        shapes=shapes,
        font={"size": FONT_SIZE, "color": theme.text},
    )


def chosen_rows(customdata: Collection[Any], count: int) -> NDArray[np.bool_]:
    """The pixels (n,) that a lasso returned, from the `customdata` of its points; what is no row is passed over."""
    marked = np.zeros(count, bool)
    for value in customdata:
        row = value[0] if isinstance(value, (list, tuple)) and value else value
        if isinstance(row, (int, float)) and 0 <= row < count:
            marked[int(row)] = True
    return marked
