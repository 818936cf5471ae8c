"""What a GPP model is worth, beside the time axis: 1:1, residuals by season, what matters, sums of years."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.gpp import UNIT
from core.figures.layout import MARGIN, Part, assemble, titled
from core.palette import LIGHT, Theme, day_of_year_colours

SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}  # of the north
MIDDLES = {"winter": 15, "spring": 105, "summer": 196, "autumn": 288}  # days of the year
MOST_POINTS = 3000  # of a scatter; more are thinned out evenly
HEIGHT, ROW = 300, 22  # px


def one_to_one(predictions: pd.DataFrame, *, theme: Theme = LIGHT) -> go.Figure:
    """Observed against predicted, each held-out day a point in the colour of its season, with the 1:1 line."""
    table = predictions.iloc[:: max(1, -(-len(predictions) // MOST_POINTS))]
    values = predictions[["observed", "predicted"]].to_numpy(float)
    low, high = float(values.min()), float(values.max())
    margin = 0.03 * (high - low) or 1.0
    ends = [low - margin, high + margin]
    line: Part = {
        "type": "scatter",
        "x": ends,
        "y": ends,
        "mode": "lines",
        "line": {"width": 1.2, "dash": "dash", "color": theme.muted},
        "name": "1:1",
        "hoverinfo": "skip",
        "showlegend": False,
    }
    axes = {
        "xaxis": titled(f"predicted ({UNIT})", range=ends, constrain="domain"),
        "yaxis": titled(f"measured ({UNIT})", range=ends, scaleanchor="x", constrain="domain"),
    }
    traces = [line, *(_season_points(part, name) for name, part in _by_season(table))]
    figure = assemble(traces, axes=axes, theme=theme, height=HEIGHT, hovermode="closest")
    return figure.update_layout(legend_itemsizing="constant")  # the points are too small to tell their colours


def residuals(predictions: pd.DataFrame, *, theme: Theme = LIGHT) -> go.Figure:
    """Predicted less observed, a box a season."""
    traces: list[Part] = [
        {
            "type": "box",
            "y": (part["predicted"] - part["observed"]).to_numpy(np.float32),
            "name": f"{name}<br>{len(part)} days",
            "boxpoints": False,
            "marker": {"color": _colour(name)},
            "line": {"width": 1.3},
        }
        for name, part in _by_season(predictions)
    ]
    zero: Part = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 0, "y1": 0}
    return assemble(
        traces,
        axes={"yaxis": titled(f"predicted − measured<br>({UNIT})"), "xaxis": {"showgrid": False}},
        theme=theme,
        height=HEIGHT - 60,
        showlegend=False,
        hovermode="closest",
        shapes=[zero | {"line": {"width": 1.2, "dash": "dash", "color": theme.muted}}],
    )


def importance_bars(importance: Mapping[str, Mapping[str, float]], *, theme: Theme = LIGHT) -> go.Figure:
    """How much worse the model gets when a group of features, or a lag, is mixed up among the days."""
    traces: list[Part] = []
    for part, label, colour in (("lag", "which days", theme.vv), ("group", "which features", theme.predicted)):
        found = sorted(importance.get(part, {}).items(), key=lambda pair: pair[1])
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": [name for name, _ in found],
                "x": [value for _, value in found],
                "name": label,
                "marker": {"color": colour},
                "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
            }
        )
    rows = sum(len(trace["y"]) for trace in traces)
    return assemble(
        traces,
        axes={"xaxis": titled("mean squared error added ((gC m⁻² d⁻¹)²)"), "yaxis": {"type": "category"}},
        theme=theme,
        height=100 + ROW * rows,
        margin=MARGIN | {"l": 120},
        hovermode="closest",
        bargap=0.3,
    )


def annual_bars(sums: pd.DataFrame, *, theme: Theme = LIGHT) -> go.Figure:
    """Sums of whole years of one tower, with the middle 90 % of what they may be."""
    total = sums["gpp"].to_numpy(float)
    error = {
        "type": "data",
        "symmetric": False,
        "array": sums["high"].to_numpy(float) - total,
        "arrayminus": total - sums["low"].to_numpy(float),
        "color": theme.text,
        "thickness": 1.2,
    }
    bars: Part = {
        "type": "bar",
        "x": [str(year) for year in sums["year"]],
        "y": total,
        "error_y": error,
        "marker": {"color": theme.predicted},
        "customdata": sums[["low", "high"]].to_numpy(float),
        "hovertemplate": "%{y:.0f}, 90 % within %{customdata[0]:.0f} to %{customdata[1]:.0f}<extra>%{x}</extra>",
    }
    axes: dict[str, Part] = {
        "xaxis": {"type": "category", "showgrid": False},
        "yaxis": titled("GPP (gC m⁻² a⁻¹)", rangemode="tozero"),
    }
    return assemble([bars], axes=axes, theme=theme, height=HEIGHT - 30, hovermode="closest", bargap=0.55)


# ---------------------------------------------------------------- inside
def _by_season(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    months = table["time"].dt.month
    parts = [(name, table[months.isin(member)]) for name, member in SEASONS.items()]
    return [(name, part) for name, part in parts if len(part)]


def _season_points(part: pd.DataFrame, name: str) -> Part:
    return {
        "type": "scatter",
        "x": part["predicted"].to_numpy(np.float32),
        "y": part["observed"].to_numpy(np.float32),
        "mode": "markers",
        "marker": {"size": 4, "color": _colour(name), "opacity": 0.75},
        "text": [f"{site} {day.date()}" for site, day in zip(part["site"], part["time"], strict=True)],
        "name": name,
        "hovertemplate": "%{text}<br>predicted %{x:.2f}, measured %{y:.2f}<extra></extra>",
    }


def _colour(season: str) -> str:
    red, green, blue = day_of_year_colours([MIDDLES[season]])[0]
    return f"rgb({red},{green},{blue})"
