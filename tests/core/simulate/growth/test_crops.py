import numpy as np
import pytest

from core.simulate.calendar import Calendar
from core.simulate.growth.crop_calendar import BEET, CROPS, MAIZE, RAPE, WHEAT, CropCalendar, plan_crops
from core.simulate.spec import DEMO_SITES, Plant
from core.simulate.weather import simulate_weather

CALENDAR = Calendar(2019, 2022)
WEATHER = simulate_weather(DEMO_SITES["SIM-CRO"], CALENDAR, seed=3)


@pytest.fixture(scope="module")
def plan() -> CropCalendar:
    return plan_crops(WEATHER, 40, np.random.default_rng(0))


def months(days: np.ndarray) -> np.ndarray:
    return CALENDAR.dates[days].astype("datetime64[M]").astype(int) % 12 + 1


def test_one_crop_is_harvested_on_every_field_each_year(plan: CropCalendar) -> None:
    crops = plan.crop_of_year(CALENDAR)
    assert crops.shape == (40, 4)
    assert set(np.unique(crops)) == {WHEAT, MAIZE, RAPE, BEET}


def test_nobody_grows_rape_after_rape(plan: CropCalendar) -> None:
    crops = plan.crop_of_year(CALENDAR)
    assert not ((crops[:, 1:] == RAPE) & (crops[:, :-1] == RAPE)).any()


def test_winter_crops_are_cut_in_summer_and_maize_and_beet_in_autumn(plan: CropCalendar) -> None:
    fields, days = np.nonzero(plan.harvested)
    crop = plan.species[fields, days - 1]
    assert set(months(days[np.isin(crop, [WHEAT, RAPE])])) <= {6, 7, 8}
    assert set(months(days[np.isin(crop, [MAIZE, BEET])])) <= {9, 10, 11}


def test_wheat_is_sown_in_autumn_and_maize_in_april(plan: CropCalendar) -> None:
    fields, days = np.nonzero(plan.sown)
    late = days > 200  # the first autumn is cut off by the calendar's beginning
    crop = plan.species[fields, days]
    assert set(months(days[late & (crop == WHEAT)])) <= {9, 10, 11}
    assert set(months(days[late & (crop == MAIZE)])) <= {4, 5}


def test_a_field_lies_bare_between_harvest_and_the_next_crop(plan: CropCalendar) -> None:
    fields, days = np.nonzero(plan.harvested)
    inside = days < len(CALENDAR) - 1
    assert (plan.species[fields[inside], days[inside] + 1] == 0).all()


def test_harvests_name_the_crop(plan: CropCalendar) -> None:
    names = {name for _, _, name in plan.harvests()}
    assert names == {CROPS[crop].name for crop in (WHEAT, MAIZE, RAPE, BEET)}


def test_a_harvest_empties_the_field_within_a_day(state_of) -> None:
    state = state_of("SIM-CRO")
    green = state.growth.history.green
    harvests = [event for event in state.events if event.type == "harvest"]
    assert len(harvests) > 20
    for event in harvests:
        row, day = state.units.main[event.patches[0] - 1], state.calendar.index(event.date)
        assert state.units.plant[row] is Plant.CROP
        assert event.crop
        assert green[row, day] == pytest.approx(0.06)


def test_wheat_fills_its_leaf_area_in_late_spring(state_of) -> None:
    state = state_of("SIM-CRO")
    standing = state.growth.species == WHEAT
    may = np.isin(np.arange(len(state.calendar)), [state.calendar.index(f"{y}-05-20") for y in range(2019, 2023)])
    assert np.median(state.growth.history.green[standing & may]) > 3.5
