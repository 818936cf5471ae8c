from collections.abc import Callable

import numpy as np
import pytest

from core.simulate.day import Day
from core.simulate.landscape import make_landscape
from core.simulate.spec import DEMO_SITES, Plant
from core.simulate.state import HiddenState
from core.simulate.units import make_units
from core.simulate.water import SoilWater, potential_evaporation

SPEC = DEMO_SITES["SIM-WET"]
UNITS = make_units(SPEC, make_landscape(SPEC, 48, seed=1), seed=1)
GREEN, BROWN = np.full(len(UNITS), 3.0), np.zeros(len(UNITS))


def a_day(*, liquid: float = 0.0, temperature: float = 20.0, minimum: float = 12.0, radiation: float = 22.0) -> Day:
    return Day(
        index=0,
        doy=180,
        year=2020,
        temperature=temperature,
        temperature_min=minimum,
        warmth=temperature,
        radiation=radiation,
        precipitation=liquid,
        liquid=liquid,
    )


def after(days: int, day: Day) -> SoilWater:
    water = SoilWater(UNITS)
    for _ in range(days):
        water.step(day, GREEN, BROWN)
    return water


def test_makkink_evaporation_of_a_summer_day_is_right() -> None:
    # 0.65 * 0.1447 / (0.1447 + 0.066) * 20 * 0.408: slope of the vapour pressure at 20 degC from FAO-56, table 2.4
    assert potential_evaporation(20.0, 20.0) == pytest.approx(3.64, abs=0.01)


def test_without_rain_the_plants_run_dry_and_rain_restores_them() -> None:
    land = np.setdiff1d(np.arange(len(UNITS)), UNITS.rows(Plant.SEDGE))
    water = after(90, a_day())
    assert (water.supply[land] < 0.2).all()
    assert (water.stress[land] > 0.5).all()
    assert (water.turgor[land] < 0.75).all()
    for _ in range(60):
        water.step(a_day(liquid=15), GREEN, BROWN)
    assert (water.supply[land] == 1).all()
    assert (water.stress[land] < 0.1).all()


def test_a_fen_hardly_feels_a_drought_that_stops_dry_land() -> None:
    water = after(90, a_day())
    fen = UNITS.rows(Plant.SEDGE)
    assert water.supply[fen].min() > 0.3
    assert water.supply[fen].min() > 3 * np.delete(water.supply, fen).max()


def test_topsoil_stays_between_dry_and_soaked() -> None:
    assert after(120, a_day()).topsoil_moisture.min() >= 5
    assert after(120, a_day(liquid=40)).topsoil_moisture.max() <= 38


def test_frost_builds_up_and_leaves_over_days_not_at_once() -> None:
    water = SoilWater(UNITS)
    steps = []
    for day in [a_day(temperature=-8, minimum=-12)] * 10 + [a_day()] * 10:
        water.step(day, GREEN, BROWN)
        steps.append(water.frost)
    assert max(steps) > 0.85
    assert steps[-1] < 0.15
    assert np.abs(np.diff(steps)).max() < 0.25


def test_the_drought_year_is_the_thirstiest(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-DBF")
    supply = state.growth.history.supply[state.units.rows(Plant.BROADLEAF)]
    by_year = [supply[:, state.calendar.days_of(year)].mean() for year in state.calendar.recorded_years]
    assert int(np.argmin(by_year)) == 3  # 2022
    assert ((supply >= 0) & (supply <= 1)).all()
