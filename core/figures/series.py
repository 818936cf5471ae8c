"""One pixel over time: a spectral index and, under it, backscatter."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

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
from core.palette import LIGHT, Theme

LONGEST_BRIDGE = 30  # days; no line joins two observations further apart
ROW_HEIGHT = 135  # px


def pixel_series(
    times: NDArray[np.datetime64],
    values: NDArray[np.float32],
    *,
    label: str,
    cursor: str,
    unit: str = "",
    radar: tuple[NDArray[np.datetime64], NDArray[np.float32], NDArray[np.float32]] | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """An index (t,) at one pixel, NaN = missing, with a line at `cursor` (ISO date).

    `radar`: times, VV and VH in dB, for a second row on the same time axis.
    """
    titles = [titled(f"{label} ({unit})" if unit else label)]
    traces = [_points(times, values, name=label, colour=theme.observed, line=theme.filled, row=1)]
    spans = [times]
    if radar is not None:
        radar_times, vv, vh = radar
        titles.append(titled("backscatter (dB)"))
        traces.append(_points(radar_times, vv, name="VV", colour=theme.vv, line=theme.vv, row=2))
        traces.append(_points(radar_times, vh, name="VH", colour=theme.vh, line=theme.vh, row=2))
        spans.append(radar_times)
    rows = len(titles)
    return assemble(
        traces,
        axes=stacked(titles, spacing=0.06) | {"xaxis": time_axis(span_of(*spans), rows=rows)},
        theme=theme,
        height=60 + ROW_HEIGHT * rows,
        showlegend=radar is not None,
        shapes=[cursor_line(cursor, theme)],
    )


def _points(
    times: NDArray[np.datetime64], values: NDArray[np.float32], *, name: str, colour: str, line: str, row: int
) -> Part:
    days, points = broken_at_gaps(times, values, longest_days=LONGEST_BRIDGE)
    return {
        "type": "scatter",
        "x": iso(days),
        "y": points.astype(np.float32),
        "yaxis": row_name(row),
        "name": name,
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"width": 0.8, "color": line},
        "marker": {"size": 3.5, "color": colour},
        "hovertemplate": "%{y:.3~f}",
    }
