"""What all figures share: margins, fonts, axes, the cursor at the current date, and lines that break at gaps.

Figures are put together as plain dictionaries: adding piece by piece would take five times as long, and a figure is
made anew at every step of the date. Plotly's check of every name and value, as long again, is left to the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.palette import Theme

Part = dict[str, Any]  # a trace, an axis, a shape: as plotly's reference names them

# A bar with zoom, pan, reset and download only.
CONFIG: Mapping[str, Any] = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": [
        "sendChartToCloud",  # nothing on the page leaves the computer
        "toImage",
        "select2d",
        "lasso2d",
        "zoomIn2d",
        "zoomOut2d",
        "autoScale2d",
    ],
}
FONT = '"Source Sans", sans-serif'  # Streamlit's own
FONT_SIZE, SMALL = 12, 11  # px
MARGIN = {"l": 52, "r": 10, "t": 8, "b": 38}  # px; plotly adds what the legend on top takes
CLEAR = "rgba(0,0,0,0)"
CHECK = False  # whether plotly checks what it is given; tests/conftest.py says yes
DAY_MS = 86_400_000  # milliseconds a day: what plotly counts dates in


def assemble(
    traces: Iterable[Part], *, axes: Mapping[str, Part], theme: Theme, height: int, **layout: Any
) -> go.Figure:
    """A figure in the house style. `axes` by plotly's names (xaxis, yaxis2, ...); `height` in px, the width is free."""
    base = {
        "template": "none",  # all that differs from plotly.js's own ways stands here
        "autotypenumbers": "strict",
        "height": height,
        "margin": MARGIN,
        "font": {"family": FONT, "size": FONT_SIZE, "color": theme.text},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "hoverlabel": {"bgcolor": theme.page, "bordercolor": theme.grid, "font": {"color": theme.text}},
        "hovermode": "x unified",
        "hoversubplots": "axis",  # all rows over one time axis answer together
        "legend": _legend(),
        "modebar": {"bgcolor": CLEAR, "color": theme.muted, "activecolor": theme.text},
    }
    styled = {name: _axis(theme) | axis for name, axis in axes.items()}
    return go.Figure({"data": list(traces), "layout": base | styled | layout}, _validate=CHECK)


def _legend() -> Part:
    place = {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    return place | {"traceorder": "normal", "font": {"size": SMALL}}


def _axis(theme: Theme) -> Part:
    lines = {"gridcolor": theme.grid, "linecolor": theme.grid, "zeroline": False}
    return lines | {"tickfont": {"color": theme.muted}, "automargin": True}


def colour_bar(title: str, ticks: list[float], theme: Theme) -> Part:
    """What the colours stand for: a short bar in the top margin, at the right."""
    return {
        "title": {"text": title, "side": "right", "font": {"size": SMALL}},
        "orientation": "h",
        "lenmode": "pixels",
        "len": 215,
        "thickness": 8,
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "ypad": 2,
        "outlinewidth": 0,
        "tickvals": ticks,
        "tickfont": {"color": theme.muted, "size": SMALL},
    }


def titled(text: str, **axis: Any) -> Part:
    """A value axis with its quantity and unit."""
    return {"title": {"text": text, "standoff": 4, "font": {"size": FONT_SIZE}}} | axis


def time_axis(span: tuple[str, str], *, rows: int) -> Part:
    """The one time axis under `rows` rows, from ISO date to ISO date; hovers say the ISO date."""
    return {"range": list(span), "hoverformat": "%Y-%m-%d", "tickformat": "%b\n%Y", "anchor": f"y{rows}"}


def row_name(row: int, letter: str = "y") -> str:
    """What a trace calls the axis of a row: y, y2, y3, ..."""
    return letter if row == 1 else f"{letter}{row}"


def stacked(titles: list[Part], *, spacing: float) -> dict[str, Part]:
    """Value axes of rows below each other, the first on top; `spacing` as a part of the height."""
    height = (1 - spacing * (len(titles) - 1)) / len(titles)
    axes = {}
    for row, axis in enumerate(titles, start=1):
        bottom = max(0.0, 1 - row * height - (row - 1) * spacing)
        axes[f"yaxis{'' if row == 1 else row}"] = axis | {"domain": [bottom, min(1.0, bottom + height)]}
    return axes


def cursor_line(date: str, theme: Theme) -> Part:
    """A line through all rows at the current date (ISO); core/ui/components/chart/chart.js moves it with the player."""
    line = {"color": theme.cursor, "width": 1.5}
    ends = {"x0": date, "x1": date, "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "name": "cursor", "line": line} | ends


def broken_at_gaps(
    times: NDArray[np.datetime64], values: NDArray[np.floating], *, longest_days: int
) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    """The finite points of a series, with a NaN inside each gap longer than `longest_days`: no line crosses it."""
    seen = np.isfinite(values)
    days, values = times[seen].astype("datetime64[D]"), values[seen].astype(float)
    gaps = np.flatnonzero(np.diff(days) > np.timedelta64(longest_days, "D"))
    return np.insert(days, gaps + 1, days[gaps] + np.timedelta64(1, "D")), np.insert(values, gaps + 1, np.nan)


def iso(dates: NDArray[np.datetime64]) -> list[str]:
    """Dates as plotly should send and show them: 2021-07-14, shorter than its own way."""
    return [str(day) for day in dates.astype("datetime64[D]")]


def span_of(*times: NDArray[np.datetime64]) -> tuple[str, str]:
    """From the first to the last of all dates."""
    days = np.concatenate([axis.astype("datetime64[D]") for axis in times])
    return str(days.min()), str(days.max())
