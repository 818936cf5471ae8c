"""A date of the season as a map: of one year, and by how much it was later or earlier than in other years."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.layout import MARGIN, Part, assemble, colour_bar
from core.palette import DIVERGING_ANCHORS, LIGHT, SEQUENTIAL_ANCHORS, Theme, plotly_scale

HEIGHT = 330  # px
SPAN = (2.0, 98.0)  # % of the pixels: the colours end there
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEAST_DAYS = 10.0  # half the width of a difference's colours, at least


def date_map(day: NDArray[np.floating], year: int, *, title: str, theme: Theme = LIGHT) -> go.Figure:
    """Days of the year (rows, cols), 1 = 1 January, NaN where there is none; a hover says the date."""
    dates = _dates(day, year)
    low, high = (round(float(end)) for end in np.nanpercentile(day, SPAN)) if np.isfinite(day).any() else (1, 366)
    high = max(high, low + 2)
    ticks = np.linspace(low, high, 3).round()
    bar = colour_bar(title, ticks.tolist(), theme) | {"ticktext": [_short(tick, year) for tick in ticks]}
    scale: Part = {"colorscale": plotly_scale(SEQUENTIAL_ANCHORS), "zmin": low, "zmax": high, "colorbar": bar}
    return _map(day, scale | {"customdata": dates.tolist(), "hovertemplate": "%{customdata}<extra></extra>"}, theme)


def difference_map(days: NDArray[np.floating], *, title: str, theme: Theme = LIGHT) -> go.Figure:
    """Days by which something was later (rows, cols), NaN where unknown; earlier is negative."""
    known = np.abs(days[np.isfinite(days)])
    most = max(LEAST_DAYS, float(np.percentile(known, SPAN[1]))) if known.size else LEAST_DAYS
    most = float(np.ceil(most))
    bar = colour_bar(title, [-most, 0, most], theme)
    bar |= {"ticktext": [f"−{most:.0f} d", "0", f"+{most:.0f} d"]}
    scale: Part = {"colorscale": plotly_scale(DIVERGING_ANCHORS), "zmin": -most, "zmax": most, "colorbar": bar}
    return _map(days, scale | {"hovertemplate": "%{z:+.0f} d<extra></extra>"}, theme)


# ---------------------------------------------------------------- inside
def _map(values: NDArray[np.floating], scale: Part, theme: Theme) -> go.Figure:
    rows, cols = values.shape
    image: Part = {"type": "heatmap", "z": values.astype(np.float32), "hoverongaps": False}
    frame: Part = {"showticklabels": False, "ticks": "", "showgrid": False, "constrain": "domain"}
    return assemble(
        [image | scale],
        axes={
            "xaxis": frame | {"range": [-0.5, cols - 0.5], "mirror": True, "showline": True},
            "yaxis": frame | {"range": [rows - 0.5, -0.5], "scaleanchor": "x", "mirror": True, "showline": True},
        },
        theme=theme,
        height=HEIGHT,
        margin=MARGIN | {"t": 40, "l": 10, "b": 10},
        hovermode="closest",
        showlegend=False,
    )


def _dates(day: NDArray[np.floating], year: int) -> NDArray[np.object_]:
    known = np.isfinite(day)
    dates = np.datetime64(f"{year}-01-01") + (np.where(known, day, 1).round().astype(int) - 1)
    return np.where(known, np.datetime_as_string(dates), "").astype(object)


def _short(day: float, year: int) -> str:
    """2021-05-04 as 4 May."""
    date = np.datetime64(f"{year}-01-01") + int(day) - 1
    month = int(date.astype("datetime64[M]").astype(int)) % 12
    return f"{int(str(date)[8:])} {MONTHS[month]}"
