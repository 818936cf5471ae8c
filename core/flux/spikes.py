"""Days that stand out of their neighbourhood: flagged for the reader to judge, not removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WINDOW = 15  # days around a day that say what is usual there
TIMES = 6.0  # robust standard deviations from the neighbours' median
LEAST = 1.5  # gC m-2 d-1: what differs by less is no spike however calm the season
TO_SIGMA = 1.4826  # from the median absolute deviation to the standard deviation of a normal distribution


def flag_spikes(gpp: pd.Series) -> pd.Series:
    """True on days that lie far from the median of the days around them and are no step: both neighbours lie apart."""
    middle = gpp.rolling(WINDOW, center=True, min_periods=5).median()
    off = gpp - middle
    spread = TO_SIGMA * off.abs().rolling(4 * WINDOW + 1, center=True, min_periods=10).median()
    limit = (TIMES * spread).clip(lower=LEAST)
    return ((off.abs() > limit) & limit.notna()).fillna(False).astype(bool)
