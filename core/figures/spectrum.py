"""The spectrum of one pixel: this date before the spread of its seasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.layout import Part, assemble, titled
from core.frames import nearest_date
from core.palette import LIGHT, Theme, day_of_year_colours
from core.schema import SENTINEL2

WAVELENGTHS = np.array([band.wavelength_nm for band in SENTINEL2], float)  # nm
NAMES = np.array([band.name for band in SENTINEL2])
# Nothing is measured between 865 and 1614 nm: the axis is broken there. Each panel: nm from, to, tick step, place.
PANELS = ((470.0, 900.0, 100, (0.0, 0.66)), (1530.0, 2280.0, 300, (0.68, 1.0)))
SEASONS = {"Dec–Feb": (12, 1, 2), "Mar–May": (3, 4, 5), "Jun–Aug": (6, 7, 8), "Sep–Nov": (9, 10, 11)}
HEADROOM = 1.3  # of the axis over the highest value drawn, for the names of the bands
SEASON_MIDDLES = (15, 105, 196, 288)  # day of year, for their colours


def spectrum(
    times: NDArray[np.datetime64], reflectance: NDArray[np.float32], *, cursor: str, theme: Theme = LIGHT
) -> go.Figure:
    """Reflectance (t, 10) of one pixel in the order of schema.S2_BANDS, NaN = missing, against wavelength.

    Drawn: the observation nearest to `cursor` (ISO date), the median of each season and the range that holds 80 % of
    all clear dates. A cloudy date is said to be one, never replaced.
    """
    clear = np.isfinite(reflectance).all(axis=1)
    index = nearest_date(times, cursor)
    date, seen = str(times[index].astype("datetime64[D]")), bool(np.isfinite(reflectance[index]).any())
    traces = [*_spread(reflectance[clear], theme), *_seasons(times[clear], reflectance[clear])]
    if seen:
        traces += _observation(date, reflectance[index], theme)
    notes = band_names(theme) if seen else [*band_names(theme), _cloudy(date)]
    axes = spectrum_axes(highest=max((max(trace["y"], default=0.0) for trace in traces), default=0.0))
    return assemble(traces, axes=axes, theme=theme, height=290, annotations=notes, shapes=band_lines(theme))


def _spread(spectra: NDArray[np.float32], theme: Theme) -> Iterator[Part]:
    if len(spectra) == 0:
        return
    low, high = np.percentile(spectra, (10, 90), axis=0)
    edge: Part = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    for panel in (1, 2):  # the lower edge of a panel fills up to the trace before it
        yield spectrum_line(high, panel, **edge, showlegend=False)
        name = "80 % of dates"
        yield spectrum_line(low, panel, **edge, name=name, fill="tonexty", fillcolor=theme.held_out)


def _seasons(times: NDArray[np.datetime64], spectra: NDArray[np.float32]) -> Iterator[Part]:
    months = times.astype("datetime64[M]").astype(int) % 12 + 1
    for (name, inside), colour in zip(SEASONS.items(), day_of_year_colours(SEASON_MIDDLES).tolist(), strict=True):
        chosen = np.isin(months, inside)
        if not chosen.any():
            continue
        line = {"width": 1.5, "color": f"rgb{tuple(colour)}"}
        for panel in (1, 2):
            yield spectrum_line(np.median(spectra[chosen], axis=0), panel, name=name, mode="lines", line=line)


def _observation(date: str, values: NDArray[np.float32], theme: Theme) -> Iterator[Part]:
    style: Part = {"line": {"width": 2, "color": theme.observed}, "marker": {"color": theme.observed, "size": 7}}
    for panel in (1, 2):
        yield spectrum_line(values, panel, name=date, mode="lines+markers", **style)


def spectrum_line(values: NDArray[np.floating], panel: int, **style: Any) -> Part:
    """The part of a spectrum (10,) that lies in a panel; the first panel speaks for both in the legend."""
    low, high, _, _ = PANELS[panel - 1]
    here = (low <= WAVELENGTHS) & (high >= WAVELENGTHS)
    # Lists: of so few numbers plotly's way with arrays would take the most of a step of the date.
    points = {"x": WAVELENGTHS[here], "y": values[here].astype(float), "text": NAMES[here]}
    trace: Part = {"type": "scatter"} | {name: part.tolist() for name, part in points.items()}
    trace |= {"xaxis": _x(panel), "hovertemplate": "%{text} %{y:.3f}", "legendgroup": style.get("name", "")}
    return trace | style | ({"showlegend": False} if panel == 2 else {})


def _x(panel: int) -> str:
    return "x" if panel == 1 else "x2"


def _panel_of(wavelength: float) -> int:
    return 1 if wavelength <= PANELS[0][1] else 2


def _cloudy(date: str) -> Part:
    place = {"x": 0.03, "y": 0.78, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top"}
    return {"text": f"no clear view<br>of this pixel<br>on {date}", "align": "left", "showarrow": False} | place


def band_names(theme: Theme) -> list[Part]:
    """Upright beside each band's line, at the top."""
    style: Part = {"textangle": -90, "showarrow": False, "font": {"size": 10, "color": theme.muted}}
    place: Part = {"y": 1, "yref": "paper", "xanchor": "right", "yanchor": "top"}
    return [
        {"text": str(name), "x": wavelength, "xref": _x(_panel_of(wavelength))} | style | place
        for name, wavelength in zip(NAMES, WAVELENGTHS.tolist(), strict=True)
    ]


def band_lines(theme: Theme) -> list[Part]:
    """A thin line at each wavelength: one path a panel."""
    paths = []
    for panel in (1, 2):
        ends = (f"M{wavelength},0V1" for wavelength in WAVELENGTHS.tolist() if _panel_of(wavelength) == panel)
        place = {"xref": _x(panel), "yref": "paper", "layer": "below"}
        paths.append({"type": "path", "path": "".join(ends), "line": {"color": theme.grid, "width": 1}} | place)
    return paths


def spectrum_axes(*, highest: float) -> dict[str, Part]:
    top = HEADROOM * highest if highest > 0 else 1.0
    axes = {"yaxis": titled("reflectance (1)", range=[0, top], tickformat=".2~f")}
    for name, (low, high, step, domain) in zip(("xaxis", "xaxis2"), PANELS, strict=True):
        axes[name] = {
            "range": [low, high],
            "dtick": step,
            "domain": list(domain),
            "showgrid": False,
            "hoverformat": ".0f",
        }
    axes["xaxis"] |= titled("wavelength (nm)")
    return axes
