"""When the place was seen: a row a year, a bar for each optical date, a mark for each radar date."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.layout import MARGIN, Part, assemble, colour_bar, iso
from core.palette import LIGHT, Theme

BAR_DAYS = 3.6  # width of a bar in days; Sentinel-2 returns every five
BAR_HEIGHT = 0.56  # of a row
CURSOR_HEIGHT = 0.8  # of a row
RADAR_OFFSET = 0.36  # of a row: how far under the bars' middle the radar marks stand
ROW_HEIGHT = 30  # px
LEAP_YEAR = 2020  # the x axis is any leap year: its month starts are the ticks
MONTHS = ("Jan", "", "Mar", "", "May", "", "Jul", "", "Sep", "", "Nov", "")  # every second: they fit 400 px


def acquisition_calendar(
    times: NDArray[np.datetime64],
    clear_share: NDArray[np.float32],
    s1_times: NDArray[np.datetime64],
    *,
    cursor: str,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Share of clear pixels (t,) 0..1 of each Sentinel-2 date as colour, Sentinel-1 dates as marks, `cursor` framed.

    Every bar and mark carries its ISO date as `customdata`, so that a click on it can choose the date.
    """
    today = np.array([cursor], "datetime64[D]")
    years = np.unique(np.concatenate([_year(times), _year(s1_times), _year(today)]))
    starts = np.array([np.datetime64(f"{LEAP_YEAR}-{month:02}-01") for month in range(1, 13)])
    axes: dict[str, Part] = {
        "xaxis": {"range": (-1, 368), "tickvals": _day_of_year(starts), "ticktext": MONTHS, "tickangle": 0},
        "yaxis": {"tickvals": years, "range": (years.max() + 0.6, years.min() - 0.5), "showgrid": False},
    }
    radar = [_radar(s1_times, theme)] if s1_times.size else []
    return assemble(
        [_optical(times, clear_share, theme), *radar],
        axes=axes,
        theme=theme,
        height=90 + ROW_HEIGHT * years.size,
        margin=MARGIN | {"l": 40, "b": 24},
        hovermode="closest",
        shapes=[_cursor(today, theme)],
        barmode="overlay",
        bargap=0,
    )


def _optical(times: NDArray[np.datetime64], share: NDArray[np.float32], theme: Theme) -> Part:
    shade = {"colorscale": [(0, theme.nothing), (1, theme.clear)], "cmin": 0, "cmax": 100}
    return {
        "type": "bar",
        "x": _day_of_year(times),
        "y": np.full(times.size, BAR_HEIGHT),
        "base": _year(times) - BAR_HEIGHT / 2,
        "width": BAR_DAYS,
        "marker": shade
        | {
            "color": 100 * share,
            "line": {"width": 0},
            "colorbar": colour_bar("Sentinel-2 clear (%)", [0, 50, 100], theme),
        },
        "customdata": iso(times),
        "hovertemplate": "%{customdata}: %{marker.color:.0f} % clear<extra></extra>",
        "name": "Sentinel-2",
        "showlegend": False,
    }


def _radar(times: NDArray[np.datetime64], theme: Theme) -> Part:
    return {
        "type": "scatter",
        "x": _day_of_year(times),
        "y": _year(times) + RADAR_OFFSET,
        "mode": "markers",
        "marker": {"symbol": "circle", "size": 3, "color": theme.vh},
        "customdata": iso(times),
        "hovertemplate": "%{customdata}: Sentinel-1<extra></extra>",
        "name": "Sentinel-1",
        "showlegend": True,
    }


def _cursor(today: NDArray[np.datetime64], theme: Theme) -> Part:
    """A line as high as a row at the current date; `cursorAt` in core/ui/components/chart/chart.js agrees."""
    day, year = float(_day_of_year(today)[0]), float(_year(today)[0])
    ends = {"x0": day, "x1": day, "y0": year - CURSOR_HEIGHT / 2, "y1": year + CURSOR_HEIGHT / 2}
    return {"type": "line", "name": "cursor", "line": {"color": theme.cursor, "width": 2.5}} | ends


def _year(times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return times.astype("datetime64[Y]").astype(np.int64) + 1970


def _day_of_year(times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """1..366."""
    return (times.astype("datetime64[D]") - times.astype("datetime64[Y]")).astype(np.int64) + 1
