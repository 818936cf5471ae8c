"""Start, peak and end of the season, from any series that rises and falls with vegetation; of one place or of all
pixels.

The series is smoothed over its own clear dates and joined by straight lines. The season peaks where the line is highest
within the year; it starts where the line last rose through `LEVEL` of its span before the peak, and ends where it first
falls through it after. Two thirds, not a half: reflected light saturates, so that half of the leaves give about two
thirds of the signal. Each date comes with the two clear dates it lies between: it could not be told better than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError

LEVEL = 2 / 3  # of the span between the year's lowest and highest value
SMOOTHED = 5.0  # days, width of the smoothing
REACH_BACK, REACH_ON = 60, 60  # days beyond the year in which a season may start or end
FEWEST = 8  # clear dates within the year
LEAST_COVERED = 200  # days of the year between the first and last clear date
CHUNK = 500  # pixels at once: bounds memory

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, kw_only=True)
class Date:
    """One date of a season, and the clear dates it lies between; all ISO."""

    date: str
    first: str
    last: str

    @property
    def uncertain_days(self) -> float:
        """Half the gap, days: the date is known to plus or minus this."""
        return float((np.datetime64(self.last) - np.datetime64(self.first)) / np.timedelta64(1, "D")) / 2


@dataclass(frozen=True, kw_only=True)
class Season:
    """What one series says of one year; None where there is no such date."""

    source: str  # what it was read from
    year: int
    start: Date | None
    peak: Date | None
    end: Date | None

    def to_json(self) -> dict[str, Any]:
        dates = {name: getattr(self, name) for name in ("start", "peak", "end")}
        told = {
            name: None if one is None else {"date": one.date, "first": one.first, "last": one.last}
            for name, one in dates.items()
        }
        return {"source": self.source, "year": self.year} | told


class SeasonMap(NamedTuple):
    """Day of the year (1 = 1 January, may lie beyond the year) of each pixel, NaN where there is none; (rows, cols)."""

    start: NDArray[np.float32]
    peak: NDArray[np.float32]
    end: NDArray[np.float32]


def season(values: NDArray[np.floating], days: Days, year: int, *, source: str, level: float = LEVEL) -> Season:
    """The season of one series (t,), NaN where not seen; a year seen too seldom is refused."""
    _check_level(level)
    own = days[np.isfinite(values)].astype("datetime64[D]")
    within = own[own.astype("datetime64[Y]") == np.datetime64(str(year), "Y")]
    if len(within) < FEWEST:
        problem = f"has {len(within)} clear dates, too few to tell a season"
        raise InputError("year", year, problem, f"choose a year with {FEWEST} or more, spread over it")
    if (covered := int((within[-1] - within[0]).astype(int))) < LEAST_COVERED:
        problem = f"has all its clear dates within {covered} days, too short a part of it to tell a season"
        raise InputError("year", year, problem, f"choose a year seen over {LEAST_COVERED} days or more")
    found = _found(values[:, None].astype(np.float64), days, year, level)
    new_year = np.datetime64(f"{year}-01-01", "D")
    dates: dict[str, Date | None] = {}
    for name, day in zip(("start", "peak", "end"), found, strict=True):
        if not np.isfinite(day[0]):
            dates[name] = None
            continue
        date = new_year + int(round(float(day[0])) - 1)
        earlier, later = own[own <= date], own[own >= date]
        first = earlier[-1] if earlier.size else own[0]
        last = later[0] if later.size else own[-1]
        if first == last:  # on a clear date: it may lie up to the next ones
            around = int(np.searchsorted(own, first))
            first, last = own[max(0, around - 1)], own[min(len(own) - 1, around + 1)]
        dates[name] = Date(date=str(date), first=str(first), last=str(last))
    return Season(source=source, year=year, **dates)


def seasons(
    values: NDArray[np.floating], days: Days, *, source: str, level: float = LEVEL
) -> tuple[list[Season], list[str]]:
    """Every year of a series that can tell its season, and a sentence on each that cannot."""
    found, remarks = [], []
    for year in np.unique(days.astype("datetime64[Y]")).astype(int) + 1970:
        try:
            found.append(season(values, days, int(year), source=source, level=level))
        except InputError as error:
            remarks.append(f"{source}: {error}")
    return found, remarks


def season_map(values: NDArray[np.floating], days: Days, year: int, *, level: float = LEVEL) -> SeasonMap:
    """The season of every pixel (t, rows, cols)."""
    _check_level(level)
    shape = values.shape[1:]
    flat = values.reshape(len(days), -1)
    parts = [
        np.stack(_found(flat[:, first : first + CHUNK].astype(np.float64), days, year, level))
        for first in range(0, flat.shape[1], CHUNK)
    ]
    start, peak, end = np.concatenate(parts, axis=1).astype(np.float32)
    return SeasonMap(start.reshape(shape), peak.reshape(shape), end.reshape(shape))


def difference_to_mean(maps: dict[int, SeasonMap], year: int) -> SeasonMap:
    """Days by which a year's dates are later than the mean of the other years."""
    others = [one for other, one in maps.items() if other != year]
    if year not in maps or not others:
        raise InputError("year", year, "has no other year to compare with", f"choose of {sorted(maps)}, two at least")
    with np.errstate(invalid="ignore"):
        means = [_mean(np.stack([getattr(one, name) for one in others])) for name in SeasonMap._fields]
    return SeasonMap(*(own - mean for own, mean in zip(maps[year], means, strict=True)))


