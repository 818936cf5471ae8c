"""GPP over time: what the tower saw, what was predicted of days the model never saw, and what was held out when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.layout import SMALL, Part, assemble, broken_at_gaps, cursor_line, iso, span_of, time_axis, titled
from core.palette import LIGHT, Theme

UNIT = "gC m⁻² d⁻¹"
HEIGHT = 400  # px
LONGEST_BRIDGE = 20  # days; no line joins two predictions further apart
LONGEST_LABEL = 12  # characters of a held-out part's name that fit over it
PALE = 0.4  # opacity of every second held-out part, so that neighbours can be told apart


class HeldOut(NamedTuple):
    """A stretch of days that were held out together."""

    name: str
    first: str  # ISO
    last: str


def held_out_spans(predictions: pd.DataFrame) -> list[HeldOut]:
    """Held-out parts of one tower, in time: runs of days of the same fold."""
    table = predictions.sort_values("time")
    turn = (table["fold"] != table["fold"].shift()).cumsum()
    return [
        HeldOut(str(part["fold"].iloc[0]), str(part["time"].iloc[0].date()), str(part["time"].iloc[-1].date()))
        for _, part in table.groupby(turn)
    ]


def gpp_series(
    predictions: pd.DataFrame, *, cursor: str, filled: pd.Series | None = None, theme: Theme = LIGHT
) -> go.Figure:
    """Held-out predictions of one tower, as `core.gpp.store.open_predictions` has them, with a line at `cursor`.

    `filled`: daily values that nobody measured (gC m-2 d-1, NaN = none); they are dashed, and no score counts them.
    """
    table = predictions.sort_values("time", ignore_index=True)
    days = table["time"].to_numpy().astype("datetime64[D]")
    traces = [
        _band(days, table["low"].to_numpy(float), table["high"].to_numpy(float), theme),
        *_filled(filled, theme),
        _line(days, table["climatology"], "climatology", {"width": 1, "dash": "dot", "color": theme.muted}),
        _measured(days, table["observed"], theme),
        _line(days, table["predicted"], "predicted", {"width": 1.6, "color": theme.predicted}),
        *_outside(days[table["outside"].to_numpy(bool)], theme),
    ]
    spans = held_out_spans(table)
    return assemble(
        traces,
        axes={
            "yaxis": titled(f"GPP ({UNIT})"),
            "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
            "xaxis": time_axis(span_of(days), rows=1),
        },
        theme=theme,
        height=HEIGHT,
        shapes=[*_shades(spans, theme), cursor_line(cursor, theme)],
        annotations=list(_labels(spans, theme)),
    )


def tower_series(tower: pd.DataFrame, climatology: pd.Series, *, cursor: str, theme: Theme = LIGHT) -> go.Figure:
    """A tower's daily GPP before there is any model, and its own day-of-year climatology."""
    days = tower.index.to_numpy().astype("datetime64[D]")
    filled = tower["filled"].astype(bool)
    usual = climatology.index.to_numpy().astype("datetime64[D]")
    line = {"width": 1.6, "color": theme.muted}
    traces = [
        *_filled(tower["gpp"].where(filled), theme),
        _measured(days, tower["gpp"].where(~filled), theme),
        _line(usual, climatology, "climatology", line),
    ]
    return assemble(
        traces,
        axes={"yaxis": titled(f"GPP ({UNIT})"), "xaxis": time_axis(span_of(days), rows=1)},
        theme=theme,
        height=HEIGHT,
        shapes=[cursor_line(cursor, theme)],
    )


# ---------------------------------------------------------------- inside
def _measured(days: NDArray[np.datetime64], values: pd.Series, theme: Theme) -> Part:
    known = values.notna().to_numpy()
    return {
        "type": "scatter",
        "x": iso(days[known]),
        "y": values.to_numpy(np.float32)[known],
        "name": "measured",
        "mode": "markers",
        "marker": {"size": 3, "color": theme.observed},
        "hovertemplate": f"%{{y:.2f}} {UNIT}",
    }


def _line(days: NDArray[np.datetime64], values: pd.Series, name: str, line: Part) -> Part:
    shown, points = broken_at_gaps(days, values.to_numpy(float), longest_days=LONGEST_BRIDGE)
    return {
        "type": "scatter",
        "x": iso(shown),
        "y": points.astype(np.float32),
        "name": name,
        "mode": "lines",
        "connectgaps": False,
        "line": line,
        "hovertemplate": f"%{{y:.2f}} {UNIT}",
    }


def _band(days: NDArray[np.datetime64], low: NDArray[np.floating], high: NDArray[np.floating], theme: Theme) -> Part:
    """A closed shape for each unbroken stretch: a fill between two lines would cross the gaps."""
    stretches = np.split(np.arange(len(days)), np.flatnonzero(np.diff(days.astype(int)) > LONGEST_BRIDGE) + 1)
    x: list[str | None] = []
    y: list[float | None] = []
    for rows in stretches:
        x += [*iso(days[rows]), *iso(days[rows[::-1]]), None]
        y += [*_rounded(high[rows]), *_rounded(low[rows[::-1]]), None]
    return {
        "type": "scatter",
        "x": x[:-1],
        "y": y[:-1],
        "name": "90 % interval",
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": theme.band,
        "hoverinfo": "skip",
    }


def _rounded(values: NDArray[np.floating]) -> list[float]:
    return [float(value) for value in np.round(values, 3)]


def _filled(values: pd.Series | None, theme: Theme) -> Iterator[Part]:
    """Dashed, with a small ring where a single day stands alone."""
    if values is None or not values.notna().any():
        return
    known = values.dropna()
    days, points = broken_at_gaps(known.index.to_numpy().astype("datetime64[D]"), known.to_numpy(float), longest_days=1)
    yield {
        "type": "scatter",
        "x": iso(days),
        "y": points.astype(np.float32),
        "name": "filled, never scored",
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"width": 1.2, "dash": "dash", "color": theme.filled},
        "marker": {"size": 3, "symbol": "circle-open", "color": theme.filled},
        "hovertemplate": f"%{{y:.2f}} {UNIT}",
    }


def _outside(days: NDArray[np.datetime64], theme: Theme) -> Iterator[Part]:
    """A mark at the foot of each day that is unlike what the model was trained on."""
    if not days.size:
        return
    marker = {"size": 6, "symbol": "line-ns-open", "color": theme.warm, "line": {"width": 1}}
    yield {
        "type": "scatter",
        "x": iso(days),
        "y": np.full(days.size, 0.015, np.float32),
        "yaxis": "y2",
        "name": "unlike the training days",
        "mode": "markers",
        "marker": marker,
        "hovertemplate": "outside the area of applicability",
    }


def _shades(spans: Sequence[HeldOut], theme: Theme) -> Iterator[Part]:
    for turn, span in enumerate(spans):
        yield {
            "type": "rect",
            "layer": "below",
            "xref": "x",
            "yref": "paper",
            "x0": span.first,
            "x1": span.last,
            "y0": 0,
            "y1": 1,
            "line": {"width": 0},
            "fillcolor": theme.held_out,
            "opacity": PALE if turn % 2 else 1,
        }


def _labels(spans: Sequence[HeldOut], theme: Theme) -> Iterator[Part]:
    for span in spans:
        if len(span.name) <= LONGEST_LABEL:
            yield {
                "text": span.name,
                "x": span.first,
                "y": 1,
                "xref": "x",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "top",
                "showarrow": False,
                "font": {"size": SMALL, "color": theme.muted},
            }
