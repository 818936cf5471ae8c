"""Daily weather from a grid of AgERA5 or ERA5, or from a table whose columns are named as Fluxscape's are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.schema import WEATHER_COLUMNS, InputError
from core.sources.ingest.layers import Layer
from core.sources.tables import read_csv, times

if TYPE_CHECKING:
    import pandas as pd

ZERO_CELSIUS = 273.15  # K
COLDEST_K = 150.0  # a temperature above it is in kelvin whatever the file says
JOULES = 1e6  # in a megajoule
WATT_DAY = 0.0864  # MJ m-2 d-1 in a W m-2 kept up for a day


class Series(NamedTuple):
    column: str  # of WEATHER_COLUMNS
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
)
BY_SPELLING = {spelling: series for series in SERIES for spelling in series.spellings}


def is_weather(layer: Layer) -> bool:
    return _plain(layer.name) in BY_SPELLING


def from_layers(layers: Sequence[Layer]) -> pd.DataFrame | None:
    """The daily table of weather layers, the mean over their pixels; None without a series of several days."""
    import pandas as pd

    columns: dict[str, pd.Series] = {}
    for layer in layers:
        series = BY_SPELLING.get(_plain(layer.name))
        if series is None or series.column in columns or len(layer.stack.times) < 2:
            continue
        stack = layer.stack
        values = stack.read(slice(0, len(stack.times)), slice(0, len(stack.y)), slice(0, len(stack.x)))[0]
        with np.errstate(invalid="ignore"):
            known = np.isfinite(values).reshape(len(values), -1)
            mean = np.where(known, values.reshape(len(values), -1), 0).sum(1) / known.sum(1)
        table = pd.Series(mean.astype(float), index=pd.DatetimeIndex(stack.times)).sort_index()
        days = table.groupby(pd.DatetimeIndex(table.index).normalize())
        per_day = round(len(table) / max(1, days.ngroups))
        if per_day > 1:
            table = days.sum(min_count=1) if series.daily == "sum" else days.agg(series.daily)
        else:
            table = days.first()
        columns[series.column] = UNITS[series.column](table, layer.units.lower(), per_day)
    return _daily(pd.DataFrame(columns)) if columns else None


def from_table(path: Path) -> pd.DataFrame:
    """The daily table in a CSV file."""
    import pandas as pd

    table = read_csv(path)
    moments = times(table)
    known = [column for column in WEATHER_COLUMNS if column in table.columns]
    if moments is None or not known:
        remedy = f"give a column date and any of {', '.join(WEATHER_COLUMNS)}"
        raise InputError("weather", path.name, "is no daily table of weather", remedy)
    values = table[known].apply(pd.to_numeric, errors="coerce").set_axis(moments, axis=0)
    values = values[values.index.notna()]
    if values.index.normalize().duplicated().any():
        raise InputError("weather", path.name, "has several rows a day", "average it to days first")
    return _daily(values.set_axis(values.index.normalize(), axis=0).sort_index())


def _daily(table: pd.DataFrame) -> pd.DataFrame:
    """Every day from the first to the last, NaN where there is no value."""
    import pandas as pd

    days = pd.date_range(table.index[0], table.index[-1], freq="D", name="time")
    return table.reindex(days).astype(float)


# ---------------------------------------------------------------- units
def _temperature(values: pd.Series, units: str, per_day: int) -> pd.Series:
    return values - ZERO_CELSIUS if values.median() > COLDEST_K else values


def _precipitation(values: pd.Series, units: str, per_day: int) -> pd.Series:
    if units in ("m", "m of water equivalent", "m d-1"):
        return values * 1000
    if "s-1" in units or "/s" in units:  # kg m-2 s-1, added up or not
        return values * 86400 / per_day
    return values


def _radiation(values: pd.Series, units: str, per_day: int) -> pd.Series:
    if units.startswith("w"):
        return values * WATT_DAY / per_day
    return values if units.startswith("mj") else values / JOULES


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
}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
