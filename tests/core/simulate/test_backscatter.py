from collections.abc import Callable

import numpy as np
import pytest

from core.simulate.backscatter import RadarScene, soil_backscatter
from core.simulate.growth.crop_calendar import WHEAT
from core.simulate.sentinel1 import decibel
from core.simulate.spec import Plant
from core.simulate.state import HiddenState


@pytest.fixture
def radar(state_of: Callable[[str], HiddenState]) -> Callable[[str], tuple[RadarScene, HiddenState]]:
    def of(site_id: str) -> tuple[RadarScene, HiddenState]:
        state = state_of(site_id)
        return RadarScene(state.spec, state.weather, state.units, state.growth, state.pixels, seed=state.seed), state

    return of


def series(radar: tuple[RadarScene, HiddenState], rows: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """VV and VH (days,) in dB, mean over units."""
    powers = [radar[0].units(int(day)) for day in days]
    vv, vh = (np.array([getattr(power, pol)[rows].mean() for power in powers]) for pol in ("vv", "vh"))
    return decibel(vv), decibel(vh)


def test_bare_soil_brightens_with_moisture_as_the_published_model_says() -> None:
    # Baghdadi et al. 2016: 10^(0.008 cot(theta)) per volume percent in VV, 0.011 in VH; theta = 35.5 degrees
    soil = soil_backscatter(np.array([10.0, 30.0]), np.array([1.2, 1.2]))
    per_percent = [np.diff(decibel(power))[0] / 20 for power in soil]
    assert per_percent == pytest.approx([0.08 / np.tan(np.radians(35.5)), 0.11 / np.tan(np.radians(35.5))])
    assert -14 < decibel(soil.vv)[0] < -8


def test_rough_soil_is_brighter() -> None:
    soil = soil_backscatter(np.array([20.0, 20.0]), np.array([0.8, 2.0]))
    assert soil.vv[1] > soil.vv[0]
    assert soil.vh[1] > soil.vh[0]


def test_leaves_lower_the_backscatter_of_a_broadleaf_forest(radar) -> None:
    scene = radar("SIM-DBF")
    calendar, rows = scene[1].calendar, scene[1].units.rows(Plant.BROADLEAF)
    mild = np.flatnonzero((calendar.doy > 80) & (calendar.doy < 100) & (scene[1].growth.history.frost < 0.05))
    leafy = np.flatnonzero((calendar.doy > 170) & (calendar.doy < 200))
    bare, full = series(scene, rows, mild[::5])[1].mean(), series(scene, rows, leafy[::5])[1].mean()
    assert bare == pytest.approx(-13.1, abs=0.7)
    assert full == pytest.approx(-14.5, abs=0.7)


def test_upright_wheat_swallows_vv(radar) -> None:
    scene, state = radar("SIM-CRO")
    rows, days = np.nonzero((state.growth.species == WHEAT) & (state.growth.history.green > 4.5))
    vv = [decibel(scene.units(int(day)).vv)[row] for row, day in list(zip(rows, days, strict=True))[::50]]
    assert np.median(vv) == pytest.approx(-16, abs=1)


def test_mowing_lowers_vh_by_one_to_three_decibels(radar) -> None:
    scene, state = radar("SIM-GRA")
    mowings = [event for event in state.events if event.type == "mowing" and "06" <= event.date[5:7] <= "08"]
    drops = []
    for event in mowings:
        row, day = state.units.main[event.patches[0] - 1], state.calendar.index(event.date)
        before, after = (decibel(scene.units(d).vh)[row] for d in (day - 1, day))
        drops.append(before - after)
    assert 0.7 < np.median(drops) < 3


def test_frost_lowers_a_conifer_forest_by_about_two_decibels(radar) -> None:
    scene = radar("SIM-ENF")
    rows, frost = scene[1].units.rows(Plant.CONIFER), scene[1].growth.history.frost
    frozen, open_ground = np.flatnonzero(frost > 0.9)[::20], np.flatnonzero(frost < 0.02)[::20]
    dry = scene[1].weather.precipitation < 1
    drop = series(scene, rows, open_ground[dry[open_ground]])[1].mean() - series(scene, rows, frozen)[1].mean()
    assert 1.5 < drop < 3


def test_water_is_dark_and_towns_are_bright(radar) -> None:
    scene, state = radar("SIM-WET")
    power = scene.pixels(state.calendar.index("2020-07-01"))
    assert decibel(power.vv[state.pixels.water].mean()) < -17
    assert decibel(power.vh[state.pixels.water].mean()) < -21
    assert decibel(power.vv[state.pixels.settlement].mean()) > -7
