"""What drove the place and what the tower saw: weather and GPP, day by day on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.layout import DAY_MS, Part, assemble, cursor_line, row_name, span_of, stacked, time_axis, titled
from core.palette import LIGHT, Theme

ROW_HEIGHT = 92  # px


def site_strips(
    weather: pd.DataFrame | None,
    tower: pd.DataFrame | None,
    *,
    cursor: str,
    span: tuple[str, str] | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Strips of what there is: temperature, precipitation, radiation, tower GPP; a line at `cursor` (ISO date).

    Daily tables as core.schema describes them. `span`: first and last ISO date to show; without it, all.
    """
    strips = _strips(weather, tower)
    if not strips:
        return _nothing(theme)
    traces = [
        {"type": "scatter", "connectgaps": False, "showlegend": False, "yaxis": row_name(row)} | trace
        for row, (table, _, draw) in enumerate(strips, start=1)
        for trace in draw(table, theme)
    ]
    span = span or span_of(*(table.index.to_numpy() for table, _, _ in strips))
    return assemble(
        traces,
        axes=stacked([axis for _, axis, _ in strips], spacing=0.03) | {"xaxis": time_axis(span, rows=len(strips))},
        theme=theme,
        height=60 + ROW_HEIGHT * len(strips),
        shapes=[cursor_line(cursor, theme)],
    )


Strip = tuple[pd.DataFrame, Part, Callable[[pd.DataFrame, Theme], Iterator[Part]]]


def _strips(weather: pd.DataFrame | None, tower: pd.DataFrame | None) -> list[Strip]:
    """Table, value axis and drawing of each strip."""
    known: dict[str, tuple[Part, Callable[[pd.DataFrame, Theme], Iterator[Part]]]] = {
        "temperature": (titled("air<br>(°C)"), _temperature),
        "precipitation": (titled("precip.<br>(mm d⁻¹)", rangemode="tozero"), _precipitation),
        "radiation": (titled("radiation<br>(MJ m⁻² d⁻¹)", rangemode="tozero"), _radiation),
    }
    strips = [(weather, *known[name]) for name in known if weather is not None and name in weather]
    return strips if tower is None else [*strips, (tower, titled("GPP<br>(gC m⁻² d⁻¹)"), _gpp)]


def _nothing(theme: Theme) -> go.Figure:
    note = {"text": "no weather and no tower data", "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    hidden = {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    return assemble([], axes=hidden, theme=theme, height=60, annotations=[note | {"showarrow": False}])


def _temperature(weather: pd.DataFrame, theme: Theme) -> Iterator[Part]:
    hover = {"mode": "lines", "hovertemplate": "%{y:.1f} °C"}
    if {"temperature_min", "temperature_max"} <= set(weather.columns):
        edge = hover | {"line": {"width": 0}}
        yield edge | {"name": "lowest"} | _daily(weather["temperature_min"])
        shade = {"fill": "tonexty", "fillcolor": theme.warm_band}
        yield edge | shade | {"name": "highest"} | _daily(weather["temperature_max"])
    line = {"width": 1, "color": theme.warm}
    yield hover | {"name": "temperature", "line": line} | _daily(weather["temperature"])


def _precipitation(weather: pd.DataFrame, theme: Theme) -> Iterator[Part]:
    """Bars as the outline of one area: 1,461 separate ones would take the browser much longer to draw."""
    line = {"width": 0.6, "shape": "hvh", "color": theme.rain}  # a day is less than a pixel wide: keeps it dark
    area = {"mode": "lines", "line": line, "fill": "tozeroy", "fillcolor": theme.rain}
    named = {"name": "precipitation", "hovertemplate": "%{y:.1f} mm d⁻¹"}
    yield area | named | _daily(weather["precipitation"])


def _radiation(weather: pd.DataFrame, theme: Theme) -> Iterator[Part]:
    line = {"mode": "lines", "line": {"width": 1, "color": theme.sun}}
    yield line | {"name": "radiation", "hovertemplate": "%{y:.1f} MJ m⁻² d⁻¹"} | _daily(weather["radiation"])


def _gpp(tower: pd.DataFrame, theme: Theme) -> Iterator[Part]:
    """Measured days as dark points, filled ones as pale rings; nothing in gaps."""
    filled = tower["filled"].astype(bool)
    points = {"mode": "markers", "hovertemplate": "%{y:.2f} gC m⁻² d⁻¹", "showlegend": True}
    ring = {"size": 5, "symbol": "circle-open", "color": theme.filled, "line": {"width": 1.2}}
    dot = {"size": 3, "color": theme.observed}
    yield points | {"name": "GPP, filled", "marker": ring} | _daily(tower["gpp"].where(filled))
    first = {"legendrank": 1}
    yield points | first | {"name": "GPP, measured", "marker": dot} | _daily(tower["gpp"].where(~filled))


def _daily(series: pd.Series) -> dict[str, Any]:
    """A daily series as plotly takes it without a date for each value: a twentieth of the text to send."""
    return {"x0": str(series.index[0].date()), "dx": DAY_MS, "y": series.to_numpy(np.float32)}
