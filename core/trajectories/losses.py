"""Sudden losses: vegetation that was there at one clear view and gone at the next. Mowing, harvest, felling.

A loss is a fall along the vigour axis between two successive views of a pixel that

- is at least `FALL` in NIRv (or `SHARE` of the site's span of vigour where that has no unit), within `LONGEST_GAP`
days,
- starts from a full canopy: at some view of the last `MEMORY` days the pixel stood at `FULL` of its own height or more,
- is still there at the next view, by half at least: a cloud's shadow or a day of snow is not,
- is grown again within `REGROWN` days, or not what the pixel does at that time of every other year: leaf fall is none.

Falls that follow each other without a regrowth between them are one loss, dated by the largest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError
from core.trajectories.lines import daily_lines
from core.trajectories.regions import SMALLEST, Event, Marks, events

KIND = "sudden loss"
FALL = 0.12  # NIRv: a third of a meadow's or field's full canopy
SHARE = 0.25  # of the site's span of vigour (its 5 % to 95 %)
SHORT_DAY = 10.0  # hours of daylight; below it snow and low sun are more likely than harvests
STILL_GONE = 120  # days for which a loss of the short days must last
LONGEST_GAP = 60  # days between two views
MEMORY = 60  # days
FULL = 0.7  # of a pixel's own height
KEPT = 0.5  # of a fall that must still be there at the next view, and that a regrowth must make good
NEXT_WITHIN = 8  # days; a later view does not tell whether a fall lasted
USUAL = 0.5  # of a fall that every other year shows too makes it the season's
EARLIER_LATER = 25  # days by which the season of another year may differ
REGROWN = 60  # days within which a meadow grows again after a cut, and no tree or field does
FEWEST_OTHERS = 2  # other years that must show it
SPAN = (5.0, 95.0)  # %
FEWEST = 6  # views of a pixel

Floats = NDArray[np.floating]


def sudden_losses(
    vigour: Floats,
    days: NDArray[np.datetime64],
    *,
    fall: float | None = FALL,
    latitude: float | None = None,
    pixel_m: float = 0.0,
    smallest: int = SMALLEST,
) -> list[Event]:
    """Events from the vigour of pixels (t, rows, cols), NaN where not seen; `strength` is the fall, in its units.

    `fall` None: vigour has no unit. Without a `latitude` winter is treated like summer.
    """
    if fall is not None and not fall > 0:
        raise InputError("fall", fall, "is no fall", "give a number above 0")
    shape = vigour.shape[1:]
    flat = vigour.reshape(len(days), -1).astype(np.float64)
    marks = _marks(flat, days.astype("datetime64[D]").astype(np.int64), fall, latitude)
    return events(marks, (shape[0], shape[1]), kind=KIND, pixel_m=pixel_m, smallest=smallest)


def _marks(flat: NDArray[np.float64], days: NDArray[np.int64], fall: float | None, latitude: float | None) -> Marks:
    seen = np.isfinite(flat)
    enough = seen.sum(axis=0) >= FEWEST
    if not enough.any():
        raise InputError("place", f"{len(days)} dates", f"has no pixel seen {FEWEST} times", "choose a clearer place")
    low, high = np.nanpercentile(flat[:, enough], SPAN)
    bottom, top = np.full((2, flat.shape[1]), np.nan)
    bottom[enough], top[enough] = np.nanpercentile(flat[:, enough], SPAN, axis=0)
    walk = _Walk(
        flat,
        days,
        least=SHARE * (high - low) if fall is None else fall,
        full=min(low, 0.0) + FULL * (top - min(low, 0.0)),
    )
    for date in range(len(days)):
        walk.step(date)
    found = walk.marks()
    kept = ~_passed_over(found, flat, days, latitude)
    return Marks(
        pixel=found.pixel[kept], after=found.after[kept], before=found.before[kept], strength=found.strength[kept]
    )


def _passed_over(
    marks: Marks, flat: NDArray[np.float64], days: NDArray[np.int64], latitude: float | None
) -> NDArray[np.bool_]:
    """Which marks are the season's, or a passing thing of winter (n,)."""
    lines = daily_lines(flat, days)
    seasonal = ~_regrown(marks, lines, days, REGROWN) & _usual(marks, lines, days)
    if latitude is None:
        return seasonal
    winter = day_length(marks.before, latitude) < SHORT_DAY
    return seasonal | (winter & _regrown(marks, lines, days, STILL_GONE))


