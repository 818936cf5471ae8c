"""Daily weather from grids of AgERA5, ERA5 and their like, at the cell nearest to a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.schema import InputError
from core.sources.crs import transformer
from core.sources.ingest.humidity import VAPOUR, with_vpd
from core.sources.ingest.layers import Layer

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.typing import SeriesGroupBy

    from core.sources.embeddings.stack import Stack

ZERO_CELSIUS = 273.15  # K
COLDEST_K = 150.0  # a temperature above it is in kelvin whatever the file says
JOULES = 1e6  # in a megajoule
WATT_DAY = 0.0864  # MJ m-2 d-1 in a W m-2 kept up for a day
WGS84 = "EPSG:4326"
WIDEST = 1.0  # cells that a place may lie beyond the edge of a grid


class Series(NamedTuple):
    column: str  # of WEATHER_COLUMNS, or VAPOUR
    daily: str  # how hours become a day
    spellings: tuple[str, ...]  # in lower case, without signs


SERIES = (
    Series("temperature", "mean", ("temperaturemean", "temperatureair2mmean24h", "t2m", "2mtemperature", "tas")),
    Series("temperature_min", "min", ("temperaturemin", "temperatureair2mmin24h", "mn2t", "tasmin")),
    Series("temperature_max", "max", ("temperaturemax", "temperatureair2mmax24h", "mx2t", "tasmax")),
    Series("dewpoint", "mean", ("dewpointtemperature", "dewpointtemperature2mmean", "d2m", "2mdewpointtemperature")),
    Series("precipitation", "sum", ("precipitationflux", "precipitation", "tp", "totalprecipitation", "pr")),
    Series("radiation", "sum", ("solarradiationflux", "ssrd", "surfacesolarradiationdownwards", "rsds")),
    Series("wind_speed", "mean", ("windspeed", "windspeed10mmean", "windspeed10mmean24h", "si10", "10mwindspeed")),
    Series("vpd", "mean", ("vpd", "vapourpressuredeficit", "vaporpressuredeficit")),
    Series(VAPOUR, "mean", ("vapourpressure", "vapourpressuremean", "vaporpressure", "vapourpressure24hmean")),
)
BY_SPELLING = {spelling: series for series in SERIES for spelling in series.spellings}


def is_weather(layer: Layer) -> bool:
    return _plain(layer.name) in BY_SPELLING


def from_layers(layers: Sequence[Layer], *, at: tuple[float, float] | None = None) -> pd.DataFrame | None:
    """The daily table of weather layers at `at` (longitude, latitude), else over all their cells.

    None without a series of several days.
    """
    import pandas as pd

    columns: dict[str, pd.Series] = {}
    for layer in layers:
        series = BY_SPELLING.get(_plain(layer.name))
        if series is not None and series.column not in columns and len(layer.stack.times) > 1:
            columns[series.column] = _series(layer, series, at)
    return every_day(with_vpd(pd.DataFrame(columns))) if columns else None


def every_day(table: pd.DataFrame) -> pd.DataFrame:
    """Every day from the first to the last, NaN where there is no value."""
    import pandas as pd

    days = pd.date_range(table.index[0], table.index[-1], freq="D", name="time")
    return table.reindex(days).astype(float)


# ---------------------------------------------------------------- a layer as days
def _series(layer: Layer, series: Series, at: tuple[float, float] | None) -> pd.Series:
    import pandas as pd

    stack = layer.stack
    rows, cols = _cells(stack, at)
    values = stack.read(slice(0, len(stack.times)), rows, cols)[0]
    known = np.isfinite(values).reshape(len(values), -1)
    with np.errstate(invalid="ignore"):
        mean = np.where(known, values.reshape(len(values), -1), 0).sum(1) / known.sum(1)
    table = pd.Series(mean.astype(float), index=pd.DatetimeIndex(stack.times)).sort_index()
    days = table.groupby(pd.DatetimeIndex(table.index).normalize())
    per_day = round(len(table) / max(1, days.ngroups))
    return UNITS[series.column](_per_day(days, series, per_day), layer.units.lower(), per_day)


def _per_day(days: SeriesGroupBy, series: Series, count: int) -> pd.Series:
    if count <= 1:
        return days.first()
    return days.sum(min_count=1) if series.daily == "sum" else days.agg(series.daily)


def _cells(stack: Stack, at: tuple[float, float] | None) -> tuple[slice, slice]:
    """Rows and columns of the cell nearest to a place; all of them where no place is asked for."""
    if at is None:
        return slice(0, len(stack.y)), slice(0, len(stack.x))
    lon, lat = at
    crs = stack.crs or WGS84  # the field's grids of weather are in degrees, and seldom say so
    x, y = (lon, lat) if crs == WGS84 else transformer(WGS84, crs).transform(lon, lat)
    if crs == WGS84 and stack.x.max() > 180:
        x %= 360
    return _nearest(stack, stack.y, y), _nearest(stack, stack.x, x)


def _nearest(stack: Stack, axis: np.ndarray, value: float) -> slice:
    index = int(np.argmin(np.abs(axis - value)))
    width = float(np.abs(np.diff(axis)).max()) if len(axis) > 1 else np.inf
    if abs(axis[index] - value) > WIDEST * width:
        raise InputError("weather", stack.name, "does not reach the site", "give the weather of that place")
    return slice(index, index + 1)


# ---------------------------------------------------------------- units
def _temperature(values: pd.Series, units: str, per_day: int) -> pd.Series:
    return values - ZERO_CELSIUS if values.median() > COLDEST_K else values


def _precipitation(values: pd.Series, units: str, per_day: int) -> pd.Series:
    if units in ("m", "m of water equivalent", "m d-1"):
        return values * 1000
    if "s-1" in units or "/s" in units or "s**-1" in units:  # kg m-2 s-1, added up or not
        return values * 86400 / per_day
    return values


def _radiation(values: pd.Series, units: str, per_day: int) -> pd.Series:
    if units.startswith("w"):
        return values * WATT_DAY / per_day
    return values if units.startswith("mj") else values / JOULES


def _pressure(values: pd.Series, units: str, per_day: int) -> pd.Series:
    """In kPa; a number that states no unit is told by its size: the air holds less than 7 kPa of vapour."""
    if units in ("hpa", "mbar", "millibars", "mb") or (not units and 7 < values.max() <= 70):
        return values / 10
    return values / 1000 if units == "pa" or (not units and values.max() > 70) else values


def _as_is(values: pd.Series, units: str, per_day: int) -> pd.Series:
    return values


UNITS: dict[str, Callable[[pd.Series, str, int], pd.Series]] = {
    "temperature": _temperature,
    "temperature_min": _temperature,
    "temperature_max": _temperature,
    "dewpoint": _temperature,
    "precipitation": _precipitation,
    "radiation": _radiation,
    "wind_speed": _as_is,
    "vpd": _pressure,
    VAPOUR: _pressure,
}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
