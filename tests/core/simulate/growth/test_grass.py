from collections.abc import Callable

import numpy as np
import pytest

from core.simulate.calendar import Calendar
from core.simulate.growth.grass import cut_days
from core.simulate.spec import DEMO_SITES, Plant
from core.simulate.state import HiddenState
from core.simulate.weather import simulate_weather

CALENDAR = Calendar(2019, 2022)
WEATHER = simulate_weather(DEMO_SITES["SIM-GRA"], CALENDAR, seed=3)
CUTS = cut_days(WEATHER, np.random.default_rng(0), meadows=20)


def test_meadows_are_cut_three_to_six_times_a_year_on_dry_days() -> None:
    per_year = np.array([CUTS[:, CALENDAR.days_of(year)].sum(axis=1) for year in CALENDAR.years])
    assert per_year.min() >= 3
    assert per_year.max() <= 6
    assert WEATHER.precipitation[np.nonzero(CUTS)[1]].max() < 0.5


def test_the_first_cut_comes_in_may_or_june() -> None:
    first = [CALENDAR.doy[CALENDAR.days_of(year)][CUTS[0, CALENDAR.days_of(year)]][0] for year in CALENDAR.years]
    assert 121 <= min(first) <= max(first) <= 182


@pytest.fixture
def meadows(state_of: Callable[[str], HiddenState]) -> HiddenState:
    return state_of("SIM-GRA")


def summer_cuts(state: HiddenState) -> list[tuple[int, int]]:
    """(unit, day) of the mowings between May and August."""
    events = [e for e in state.events if e.type == "mowing" and "-05-01" <= e.date[4:] <= "-08-10"]
    return [(int(state.units.main[e.patches[0] - 1]), state.calendar.index(e.date)) for e in events]


def test_a_cut_takes_most_leaves_and_they_come_back_within_weeks_not_days(meadows: HiddenState) -> None:
    green = meadows.growth.history.green
    cuts = summer_cuts(meadows)
    before = np.array([green[row, day - 1] for row, day in cuts])
    assert len(cuts) > 10
    for days, least, most in ((0, 0.05, 0.35), (7, 0.08, 0.55), (28, 0.4, 1.2)):
        later = np.array([green[row, day + days] for row, day in cuts])
        assert least < np.median(later / before) < most


def test_annual_grass_is_green_in_spring_and_dead_in_summer(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-SAV")
    rows = state.units.rows(Plant.ANNUAL_GRASS)
    green = state.growth.history.green[rows].mean(axis=0)
    assert green[state.calendar.index("2020-04-10")] > 1
    assert green[state.calendar.index("2020-08-01")] < 0.25


def test_sedges_sprout_later_than_meadows(state_of: Callable[[str], HiddenState]) -> None:
    fen = state_of("SIM-WET")
    green = fen.growth.history.green[fen.units.rows(Plant.SEDGE)].mean(axis=0)
    year = green[fen.calendar.days_of(2020)]
    assert 180 < int(year.argmax()) < 260
    assert year[100] < 0.4 * year.max()