def day_length(days: NDArray[np.int64], latitude: float) -> Floats:
    """Hours of daylight of days since 1970 (FAO-56, equations 24, 25 and 34)."""
    tilt = 0.409 * np.sin(2 * np.pi * (days % 365.25) / 365.25 - 1.39)
    return 24 / np.pi * np.arccos(np.clip(-np.tan(np.radians(latitude)) * np.tan(tilt), -1, 1))


def _regrown(marks: Marks, lines: Floats, days: NDArray[np.int64], within: int) -> NDArray[np.bool_]:
    """Which marks are made good by half within so many days."""
    after = np.minimum(marks.before - days[0] + np.arange(within)[:, None], len(lines) - 1)
    highest = lines[after, marks.pixel].max(axis=0)
    return np.asarray(highest >= lines[after[0], marks.pixel] + KEPT * marks.strength)


def _usual(marks: Marks, lines: Floats, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which marks every other year shows too."""
    shown, others = np.zeros(len(marks.pixel), int), np.zeros(len(marks.pixel), int)
    years = int(np.ceil((days[-1] - days[0]) / 365.25))
    for away in (year for year in range(-years, years + 1) if year):
        shift = round(365.25 * away)
        start, end = marks.after + shift - EARLIER_LATER - days[0], marks.before + shift + EARLIER_LATER - days[0]
        inside = (start >= 0) & (end < len(lines))
        start, end = np.where(inside, start, 0), np.where(inside, end, 0)
        fell = lines[start, marks.pixel] - lines[end, marks.pixel]
        others += inside
        shown += inside & (fell >= USUAL * marks.strength)
    return np.asarray((others >= FEWEST_OTHERS) & (shown == others))


class _Walk:
    """All pixels, view after view: what the last one was, and which loss is still open."""

    def __init__(self, flat: NDArray[np.float64], days: NDArray[np.int64], *, least: float, full: Floats) -> None:
        count = flat.shape[1]
        self.flat, self.days, self.least, self.full = flat, days, least, full
        self.last = np.full(count, np.nan)  # vigour at the last view
        self.last_day = np.full(count, -(10**6))
        self.full_day = np.full(count, -(10**6))  # when the pixel last stood at its full height
        self.fall = np.zeros(count)  # of the open loss; 0 = none
        self.floor = np.zeros(count)
        self.span = np.zeros((2, count), np.int64)
        self.unsure = np.zeros(count, bool)  # the next view has yet to confirm it
        self.found: list[tuple[NDArray[Any], ...]] = []

    def step(self, date: int) -> None:
        now, day = self.flat[date], int(self.days[date])
        seen = np.isfinite(now)
        with np.errstate(invalid="ignore"):
            self._judge(now, day, seen)
            fell = self.last - now
            gap = day - self.last_day
            new = seen & (fell >= self.least) & (gap <= LONGEST_GAP) & (self.last_day - self.full_day <= MEMORY)
            new &= ~((self.fall > 0) & (fell <= self.fall))
            self.fall = np.where(new, fell, self.fall)
            self.floor = np.where(new, now, np.where(seen, np.fmin(self.floor, now), self.floor))
            self.span = np.where(new, np.stack([self.last_day, np.full_like(self.last_day, day)]), self.span)
            self.unsure = (self.unsure & ~seen) | new
            self.full_day = np.where(seen & (now >= self.full), day, self.full_day)
        self.last = np.where(seen, now, self.last)
        self.last_day = np.where(seen, day, self.last_day)

    def _judge(self, now: NDArray[np.float64], day: int, seen: NDArray[np.bool_]) -> None:
        """Drop what the next view shows to have been no loss; close what has grown again."""
        back = seen & (self.fall > 0) & (now >= self.floor + KEPT * self.fall)
        soon = day - self.span[1] <= NEXT_WITHIN
        self.fall = np.where(back & self.unsure & soon, 0.0, self.fall)
        self._close(back & (self.fall > 0))

    def _close(self, which: NDArray[np.bool_]) -> None:
        pixels = np.flatnonzero(which)
        self.found.append((pixels, *self.span[:, pixels], self.fall[pixels]))
        self.fall = np.where(which, 0.0, self.fall)

    def marks(self) -> Marks:
        self._close(self.fall > 0)
        pixel, after, before, strength = (np.concatenate(part) for part in zip(*self.found, strict=True))
        return Marks(pixel=pixel, after=after, before=before, strength=strength)