# ---------------------------------------------------------------- inside
def _mean(layers: NDArray[np.float32]) -> NDArray[np.float32]:
    known = np.isfinite(layers)
    count = known.sum(axis=0)
    total = np.where(known, layers, 0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InputError("level", level, "is no share of the season's span", "give a number between 0 and 1")


def _found(values: Floats, days: Days, year: int, level: float) -> tuple[Floats, Floats, Floats]:
    """Day of the year of start, peak and end (n,) of series (t, n); NaN where there is none or views are too few."""
    new_year = np.datetime64(f"{year}-01-01", "D")
    day = (days.astype("datetime64[D]") - new_year).astype(int)
    near = (day >= -REACH_BACK - 40) & (day < 365 + REACH_ON + 40)
    day, values = day[near], values[near]
    known = np.isfinite(values)
    inside = (day >= 0) & (day < 366)
    count = known[inside].sum(axis=0)
    every = np.arange(-REACH_BACK, 365 + REACH_ON)
    nothing = np.full(values.shape[1], np.nan)
    if not (count >= FEWEST).any():
        return nothing, nothing.copy(), nothing.copy()
    line, first, last = _lines(_smoothed(values, known, day), known, day, every)
    of_year = (every >= 0) & (every < 365) & (every >= first[:, None]) & (every <= last[:, None])  # (n, days)
    enough = (count >= FEWEST) & (of_year.sum(axis=1) >= LEAST_COVERED)
    lowest = np.where(of_year, line.T, np.inf).min(axis=1)
    highest = np.where(of_year, line.T, -np.inf).max(axis=1)
    peak = np.where(of_year, line.T, -np.inf).argmax(axis=1)
    told = enough & (highest > lowest)
    limit = lowest + level * np.where(told, highest - lowest, 0.0)
    below = (limit[:, None] > line.T) & (every >= first[:, None]) & (every <= last[:, None])
    place = np.arange(len(every))
    before = np.where(below & (place < peak[:, None]), place, -1).max(axis=1)
    after = np.where(below & (place > peak[:, None]), place, len(every)).min(axis=1)
    start = np.where(told & (before >= 0), every[np.minimum(before + 1, len(every) - 1)] + 1.0, np.nan)
    end = np.where(told & (after < len(every)), every[np.minimum(after, len(every) - 1)] + 1.0, np.nan)
    return start, np.where(told, every[peak] + 1.0, np.nan), end


def _smoothed(values: Floats, known: NDArray[np.bool_], day: NDArray[np.int64]) -> Floats:
    weight = np.exp(-0.5 * ((day[:, None] - day[None]) / SMOOTHED) ** 2)
    total = weight @ known
    return np.where(known, (weight @ np.where(known, values, 0.0)) / np.where(total > 0, total, 1.0), np.nan)


def _lines(
    values: Floats, known: NDArray[np.bool_], day: NDArray[np.int64], every: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Values on every day (days, n), held at both ends; first and last clear day (n,)."""
    line = np.zeros((len(every), values.shape[1]))
    first, last = np.full(values.shape[1], 10**6), np.full(values.shape[1], -(10**6))
    for pixel in np.flatnonzero(known.any(axis=0)):
        mine = known[:, pixel]
        line[:, pixel] = np.interp(every, day[mine], values[mine, pixel])
        first[pixel], last[pixel] = day[mine][0], day[mine][-1]
    return line, first, last
