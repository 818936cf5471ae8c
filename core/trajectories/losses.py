"""Sudden losses: vegetation that was there at one clear view and gone at the next. Mowing, harvest, felling.

A loss of a pixel is a fall along the vigour axis between two successive views, `LONGEST_GAP` days apart at most, that

- starts from a full canopy (at some view of the last `MEMORY` days the pixel stood at `FULL` of its own height or more)
  and is half of `FALL` at least; or ends on bare ground, is all of `FALL` and leaves `LEFT` of what was there at most,
- is still there at the next view, by half at least: a cloud's shadow or a day of snow is not,
- is grown again within `REGROWN` days, or not what the pixel does at that time of every other year: leaf fall is none.
  Low plants seen again within `ABRUPT` days may do so every year: leaves fall from trees, and radar tells trees.

Falls that follow each other without a regrowth between them are one loss, dated by the arrival on bare ground, else by
the largest. What neighbours lost together counts where it is `FALL` in their median.
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
SHARE = 0.25  # of the site's span of vigour (its 5 % to 95 %), where that has no unit
OF_A_PIXEL = 0.5  # of the fall: a single pixel is noisier than its neighbours' median, and may show less
BARE, BARE_SHARE = 0.11, 0.15  # NIRv of bare ground at most; and as a part of the site's span
LEFT = 0.6  # of the vigour before, on bare ground
WOODY = -17.0  # dB of VH, a pixel's median: more is trees
ABRUPT = 30  # days between two views
SHORT_DAY = 10.0  # hours of daylight; below it snow and low sun are more likely than harvests
STILL_GONE = 120  # days for which a loss of the short days must be seen to last
LONGEST_GAP = 60  # days between two views
MEMORY = 60  # days
FULL = 0.7  # of a pixel's own height
KEPT = 0.5  # of a fall that must still be there at the next view, and that a regrowth must make good
NEXT_WITHIN = 8  # days; a later view does not tell whether a fall lasted
BARE_LASTS = 30  # days; bare ground that is green again sooner was none
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
    radar: NDArray[np.floating] | None = None,
    pixel_m: float = 0.0,
    smallest: int = SMALLEST,
) -> list[Event]:
    """Events from the vigour of pixels (t, rows, cols), NaN where not seen; `strength` is the fall, in its units.

    `fall` None: vigour has no unit. Without a `latitude` winter is treated like summer. `radar` (rows, cols): the
    median VH of each pixel, dB, NaN where unknown; without it all may be trees.
    """
    if fall is not None and not fall > 0:
        raise InputError("fall", fall, "is no fall", "give a number above 0")
    shape = vigour.shape[1:]
    flat, day = vigour.reshape(len(days), -1).astype(np.float64), days.astype("datetime64[D]").astype(np.int64)
    enough = np.isfinite(flat).sum(axis=0) >= FEWEST
    if not enough.any():
        problem = f"has no pixel that was seen {FEWEST} times, so that no fall can be told"
        raise InputError("embedding", f"{len(days)} dates", problem, "embed a longer period")
    low, high = (float(end) for end in np.nanpercentile(flat[:, enough], SPAN))
    least = SHARE * (high - low) if fall is None else fall
    top = np.full(flat.shape[1], np.nan)
    top[enough] = np.nanpercentile(flat[:, enough], SPAN[1], axis=0)
    walk = _Walk(
        flat,
        day,
        fall=least,
        full=min(low, 0.0) + FULL * (top - min(low, 0.0)),
        bare=low + BARE_SHARE * (high - low) if fall is None else BARE,
    )
    for date in range(len(day)):
        walk.step(date)
    found = walk.marks()
    low_plants = np.zeros(flat.shape[1], bool) if radar is None else np.asarray(radar.ravel() < WOODY)
    kept = found.of(~_passed_over(found, flat, day, latitude, low_plants, least))
    told = events(kept, (shape[0], shape[1]), kind=KIND, pixel_m=pixel_m, smallest=smallest)
    return [one for one in told if one.strength >= least]


def _passed_over(
    marks: Marks,
    flat: NDArray[np.float64],
    days: NDArray[np.int64],
    latitude: float | None,
    low_plants: NDArray[np.bool_],
    least: float,
) -> NDArray[np.bool_]:
    """Which marks are the season's, or a passing thing of winter (n,)."""
    lines = daily_lines(flat, days)
    cut = low_plants[marks.pixel] & (marks.before - marks.after <= ABRUPT) & (marks.strength >= least)
    seasonal = ~_regrown(marks, lines, days, REGROWN) & _usual(marks, lines, days) & ~cut
    if latitude is None:
        return seasonal
    shortest = np.minimum(day_length(marks.after, latitude), day_length(marks.before, latitude))
    seen_to_last = (marks.before + STILL_GONE <= days[-1]) & ~_regrown(marks, lines, days, STILL_GONE)
    return seasonal | ((shortest < SHORT_DAY) & ~seen_to_last)


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

    def __init__(
        self, flat: NDArray[np.float64], days: NDArray[np.int64], *, fall: float, full: Floats, bare: float
    ) -> None:
        count = flat.shape[1]
        self.flat, self.days, self.fall_to_bare, self.full, self.bare = flat, days, fall, full, bare
        self.least = OF_A_PIXEL * fall
        self.last = np.full(count, np.nan)  # vigour at the last view
        self.last_day = np.full(count, -(10**6))
        self.full_day = np.full(count, -(10**6))  # when the pixel last stood at its full height
        self.fall = np.zeros(count)  # of the open loss; 0 = none
        self.floor = np.zeros(count)
        self.span = np.zeros((2, count), np.int64)
        self.on_bare = np.zeros(count, bool)  # the open loss ended on bare ground
        self.lasts = np.zeros(count, np.int64)  # days within which the next view may show that it was none
        self.unsure = np.zeros(count, bool)  # the next view has yet to confirm it
        self.found: list[tuple[NDArray[Any], ...]] = []

    def step(self, date: int) -> None:
        now, day = self.flat[date], int(self.days[date])
        seen = np.isfinite(now)
        with np.errstate(invalid="ignore"):
            self._judge(now, day, seen)
            fell = self.last - now
            near = seen & (day - self.last_day <= LONGEST_GAP)
            from_full = near & (fell >= self.least) & (self.last_day - self.full_day <= MEMORY)
            from_full &= ~((self.fall > 0) & (fell <= self.fall))
            to_bare = near & (now <= self.bare) & (fell >= self.fall_to_bare) & (now <= LEFT * self.last)
            to_bare &= ~((self.fall > 0) & self.on_bare)
            new = from_full | to_bare
            self.fall = np.where(new, fell, self.fall)
            self.floor = np.where(new, now, np.where(seen, np.fmin(self.floor, now), self.floor))
            self.span = np.where(new, np.stack([self.last_day, np.full_like(self.last_day, day)]), self.span)
            self.on_bare = np.where(new, now <= self.bare, self.on_bare)
            self.lasts = np.where(new, np.where(from_full, NEXT_WITHIN, BARE_LASTS), self.lasts)
            self.unsure = (self.unsure & ~seen) | new
            self.full_day = np.where(seen & (now >= self.full), day, self.full_day)
        self.last = np.where(seen, now, self.last)
        self.last_day = np.where(seen, day, self.last_day)

    def _judge(self, now: NDArray[np.float64], day: int, seen: NDArray[np.bool_]) -> None:
        """Drop what the next view shows to have been no loss; close what has grown again."""
        back = seen & (self.fall > 0) & (now >= self.floor + KEPT * self.fall)
        soon = day - self.span[1] <= self.lasts
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
