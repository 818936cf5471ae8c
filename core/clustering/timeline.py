"""Pixels seen on different days, brought to common days, so that a cloud over one of them does not set it apart.

The value of a pixel on a common day is the mean of its own views within `REACH` days, the nearer the heavier. Where
there is none, a straight line joins the common days before and after, and the first and last are held. Such a day is
filled: it takes part in telling pixels apart, but nothing is ever counted from it, and how many there are is told.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP = 10  # days between common days
WIDTH = 15.0  # days; the weight of a view this far away is 0.6 of the nearest possible (a Gaussian)
REACH = 30  # days; a view further away says nothing about a common day
SHARED = 0.5  # of the pixels must have a view of their own within REACH of a common day, else it is none

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Days = NDArray[np.int64]  # days since 1970-01-01


class Trajectories(NamedTuple):
    """`values` (D, G, N) on the common days, NaN only in pixels never seen; `own` (G, N): not filled."""

    values: Floats
    own: Bools


def candidates(days: Days) -> Days:
    """Days every `STEP` days of the calendar, from the first to the last of `days`: the same for every place."""
    year_starts = [_new_year(year) for year in range(_year(days.min()), _year(days.max()) + 1)]
    marks = np.concatenate([start + np.arange(STEP // 2, 365, STEP) for start in year_starts])
    inside = marks[(marks >= days.min() - STEP // 2) & (marks < days.max() + STEP // 2)]
    return inside if inside.size else np.array([int(np.median(days))])


def has_own(seen: Bools, days: Days, common: Days) -> Bools:
    """Whether each pixel has a view within `REACH` of each common day: seen (T, N) -> (G, N)."""
    near = (np.abs(common[:, None] - days[None]) <= REACH).astype(np.float32)
    return np.asarray(near @ seen.astype(np.float32) > 0)


def resample(values: Floats, days: Days, common: Days) -> Trajectories:
    """Values (D, T, N), NaN where not seen, on the common days."""
    seen = np.isfinite(values).all(axis=0)
    away = common[:, None] - days[None]
    weights = np.where(np.abs(away) <= REACH, np.exp(-0.5 * (away / WIDTH) ** 2), 0).astype(np.float32)
    total = weights @ seen.astype(np.float32)
    own = total > 0
    sums = np.stack([weights @ np.where(seen, layer, 0).astype(np.float32) for layer in values])
    means = np.divide(sums, total, out=np.full_like(sums, np.nan), where=own)
    return Trajectories(_bridged(means, own, common), own)


def _bridged(means: Floats, own: Bools, common: Days) -> Floats:
    """Straight lines between a pixel's own common days; the first and the last are held; pixels with none stay NaN."""
    holed = np.flatnonzero(~own.all(axis=0) & own.any(axis=0))
    if holed.size == 0:
        return means
    known, place = own[:, holed], np.arange(len(common))[:, None]
    before = np.maximum.accumulate(np.where(known, place, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, place, len(common))[::-1], axis=0)[::-1]
    first, last = np.where(before < 0, after, before), np.where(after == len(common), before, after)
    span = (common[last] - common[first]).astype(np.float32)
    part = np.where(span > 0, (common[place] - common[first]) / np.maximum(span, 1), 0).astype(np.float32)
    pick = np.arange(holed.size)[None]
    for layer in means:
        inside = layer[:, holed]
        low, high = inside[first, pick], inside[last, pick]
        layer[:, holed] = low + part * (high - low)
    return means


def _year(day: int) -> int:
    return int(np.datetime64(int(day), "D").astype("datetime64[Y]").astype(int)) + 1970


def _new_year(year: int) -> int:
    return int(np.datetime64(f"{year}-01-01", "D").astype(int))
