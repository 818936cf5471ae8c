"""A table of one's own as frames: one row a tower and day, columns by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.flux.stamps import Stamps, moments, some
from core.gpp.columns import (
    CLOUD_BRIGHT,
    disagreeing,
    find_bands,
    find_radiation,
    group_of,
    indices_of,
)
from core.gpp.frames import Frame, Frames, check_enough
from core.schema import MISSING_VALUE, FormatError, InputError, SeriesError
from core.sources.formats import FileFormat, recognise
from core.sources.tables import csv_columns, read_csv, read_parquet

if TYPE_CHECKING:
    import pandas as pd

HOURLY = 24  # rows of one tower on one day from which they are records finer than a day
SAME = 1e-6  # gC m-2 d-1 by which rows of one tower and day may differ
FILLED = "filled"  # a column of this name marks days that are mostly gap-filled: never scored
CLASS_COLUMNS = ("igbp", "IGBP", "PFT", "pft")
ONLY = "all"  # name of the one group where none is told


@dataclass(frozen=True, kw_only=True)
class TableColumns:
    """Which column is what."""

    target: str
    features: tuple[str, ...]
    group: str | None = None
    time: str | None = None
    quality: str | None = None
    min_quality: float = 0.0
    vegetation: str | None = None  # the column of the vegetation class
    classes: Mapping[str, str] = field(default_factory=dict)  # or the class of each group
    derive: bool = True  # add the indices that the bands among the features give


def open_table(path: Path, wanted: TableColumns) -> Frames:
    """Read and check a table; every breach is one sentence."""
    columns, table = _read(path, wanted)
    _check_target(table, wanted)
    features = _numeric(table, wanted)
    table = table.assign(**{str(name): features[name] for name in features})
    table["__day"] = _days(table, wanted)
    table["__site"] = table[wanted.group].astype("string") if wanted.group else ONLY
    if wanted.group is None and any(name.lower() in ("site", "site_id") for name in columns):
        raise InputError("--group", "", "is not given though the table holds a column of sites", "name it with --group")
    notes: list[str] = []
    table = _scored(table, wanted, notes)
    _check_one_tower_each(table, wanted)
    made = _derived(table, wanted, notes)
    return check_enough(_as_frames(table, list(features.columns), made, wanted, notes), each=False)


def _read(path: Path, wanted: TableColumns) -> tuple[list[str], pd.DataFrame]:
    form = recognise(path.expanduser())
    if form is FileFormat.PARQUET:
        table = read_parquet(path.expanduser())
        table = table if table.index.name is None else table.reset_index()
        columns = [str(name) for name in table.columns]
    elif form is FileFormat.CSV:
        columns, table = csv_columns(path.expanduser()), None
    else:
        raise FormatError("--table", str(path), f"is {form}, no table", "give a CSV or Parquet file")
    if not wanted.features:
        raise InputError("--features", "", "names no column", f"choose among: {some(columns)}")
    for argument, name in _named(wanted):
        if name not in columns:
            near = difflib.get_close_matches(name, columns, 3, 0.4) or columns
            raise InputError(argument, name, f"is no column of {path.name}", f"choose one of: {some(near)}")
    if table is not None:
        return columns, table
    extra = [name for name in (*CLASS_COLUMNS, FILLED) if name in columns]
    extra += [*find_bands(columns).values(), find_radiation(columns), *(n for n in columns if n.lower() == "nirv")]
    used = dict.fromkeys([*(name for _, name in _named(wanted)), *(name for name in extra if name)])
    return columns, read_csv(path.expanduser(), columns=list(used))


def _named(wanted: TableColumns) -> list[tuple[str, str]]:
    single = {
        "--target": wanted.target,
        "--group": wanted.group,
        "--time": wanted.time,
        "--quality": wanted.quality,
        "--class": wanted.vegetation,
    }
    found = [(argument, name) for argument, name in single.items() if name is not None]
    return found + [("--features", name) for name in wanted.features]


# ---------------------------------------------------------------- checks
def _check_target(table: pd.DataFrame, wanted: TableColumns) -> None:
    import pandas as pd

    if wanted.target in wanted.features:
        raise InputError("--features", wanted.target, "is the target itself", "leave it out of the features")
    numbers = pd.to_numeric(table[wanted.target], errors="coerce")
    numbers = numbers.where(numbers > MISSING_VALUE + 9)
    if numbers.isna().all():
        raise SeriesError("--target", wanted.target, "has no value in any row", "choose the column of measured GPP")
    if numbers.nunique() == 1:
        raise SeriesError("--target", wanted.target, "is the same in all rows", "choose the column of measured GPP")
    table[wanted.target] = numbers


def _numeric(table: pd.DataFrame, wanted: TableColumns) -> pd.DataFrame:
    """The features as numbers, missing ones NaN; refused where one is text, empty or constant."""
    import pandas as pd

    columns = {}
    for name in dict.fromkeys(wanted.features):
        numbers = pd.to_numeric(table[name], errors="coerce").astype(float)
        if numbers.isna().all():
            problem = "is empty" if table[name].isna().all() else "holds text, no numbers"
            raise InputError("--features", name, problem, "leave it out, or give a 0/1 column for each of its values")
        columns[name] = numbers.where(numbers > MISSING_VALUE + 9)
    features = pd.DataFrame(columns, index=table.index)
    same = [str(name) for name in features if features[name].nunique() <= 1]
    if same:
        raise InputError("--features", ", ".join(same), "is the same in all rows and tells nothing", "leave it out")
    return features


def _days(table: pd.DataFrame, wanted: TableColumns) -> pd.Series:
    import pandas as pd

    if wanted.time is None:
        raise InputError("--time", "", "is not given", "name the column of the date, which every split needs")
    times = moments(table, Stamps(columns=(wanted.time,), at_end=False))
    if times.isna().all():
        raise SeriesError("--time", wanted.time, "holds no date that can be read", "write dates as 2021-07-14")
    return pd.Series(times.floor("D"), index=table.index)


def _scored(table: pd.DataFrame, wanted: TableColumns, notes: list[str]) -> pd.DataFrame:
    """Targets of filled and poor days as missing; rows without date or group left out."""
    table = table[table["__day"].notna() & table["__site"].notna()].copy()
    poor = table[wanted.target].isna() & False
    if FILLED in table and table[FILLED].dtype != object:
        poor |= table[FILLED].fillna(0).astype(bool)
    if wanted.quality:
        quality = table[wanted.quality].astype(float)
        quality = quality / 100 if quality.max() > 1.5 else quality
        poor |= ~(quality >= wanted.min_quality)
        table["__quality"] = quality
    lost = int((poor & table[wanted.target].notna()).sum())
    if lost:
        notes.append(f"{lost} filled or poor days neither train nor are scored.")
    table[wanted.target] = table[wanted.target].mask(poor)
    if table[wanted.target].isna().all():
        raise SeriesError("--target", wanted.target, "is poor or filled on all days", "lower --min-quality")
    return table


def _check_one_tower_each(table: pd.DataFrame, wanted: TableColumns) -> None:
    valid = table[table[wanted.target].notna()]
    keys = ["__site", "__day"]
    per_day = valid.groupby(keys).size()
    if len(per_day) and per_day.median() > 2:
        raise SeriesError(
            "--table", f"{per_day.median():.0f} rows a day", "is finer than a day", "make it daily first: core tower"
        )
    if len(per_day) and per_day.max() >= HOURLY:
        site, day = per_day[per_day == per_day.max()].index.to_list()[0]
        rows = per_day.max()
        problem = f"has {rows} rows on {day:%Y-%m-%d} and one on most days: hourly and daily records are mixed"
        raise SeriesError("--table", str(site), problem, "make all of it daily first: core tower")
    spread = valid.groupby(keys)[wanted.target].agg(lambda values: values.max() - values.min())
    if (spread > SAME).any():
        site, day = spread[spread == spread.max()].index.to_list()[0]
        problem = (
            f"has {wanted.target} values that differ by {spread.max():.3g} on {day:%Y-%m-%d}: two sites, one code?"
        )
        remedy = "give every tower a code of its own" if wanted.group else "name the column of the towers with --group"
        raise SeriesError("--group", site if wanted.group else "", problem, remedy)


# ---------------------------------------------------------------- frames
def _derived(table: pd.DataFrame, wanted: TableColumns, notes: list[str]) -> pd.DataFrame:
    """Indices that the bands among the features give, and NIRv for the baselines if any bands do."""
    bands = find_bands(list(wanted.features))
    anywhere = bands or find_bands([str(name) for name in table.columns])
    made = indices_of(table, anywhere) if anywhere else table[[]]
    wrong = disagreeing(table, made)
    if wrong:
        notes.append(f"{', '.join(wrong)} of the table is not what its bands give.")
    if "B02" in anywhere:
        bright = float((table[anywhere["B02"]] > CLOUD_BRIGHT).mean())
        if bright > 0.01:
            said = "of the rows are bright in blue: cloud, haze or snow in what is given as clear."
            notes.append(f"{100 * bright:.0f} % {said}")
    made.attrs["features"] = bool(bands) and wanted.derive
    return made


def _as_frames(
    table: pd.DataFrame, features: list[str], made: pd.DataFrame, wanted: TableColumns, notes: Sequence[str]
) -> Frames:
    added = [str(name) for name in made if name not in features] if made.attrs.get("features") else []
    names = [*features, *added]
    nirv = next((name for name in ("NIRv",) if name in made), _given_nirv(table))
    radiation = find_radiation(features) or find_radiation([str(name) for name in table.columns])
    whole = table.assign(**{str(name): made[name] for name in made if name not in features})
    beside = [name for name in (nirv, radiation) if name and name not in names]
    label = wanted.vegetation or next((name for name in CLASS_COLUMNS if name in table), None)
    frames, extra = [], {}
    for site, rows in whole.groupby("__site", sort=True):
        daily = _daily(rows, [*names, *beside, wanted.target, *(["__quality"] if "__quality" in rows else [])])
        igbp = wanted.classes.get(str(site), "")
        if not igbp and label and rows[label].notna().any():
            igbp = str(rows[label].mode().iloc[0])
        frames.append(
            Frame(
                site=str(site),
                features=daily[names],
                target=daily[wanted.target],
                quality=daily["__quality"] if "__quality" in daily else daily[wanted.target] * np.nan,
                igbp=igbp,
            )
        )
        extra[str(site)] = daily[beside]
    bands = find_bands(names)
    groups = {name: "indices" if name in added else group_of(name, bands) for name in names}
    return Frames(frames=tuple(frames), groups=groups, nirv=nirv, radiation=radiation, extra=extra, notes=tuple(notes))


def _given_nirv(table: pd.DataFrame) -> str:
    return next((str(name) for name in table if str(name).lower() == "nirv"), "")


def _daily(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    numbers = rows[list(dict.fromkeys(columns))].astype(float)
    daily = numbers.groupby(rows["__day"]).mean()
    return daily.reindex(pd.date_range(daily.index[0], daily.index[-1], freq="D", name="time"))
