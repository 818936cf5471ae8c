"""Records of a tower file as days, in gC m-2 d-1, and how many days each rule drops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.flux.spikes import flag_spikes
from core.flux.stamps import HOURS
from core.schema import InputError

if TYPE_CHECKING:
    import pandas as pd

GRAM_PER_MICROMOL = 12.011e-6  # gC per umol of CO2: molar mass of carbon, 12.011 g mol-1
SECONDS_PER_DAY = 86_400  # s
PER_DAY = SECONDS_PER_DAY * GRAM_PER_MICROMOL  # gC m-2 d-1 of 1 umol m-2 s-1: 1.0377

UNIT = "gC m-2 d-1"
MICROMOL = "umol m-2 s-1"
YEARLY = "gC m-2 y-1"
UNITS = (MICROMOL, UNIT, YEARLY)
GOOD_FLAG = 1  # of sub-daily records: 0 = measured, 1 = filled with high confidence, 2 and 3 = poorer
LARGEST = 60.0  # gC m-2 d-1; no ecosystem takes up more, so a larger value speaks for another unit


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What makes a day count."""

    completeness: float = 0.9  # share of a day's records that must have a value
    min_quality: float = 0.7  # share measured or filled with high confidence; 0.7 as in the paper
    clip_negative: bool = False  # set negative GPP, an outcome of partitioning noise, to 0
    drop_spikes: bool = False

    def __post_init__(self) -> None:
        for name in ("completeness", "min_quality"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                argument = f"--{name.replace('_', '-')}"
                raise InputError(argument, value, "is no share", "give a number between 0 and 1")


class Days(NamedTuple):
    """`table` has a row for every record of a day or longer, else for every day: gpp, quality, days, and the flags."""

    table: pd.DataFrame  # gpp gC m-2 d-1, quality 0..1, days (covered), incomplete, poor, spike, valid
    dropped: dict[str, int]  # days lost to each rule, in the order in which the rules are applied


def to_days(
    times: pd.DatetimeIndex, gpp: pd.Series, quality: pd.Series | None, *, unit: str, code: str, rules: Rules
) -> Days:
    """Days of records that begin at `times`; a `quality` of None trusts every value."""
    import pandas as pd

    records = pd.DataFrame({"gpp": gpp.to_numpy(float)}, index=times)
    records["quality"] = np.nan if quality is None else quality.to_numpy(float)
    records = records[records.index.notna()]
    table = _of_short_records(records, code) if code in HOURS else _of_long_records(records, code)
    table["gpp"] = _per_day(table, unit)
    _check_plausible(table["gpp"], unit)
    if quality is None:
        table["quality"] = np.where(table["gpp"].notna(), table["share"], 0.0)
    if rules.clip_negative:
        table["gpp"] = table["gpp"].clip(lower=0)
    return _judged(table, rules, asked=quality is not None, spikes=code in (*HOURS, "DD"))


def _of_short_records(records: pd.DataFrame, code: str) -> pd.DataFrame:
    """Half-hourly or hourly records: a day's mean, the share of its records with a value, the share of good ones."""
    import pandas as pd

    records = records.groupby(level=0).mean()
    per_day = 24 / HOURS[code]
    day = pd.DatetimeIndex(records.index).floor("D")
    groups = records.groupby(day)
    table = pd.DataFrame({"gpp": groups["gpp"].mean(), "share": groups["gpp"].count() / per_day})
    table["quality"] = _good(records["quality"]).groupby(day).sum() / per_day
    every = pd.date_range(day[0], day[-1], freq="D", name="time")
    table = table.reindex(every)
    return table.assign(share=table["share"].fillna(0.0), quality=table["quality"].fillna(0.0), days=1)


def _good(quality: pd.Series) -> pd.Series:
    """1 for a good record and 0 for any other, of flags; shares stay as they are."""
    if _is_flag(quality):
        return (quality <= GOOD_FLAG).astype(float)
    return _share(quality).fillna(0.0)


def _is_flag(quality: pd.Series) -> bool:
    known = quality.dropna()
    return bool((known % 1 == 0).all() and known.max() <= 10) if len(known) else False


def _share(quality: pd.Series) -> pd.Series:
    """Percentages as shares; what lies outside is limited."""
    return (quality / 100 if quality.max() > 1.5 else quality).clip(0, 1)


def _of_long_records(records: pd.DataFrame, code: str) -> pd.DataFrame:
    """Daily records and longer ones as they are, with how many days each covers; a missing day gets a row."""
    import pandas as pd

    table = records.groupby(level=0).mean()
    table.index = pd.DatetimeIndex(table.index).floor("D")
    if code == "DD":
        table = table.reindex(pd.date_range(table.index[0], table.index[-1], freq="D"))
    table.index.name = "time"
    offset = {"DD": pd.DateOffset(days=1), "MM": pd.DateOffset(months=1), "YY": pd.DateOffset(years=1)}.get(code)
    starts = pd.DatetimeIndex(table.index)
    ends = starts + (offset or pd.DateOffset(days=7))
    if code == "WW":  # the last week of a year is longer
        ends = pd.DatetimeIndex([*table.index[1:], ends[-1]])
    days = (pd.DatetimeIndex(ends) - starts).days
    return table.assign(quality=_share(table["quality"]), share=table["gpp"].notna().astype(float), days=days)


def _per_day(table: pd.DataFrame, unit: str) -> pd.Series:
    if unit == MICROMOL:
        return table["gpp"] * PER_DAY
    return table["gpp"] / table["days"] if unit == YEARLY else table["gpp"]


def _check_plausible(gpp: pd.Series, unit: str) -> None:
    largest = float(gpp.abs().quantile(0.99)) if gpp.notna().any() else 0.0
    if largest > LARGEST:
        problem = f"gives {largest:.0f} {UNIT}, more than any ecosystem takes up"
        raise InputError("--unit", unit, problem, f"give the column's own unit: {', '.join(UNITS)}")


def _judged(table: pd.DataFrame, rules: Rules, *, asked: bool, spikes: bool) -> Days:
    """Apply the rules in turn; each is charged with the days that those before it left."""
    import pandas as pd

    missing = table["gpp"].isna()
    incomplete = ~missing & (table["share"] < rules.completeness - 1e-9)
    table["gpp"] = table["gpp"].mask(incomplete)
    known = ~missing & ~incomplete
    poor = known & (table["quality"].fillna(0.0) < rules.min_quality - 1e-9) if asked else known & False
    spike = flag_spikes(table["gpp"].where(~poor)) if spikes else pd.Series(False, index=table.index)
    lost = {"no value": missing, "incomplete": incomplete, "low quality": poor}
    valid = known & ~poor
    if rules.drop_spikes:
        lost["spike"], valid = valid & spike, valid & ~spike
    table = table.assign(incomplete=incomplete, poor=poor, spike=spike & known, valid=valid)
    return Days(table.drop(columns="share"), {rule: int(table["days"][rows].sum()) for rule, rows in lost.items()})
