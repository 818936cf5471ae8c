from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.simulate.calendar import Calendar
from core.simulate.growth.trees import budburst_days, colouring_days
from core.simulate.spec import DEMO_SITES, Plant
from core.simulate.state import HiddenState
from core.simulate.weather import simulate_weather

CALENDAR = Calendar(2019, 2022)
WEATHER = simulate_weather(DEMO_SITES["SIM-DBF"], CALENDAR, seed=3)


def warmer(by: float):
    return replace(WEATHER, temperature=WEATHER.temperature + by)


def test_buds_break_between_april_and_mid_may_in_low_hills() -> None:
    days = budburst_days(WEATHER, np.array([135.0]))
    assert ((days > 90) & (days < 140)).all()


def test_buds_break_earlier_in_warmth_and_leaves_colour_later() -> None:
    heat, cold = np.array([135.0]), np.array([75.0])
    assert (budburst_days(warmer(2), heat) < budburst_days(WEATHER, heat)).all()
    assert (colouring_days(warmer(2), cold) >= colouring_days(WEATHER, cold)).all()


def test_a_warm_spring_shifts_leaf_out_by_some_days_per_degree() -> None:
    # European beech and oak: 2 to 8 days per kelvin (e.g. Fu et al. 2015)
    shift = budburst_days(WEATHER, np.array([135.0])) - budburst_days(warmer(1), np.array([135.0]))
    assert 2 < shift.mean() < 10


@pytest.fixture
def forest(state_of: Callable[[str], HiddenState]) -> HiddenState:
    return state_of("SIM-DBF")


def test_broadleaf_trees_are_bare_in_winter_and_dense_in_summer(forest: HiddenState) -> None:
    row = forest.units.main[forest.landscape.patch[28, 28] - 1]
    green = forest.growth.history.green[row]
    assert green[forest.calendar.index("2020-01-20")] < 0.4
    assert green[forest.calendar.index("2020-07-01")] > 3.5


def test_conifers_keep_their_leaves_but_not_their_capacity(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-ENF")
    row = state.units.main[state.landscape.patch[28, 28] - 1]
    assert state.units.plant[row] is Plant.CONIFER
    year = state.calendar.days_of(2020)
    green, capacity = state.growth.history.green[row, year], state.growth.history.capacity[row, year]
    assert green.min() > 0.8 * green.max()
    assert capacity.min() < 0.15 * capacity.max()
