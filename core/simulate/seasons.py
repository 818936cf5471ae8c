"""True season dates: when leaf area rises past half its amplitude, peaks and falls past half again."""

from typing import NamedTuple

import numpy as np

from core.simulate.arrays import Floats
from core.simulate.calendar import Calendar, Dates

LEAST_AMPLITUDE = 0.8  # m2 m-2 of leaf area within a year; evergreens have no season
LONGEST = 330  # days from the peak within which the season must begin or end


class Seasons(NamedTuple):
    """Dates (patches, years), NaT where there is no such day."""

    start: Dates
    peak: Dates
    end: Dates


def season_dates(leaf_area: Floats, calendar: Calendar) -> Seasons:
    """Season of every recorded year from daily green leaf area (patches, days), spin-up included."""
    shape = (len(leaf_area), len(calendar.recorded_years))
    dates = Seasons(*(np.full(shape, np.datetime64("NaT"), dtype="datetime64[D]") for _ in range(3)))
    for column, year in enumerate(calendar.recorded_years):
        days = calendar.days_of(year)
        for row, series in enumerate(leaf_area):
            found = _season(series, days)
            for target, day in zip(dates, found, strict=True):
                if day is not None:
                    target[row, column] = calendar.dates[day]
    return dates


def _season(series: Floats, days: slice) -> tuple[int | None, int | None, int | None]:
    """Positions of start, peak and end of the season that peaks within `days`."""
    of_year = series[days]
    low, high = of_year.min(), of_year.max()
    if high - low < LEAST_AMPLITUDE:
        return None, None, None
    peak = days.start + int(of_year.argmax())
    below = series < (low + high) / 2
    before = np.flatnonzero(below[max(peak - LONGEST, 0) : peak])
    after = np.flatnonzero(below[peak : peak + LONGEST])
    start = max(peak - LONGEST, 0) + int(before[-1]) + 1 if before.size else None
    return start, peak, peak + int(after[0]) if after.size else None
