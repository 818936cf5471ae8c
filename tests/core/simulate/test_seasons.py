import numpy as np
import pytest

from core.simulate.arrays import logistic
from core.simulate.calendar import Calendar
from core.simulate.seasons import season_dates

CALENDAR = Calendar(2020, 2021)
DOY = CALENDAR.doy.astype(float)


def day_of_year(dates: np.ndarray) -> np.ndarray:
    return (dates - dates.astype("datetime64[Y]")).astype(int) + 1


def test_a_forest_season_begins_and_ends_at_half_its_leaves() -> None:
    leaves = 0.3 + 5 * logistic(DOY, 125, 4) * (1 - logistic(DOY, 290, 5))
    seasons = season_dates(leaves[None], CALENDAR)
    assert seasons.start.shape == (1, 2)
    assert day_of_year(seasons.start) == pytest.approx(125, abs=1)
    assert day_of_year(seasons.end) == pytest.approx(290, abs=1)


def test_an_evergreen_has_no_season() -> None:
    seasons = season_dates(np.full((1, len(CALENDAR)), 3.5), CALENDAR)
    assert all(np.isnat(dates).all() for dates in seasons)


def test_a_winter_annual_begins_in_the_autumn_before_its_peak() -> None:
    leaves = 1.5 * np.exp(-0.5 * (((DOY + 60) % 365 - 140) / 45) ** 2)  # peak near day 80, from November on
    seasons = season_dates(leaves[None], CALENDAR)
    assert (seasons.start.astype("datetime64[Y]") <= seasons.peak.astype("datetime64[Y]")).all()
    assert (seasons.start < seasons.peak).all()
    assert (seasons.peak < seasons.end).all()
    assert day_of_year(seasons.peak) == pytest.approx(80, abs=1)
