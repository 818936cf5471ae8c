import numpy as np
import pytest

from core.simulate.calendar import Calendar
from core.simulate.day import Day, days
from core.simulate.events import Event
from core.simulate.growth.canopy import Canopy
from core.simulate.growth.disturbance import Disturbances
from core.simulate.landscape import make_landscape
from core.simulate.spec import DEMO_SITES, Plant
from core.simulate.units import make_units
from core.simulate.weather import simulate_weather

SPEC, CALENDAR = DEMO_SITES["SIM-SAV"], Calendar(2020, 2021)
UNITS = make_units(SPEC, make_landscape(SPEC, 48, seed=1), seed=1)
DAYS = list(days(simulate_weather(SPEC, CALENDAR, seed=1)))


def event(kind: str, date: str = "2020-06-01") -> Event:
    return Event(type=kind, date=date, end=date, patches=(1,), pixels=100)  # type: ignore[arg-type]


def lived_until(disturbances: Disturbances, date: str) -> Disturbances:
    for day in DAYS[: CALENDAR.index(date) + 1]:
        disturbances.step(day)
    return disturbances


def struck(kind: str, until: str) -> tuple[Canopy, Canopy, Disturbances]:
    """The canopy before and after an event of 1 June 2020, as seen on a later day."""
    whole = Canopy.at_start(UNITS)
    whole.green = np.full(len(UNITS), 3.0)
    disturbances = lived_until(Disturbances([event(kind)], UNITS, CALENDAR), until)
    return whole, disturbances.applied_to(whole), disturbances


@pytest.mark.parametrize(("kind", "leaves", "wood"), [("clearcut", 0.04, 0.05), ("windthrow", 0.35, 0.4)])
def test_felling_and_storm_take_leaves_and_stems_of_their_patch_alone(kind: str, leaves: float, wood: float) -> None:
    whole, left, disturbances = struck(kind, "2020-06-01")
    here = UNITS.patch == 1
    assert left.green[here] == pytest.approx(leaves * whole.green[here])
    assert left.green[~here] == pytest.approx(whole.green[~here])
    assert disturbances.wood[here] == pytest.approx(wood)


def test_nothing_is_seen_before_the_day() -> None:
    whole, left, _ = struck("clearcut", "2020-05-31")
    assert left.green == pytest.approx(whole.green)


def test_fire_blackens_the_ground_and_the_grass_returns_before_the_trees() -> None:
    _, _, fresh = struck("fire", "2020-06-01")
    _, later, _ = struck("fire", "2021-06-01")
    here = UNITS.patch == 1
    assert fresh.char[here] == pytest.approx(0.75)
    grass = here & np.isin(np.arange(len(UNITS)), UNITS.rows(Plant.ANNUAL_GRASS))
    oaks = here & np.isin(np.arange(len(UNITS)), UNITS.rows(Plant.OAK))
    assert (later.green[grass] > 2.9).all()
    assert (later.green[oaks] < 1).all()


def test_beetles_redden_a_forest_over_weeks() -> None:
    here = UNITS.patch == 1
    green = {date: struck("beetle", date)[1].green[here].mean() for date in ("2020-06-01", "2020-07-01", "2020-09-01")}
    assert green["2020-06-01"] == pytest.approx(3.0)
    assert 1.5 < green["2020-07-01"] < 2.8
    assert green["2020-09-01"] == pytest.approx(0.6)
    assert (struck("beetle", "2020-09-01")[1].brown_pigment[here] > 0.5).all()


def test_days_carry_the_warmth_of_the_past_weeks() -> None:
    warmth = np.array([day.warmth for day in DAYS])
    temperature = np.array([day.temperature for day in DAYS])
    assert isinstance(DAYS[0], Day)
    assert np.diff(warmth).std() < 0.25 * np.diff(temperature).std()
    assert np.corrcoef(warmth[9:], temperature[:-9])[0, 1] > 0.9
