"""Lasting changes: since when a pixel has less vegetation than it ever had at that time of the year. Felling, fire.

A pixel's reference on a day is the lowest vigour of all earlier years within `EARLIER_LATER` days of it, so that a late
spring or another crop is no change. A change begins where vigour falls short of the reference by `SHORT` of it and
lasts over `VIEWS` successive clear views and `LASTING` days; it lies between the last view that did not fall short and
the first that did; views at which the reference is next to bare tell nothing. What even the fullest quarter of the
pixels is short of on a date is the weather's and does not count. The first year has no earlier one and shows none.
Strength is the mean share of the reference that is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError
from core.trajectories.lines import Lines, daily_lines
from core.trajectories.regions import SMALLEST, Event, Marks, events

KIND = "lasting change"
EARLIER_LATER = 15  # days by which the season of another year may differ
SHORT = 0.35  # share of the reference that must be missing
LEAST = 0.025  # NIRv that must be missing; a few times the noise of a pixel
LEAST_SHARE = 0.05  # of the site's span of vigour, where it has no unit
TELLING = 4.0  # times the least that may be missing: a lower reference is next to bare
FULLEST = 0.25  # of the pixels: what they are short of too
FEWEST = 50  # pixels that can tell on a date, to know what is the weather's
VIEWS, LASTING = 5, 60  # successive views, and days from the first to the last of them
YEAR = 365  # days
SPAN = (5.0, 95.0)  # %

Floats = NDArray[np.float64]


def lasting_changes(
    vigour: NDArray[np.floating],
    days: NDArray[np.datetime64],
    *,
    least: float | None = LEAST,
    pixel_m: float = 0.0,
    smallest: int = SMALLEST,
) -> list[Event]:
    """Events from the vigour of pixels (t, rows, cols), NaN where not seen. `least` None: vigour has no unit."""
    marks = breakpoints(vigour.reshape(len(days), -1), days, least=least)
    return events(marks, (vigour.shape[1], vigour.shape[2]), kind=KIND, pixel_m=pixel_m, smallest=smallest)


def breakpoints(vigour: NDArray[np.floating], days: NDArray[np.datetime64], *, least: float | None = LEAST) -> Marks:
    """Every change of every pixel (t, n), with the views it lies between and its strength, 0..1."""
    day = days.astype("datetime64[D]").astype(np.int64)
    if day[-1] - day[0] <= YEAR:
        problem = "spans no more than a year, so that nothing tells a change from the season"
        raise InputError(
            "period", f"{days[0]} to {days[-1]}".replace("T00:00:00.000000000", ""), problem, "embed more years"
        )
    if not np.isfinite(vigour).any():
        raise InputError("place", f"{len(days)} dates", "was never seen", "choose a clearer place")
    if least is None:
        low, high = np.nanpercentile(vigour, SPAN)
        least = float(LEAST_SHARE * (high - low))
    return _Runs(vigour.astype(np.float64), day, least).marks()


def _references(lines: Lines) -> Lines:
    """The lowest of all earlier years around each day (days, n); NaN in the first year."""
    from scipy.ndimage import minimum_filter1d

    around = minimum_filter1d(np.where(np.isfinite(lines), lines, np.inf), 2 * EARLIER_LATER + 1, axis=0)
    found = np.full(lines.shape, np.inf, np.float32)
    for away in range(YEAR, len(lines), YEAR):
        found[away:] = np.minimum(found[away:], around[:-away])
    found[~np.isfinite(found)] = np.nan
    return found


class _Runs:
    """All pixels, view after view: since when each falls short."""

    def __init__(self, flat: Floats, days: NDArray[np.int64], least: float) -> None:
        self.flat, self.days, self.least = flat, days, least
        count = flat.shape[1]
        self.references = _references(daily_lines(flat, days))
        self.good = np.full(count, -1)  # day of the last view that did not fall short
        self.first = np.zeros(count, np.int64)  # day of the first of a run that did
        self.last = np.zeros(count, np.int64)
        self.views = np.zeros(count, np.int64)
        self.missing = np.zeros(count)  # sum over the run
        self.found: list[tuple[NDArray[Any], ...]] = []

    def marks(self) -> Marks:
        for date in range(len(self.days)):
            self._step(date)
        self._end(np.ones(self.flat.shape[1], bool))
        pixel, after, before, strength = (np.concatenate(part) for part in zip(*self.found, strict=True))
        return Marks(pixel=pixel, after=after, before=before, strength=strength)

    def _step(self, date: int) -> None:
        now, day = self.flat[date], int(self.days[date])
        reference = self.references[day - self.days[0]]
        with np.errstate(invalid="ignore", divide="ignore"):
            seen = np.isfinite(now) & (reference >= TELLING * self.least)  # a bare winter tells nothing of trees
            share = (reference - now) / reference
            shared = max(0.0, float(np.quantile(share[seen], FULLEST))) if seen.sum() >= FEWEST else 0.0
            short = (share - shared >= SHORT) & ((share - shared) * reference >= self.least)
        starts = seen & short & (self.views == 0)
        self.first = np.where(starts, day, self.first)
        goes_on = seen & short
        self.views = self.views + goes_on
        self.missing = self.missing + np.where(goes_on, np.minimum(share, 1.0), 0.0)
        self.last = np.where(goes_on, day, self.last)
        ended = seen & ~short
        self._end(ended)
        self.good = np.where(ended, day, self.good)

    def _end(self, which: NDArray[np.bool_]) -> None:
        lasting = which & (self.views >= VIEWS) & (self.last - self.first >= LASTING) & (self.good >= 0)
        pixels = np.flatnonzero(lasting)
        share = self.missing[pixels] / np.maximum(self.views[pixels], 1)
        self.found.append((pixels, self.good[pixels], self.first[pixels], share))
        self.views = np.where(which, 0, self.views)
        self.missing = np.where(which, 0.0, self.missing)
