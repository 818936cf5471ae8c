"""Daily weather from a file of its own: a tower's (FLUXNET, ICOS, AmeriFlux, REddyProc), a table of days, or a grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.flux.formats import recognise
from core.flux.stamps import HOURS, find_stamps, moments, resolution
from core.flux.text import ENDINGS, open_text
from core.schema import WEATHER_COLUMNS, FluxscapeError, InputError, SeriesError
from core.sources.ingest import weather
from core.sources.ingest.files import gather
from core.sources.ingest.humidity import saturation, with_vpd
from core.sources.ingest.layers import read_layers

if TYPE_CHECKING:
    import pandas as pd

COMPLETE = 0.9  # share of a day's records that must have a value, as for GPP
DAYLIGHT = 20.0  # W m-2: records above it make the daytime
TENFOLD = 10.0  # hPa in a kPa


class Column(NamedTuple):
    name: str  # of WEATHER_COLUMNS
    daily: str  # how records of a part of a day become the day
    spellings: tuple[str, ...]  # of towers, the best first


TOWER = (
    Column("temperature", "mean", ("TA_F", "TA_F_MDS", "TA", "TA_1_1_1", "Tair_f", "Tair")),
    Column("radiation", "mean", ("SW_IN_F", "SW_IN_F_MDS", "SW_IN", "SW_IN_1_1_1", "Rg_f", "Rg")),
    Column("vpd", "mean", ("VPD_F", "VPD_F_MDS", "VPD", "VPD_PI", "VPD_1_1_1", "VPD_f")),
    Column("precipitation", "sum", ("P_F", "P", "P_1_1_1", "Precip")),
    Column("wind_speed", "mean", ("WS_F", "WS", "WS_1_1_1")),
)
HUMIDITY = ("RH", "RH_1_1_1", "RH_PI_F", "rH", "rH_f")  # per cent
IN_OURS: dict[str, Callable[[pd.Series], pd.Series]] = {  # of towers: W m-2, hPa
    "radiation": lambda values: values.clip(lower=0) * weather.WATT_DAY,
    "vpd": lambda values: values.clip(lower=0) / TENFOLD,
}


def read_weather(path: Path, *, at: tuple[float, float] | None = None) -> pd.DataFrame:
    """The daily table of a file; of a grid, at a place (longitude, latitude)."""
    if path.suffix.lower() in ENDINGS:
        return from_table(path)
    layers = [layer for item in gather([path])[0] for layer in read_layers(item) if weather.is_weather(layer)]
    found = weather.from_layers(layers, at=at)
    if found is None:
        names = "t2m, tp and ssrd, or temperature_mean, precipitation_flux and solar_radiation_flux"
        raise InputError("weather", path.name, "holds no daily weather", f"give layers named like {names}")
    return found


def from_table(path: Path) -> pd.DataFrame:
    """The daily table in a CSV file: columns of towers, or days with columns of Fluxscape's own names."""
    file = open_text(path)
    header = file.header()
    own = [name for name in WEATHER_COLUMNS if name in header.columns]
    taken = {column.name: _first(column.spellings, header.columns) for column in TOWER}
    taken = {name: spelling for name, spelling in taken.items() if spelling and name not in own}
    humidity = _first(HUMIDITY, header.columns)
    try:
        form = recognise(header.columns, header.comments)
        stamps = find_stamps(header.columns, named=None, at_end=form.stamped_at_end)
        if not (own or taken):
            raise SeriesError("weather", path.name, "has no column of weather", "give one")
        wanted = [*stamps.columns, *own, *taken.values(), *([humidity] if humidity else [])]
        table = file.read(header, list(dict.fromkeys(wanted)))
        times = moments(table, stamps)
        if times.isna().all():
            raise SeriesError("weather", path.name, "has no date", "give dates")
    except SeriesError as error:
        remedy = f"give a tower's file, or a column date and any of {', '.join(WEATHER_COLUMNS)}"
        raise InputError("weather", path.name, "is no daily table of weather", remedy) from error
    records = _numbers(table, times, {**{name: name for name in own}, **taken})
    if humidity and "temperature" in records and "vpd" not in records:
        relative = _numbers(table, times, {"humidity": humidity})["humidity"]
        records["vpd"] = saturation(records["temperature"]) * (1 - relative.clip(0, 100) / 100) * TENFOLD
    days = _days(path, records, _step(records), own, at_end=stamps.at_end)
    return weather.every_day(with_vpd(days))


def _first(spellings: Sequence[str], columns: Sequence[str]) -> str:
    return next((name for name in spellings if name in columns), "")


def _numbers(table: pd.DataFrame, times: pd.DatetimeIndex, columns: dict[str, str]) -> pd.DataFrame:
    import pandas as pd

    numbers = table[list(columns.values())].apply(pd.to_numeric, errors="coerce")
    records = pd.DataFrame({name: numbers[spelling].to_numpy(float) for name, spelling in columns.items()}, index=times)
    return records[records.index.notna()].sort_index()


def _step(records: pd.DataFrame) -> str:
    """HH, HR, DD, WW, MM or YY; days where the rows are too few or too far apart to tell."""
    import pandas as pd

    index = pd.DatetimeIndex(records.index)
    try:
        return resolution(index)
    except FluxscapeError:
        return "HH" if index.normalize().duplicated().any() else "DD"


def _days(path: Path, records: pd.DataFrame, code: str, own: Sequence[str], *, at_end: bool) -> pd.DataFrame:
    """Records as days, in our units."""
    import pandas as pd

    if code not in (*HOURS, "DD"):
        raise InputError("weather", path.name, "has no value for each day", "give a daily or half-hourly file")
    if code in HOURS and own:
        raise InputError("weather", path.name, "has several rows a day", "average it to days first")
    if code in HOURS:
        begins = pd.DatetimeIndex(records.index) - pd.Timedelta(hours=HOURS[code] if at_end else 0)
        records = _daily(records.set_axis(begins, axis=0), per_day=24 / HOURS[code])
    else:
        records = records.set_axis(pd.DatetimeIndex(records.index).normalize(), axis=0)
    converted = {name: IN_OURS[name](records[name]) for name in IN_OURS if name in records and name not in own}
    return records.assign(**converted)


def _daily(records: pd.DataFrame, *, per_day: float) -> pd.DataFrame:
    """Days of half-hours or hours; vpd by daylight, where radiation tells it. A day that lacks records is missing."""
    import pandas as pd

    day = pd.DatetimeIndex(records.index).normalize()
    enough = records.groupby(day).count() >= COMPLETE * per_day
    columns = {}
    for column in TOWER:
        if column.name in records:
            values = records[column.name]
            if column.name == "vpd" and "radiation" in records:
                values = _by_daylight(values, records["radiation"], day)
            groups = values.groupby(day)
            columns[column.name] = groups.agg(column.daily).where(enough[column.name])
    if "temperature" in records:
        groups = records["temperature"].groupby(day)
        columns["temperature_min"] = groups.min().where(enough["temperature"])
        columns["temperature_max"] = groups.max().where(enough["temperature"])
    return pd.DataFrame(columns)


def _by_daylight(values: pd.Series, radiation: pd.Series, day: pd.DatetimeIndex) -> pd.Series:
    """Values of daylight; of a day that has none, as in a polar night, all."""
    light = radiation > DAYLIGHT
    dark = ~light.groupby(day).transform("any").to_numpy()
    return values.where(light | dark, np.nan)
