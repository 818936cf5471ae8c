from collections.abc import Callable

import numpy as np
import pytest

from core.simulate.astronomy import sun_position
from core.simulate.growth.crop_calendar import RAPE
from core.simulate.reflectance import Surface, View
from core.simulate.spec import Cover
from core.simulate.state import HiddenState

B02, B03, B04, B05, B06, B07, B08, B8A, B11, B12 = range(10)


@pytest.fixture
def look(state_of: Callable[[str], HiddenState]) -> Callable[[str, str], tuple[np.ndarray, HiddenState]]:
    """Noise-free reflectance (pixels, 10) of a small landscape on a date."""

    def at(site_id: str, date: str) -> tuple[np.ndarray, HiddenState]:
        state = state_of(site_id)
        surface = Surface(state.weather, state.units, state.growth, state.pixels)
        day = state.calendar.index(date)
        view = View(sun_position(state.spec.lat, state.calendar.doy[day], 10.6), 3.2, 105.0)
        return surface.reflectance(day, view, np.arange(len(state.pixels))), state

    return at


def cover(state: HiddenState, *covers: Cover) -> np.ndarray:
    return state.landscape.is_cover(*covers).ravel()


def ndvi(reflectance: np.ndarray) -> np.ndarray:
    return (reflectance[:, B08] - reflectance[:, B04]) / (reflectance[:, B08] + reflectance[:, B04])


def test_a_summer_forest_looks_like_vegetation(look) -> None:
    seen, state = look("SIM-DBF", "2020-07-10")
    trees = seen[cover(state, Cover.BROADLEAF)].mean(axis=0)
    assert trees[B04] < trees[B03] < trees[B05] < trees[B06] < trees[B08]
    assert trees[B04] < 0.04
    assert 0.3 < trees[B08] < 0.6
    assert trees[B11] < trees[B08]


def test_conifers_are_darker_than_broadleaf_trees(look) -> None:
    seen, state = look("SIM-DBF", "2020-07-10")
    means = [seen[cover(state, kind)][:, B08].mean() for kind in (Cover.CONIFER, Cover.BROADLEAF)]
    assert means[0] < 0.7 * means[1]


def test_the_forest_greens_between_april_and_june(look) -> None:
    bare, state = look("SIM-DBF", "2020-03-25")
    leafy, _ = look("SIM-DBF", "2020-06-10")
    trees = cover(state, Cover.BROADLEAF)
    assert ndvi(leafy)[trees].mean() - ndvi(bare)[trees].mean() > 0.3


def test_water_is_dark_and_darkest_in_the_infrared(look) -> None:
    seen, state = look("SIM-WET", "2020-07-10")
    water = seen[cover(state, Cover.WATER)].mean(axis=0)
    assert water.max() < 0.06
    assert water[B11] < 0.01


def test_snow_whitens_open_land_more_than_a_conifer_forest(state_of, look) -> None:
    snow = state_of("SIM-ENF").weather.snow
    date = str(state_of("SIM-ENF").calendar.dates[int(np.argmax(snow))])
    seen, state = look("SIM-ENF", date)
    assert seen[cover(state, Cover.WETLAND)][:, B04].mean() > 0.6
    assert seen[cover(state, Cover.CONIFER)][:, B04].mean() < 0.35


def test_rape_flowers_yellow(state_of, look) -> None:
    state = state_of("SIM-CRO")
    rows, days = np.nonzero((state.growth.species == RAPE) & (state.growth.history.flowers > 0.9))
    seen, _ = look("SIM-CRO", str(state.calendar.dates[days[0]]))
    yellow = seen[state.pixels.main == rows[0]].mean(axis=0)
    assert yellow[B03] > 2 * yellow[B02]
    assert yellow[B04] > 2 * yellow[B02]


def test_pixels_of_a_patch_differ_a_little(look) -> None:
    seen, state = look("SIM-GRA", "2020-05-10")
    patch = state.landscape.patch.ravel() == state.landscape.patch[28, 28]
    spread = seen[patch][:, B08].std() / seen[patch][:, B08].mean()
    assert 0.005 < spread < 0.15
