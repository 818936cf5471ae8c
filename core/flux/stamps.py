"""When each record of a tower file begins, and how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.schema import InputError, SeriesError
from core.sources.tables import STAMP_FORMATS, TIME_COLUMNS, time_step

if TYPE_CHECKING:
    import pandas as pd

START_COLUMNS = ("TIMESTAMP_START", "TIMESTAMP")
END_COLUMNS = ("TIMESTAMP_END",)
DATE_PARTS = ("year", "doy", "hour")  # as REddyProc writes them, in lower case
CODES = {
    "half-hourly": "HH",
    "hourly": "HR",
    "daily": "DD",
    "weekly": "WW",
    "monthly": "MM",
    "yearly": "YY",
}
HOURS = {"HH": 0.5, "HR": 1.0}  # length of a record that is shorter than a day


@dataclass(frozen=True, kw_only=True)
class Stamps:
    """The columns that tell the time, and whether they tell a record's end."""

    columns: tuple[str, ...]
    at_end: bool


def find_stamps(columns: Sequence[str], *, named: str | None, at_end: bool) -> Stamps:
    """The time columns of a table; `at_end` is how its format means a name that does not say."""
    if named is not None:
        if named not in columns:
            raise InputError("--time", named, "is no column of the file", f"choose one of: {some(columns)}")
        return Stamps(columns=(named,), at_end=named.upper().endswith("END"))
    for names, ends in ((START_COLUMNS, False), (END_COLUMNS, True)):
        for name in names:
            if name in columns:
                return Stamps(columns=(name,), at_end=ends)
    lower = {name.lower().replace(" ", ""): name for name in reversed(columns)}
    for name in TIME_COLUMNS:
        if name in lower:
            return Stamps(columns=(lower[name],), at_end=at_end)
    if set(DATE_PARTS) <= lower.keys():
        return Stamps(columns=tuple(lower[part] for part in DATE_PARTS), at_end=at_end)
    remedy = f"name it with --time; its columns are {some(columns)}"
    raise SeriesError("time", some(columns, 3), "holds no column that tells the time", remedy)


def moments(table: pd.DataFrame, stamps: Stamps) -> pd.DatetimeIndex:
    """Each record's time as it stands in the file, NaT where it cannot be read."""
    import pandas as pd

    if len(stamps.columns) > 1:
        year, day, hour = (pd.to_numeric(table[name], errors="coerce") for name in stamps.columns)
        first = pd.to_datetime(year.astype("Int64").astype("string") + "0101", format="%Y%m%d", errors="coerce")
        return pd.DatetimeIndex(first + pd.to_timedelta(day - 1, unit="D") + pd.to_timedelta(hour * 60, unit="min"))
    column = table[stamps.columns[0]]
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.DatetimeIndex(column).tz_localize(None)
    text = column.astype("Int64").astype("string") if column.dtype.kind == "f" else column.astype("string")
    lengths = text.str.len().dropna()
    form = STAMP_FORMATS.get(int(lengths.iloc[0])) if len(lengths) and text.dropna().str.isdigit().all() else None
    read = pd.to_datetime(text, format=form or "mixed", errors="coerce", utc=form is None)
    return pd.DatetimeIndex(read.dt.tz_localize(None) if form is None else read)


def resolution(times: pd.DatetimeIndex) -> str:
    """HH, HR, DD, WW, MM or YY, by the step from record to record; SeriesError if it is none of them."""
    step = time_step(times)
    if step not in CODES:
        step = _mixed(times)
    return CODES[step]


def _mixed(times: pd.DatetimeIndex) -> str:
    """A table with a gap on every other day is daily all the same; what mixes steps is refused."""
    import numpy as np

    hours = np.diff(np.unique(times.dropna().to_numpy())) / np.timedelta64(1, "h")
    if len(hours) and (hours % 24 == 0).all() and (hours == 24).any():
        return "daily"
    shown = ", ".join(f"{hour:g} h" for hour in sorted(set(np.round(hours[:500], 2)))[:4]) or "one record"
    remedy = "give half-hourly, hourly, daily, weekly, monthly or yearly records, one kind in a file"
    raise SeriesError("time", shown, "is no even step between the records", remedy)


def some(names: Sequence[str], count: int = 8) -> str:
    """The first names, and how many more there are."""
    more = len(names) - count
    return ", ".join(names[:count]) + (f" and {more} more" if more > 0 else "")
