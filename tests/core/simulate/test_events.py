from collections.abc import Callable

import numpy as np
import pytest

from core.simulate.calendar import Calendar
from core.simulate.events import RISKS, SMALLEST_DISTURBED, Event, draw_disturbances
from core.simulate.landscape import make_landscape
from core.simulate.site import SimulatedSite
from core.simulate.spec import DEMO_SITES

CALENDAR = Calendar(2019, 2022)


@pytest.fixture(scope="module")
def drawn() -> list[tuple[list[Event], object]]:
    """Disturbances of ten boreal landscapes."""
    spec = DEMO_SITES["SIM-ENF"]
    lands = [make_landscape(spec, 80, seed=seed) for seed in range(10)]
    return [(draw_disturbances(spec, land, CALENDAR, seed=seed), land) for seed, land in enumerate(lands)]


def test_disturbances_strike_the_right_covers_in_their_season(drawn) -> None:
    risks = {(risk.type, cover): risk for risk in RISKS for cover in risk.covers}
    for events, land in drawn:
        for event in events:
            doy = (np.datetime64(event.date) - np.datetime64(event.date[:4])).astype(int) + 1
            for patch in event.patches:
                risk = risks[event.type, land.covers[patch - 1]]
                assert risk.first_doy <= doy <= risk.last_doy
                assert land.pixels[patch - 1] >= SMALLEST_DISTURBED


def test_no_patch_is_struck_twice_and_the_tower_never(drawn) -> None:
    for events, land in drawn:
        struck = [patch for event in events for patch in event.patches]
        assert len(struck) == len(set(struck))
        assert land.patch[40, 40] not in struck


def test_something_is_seen_before_it_changes(drawn) -> None:
    assert {event.date[:4] for events, _ in drawn for event in events} == {"2020", "2021", "2022"}


def test_pixels_are_counted_and_events_are_in_order_of_date(demo: Callable[[str], SimulatedSite]) -> None:
    site = demo("SIM-DBF")
    patch_map = site.truth["patch_map"].values
    assert [event.date for event in site.events] == sorted(event.date for event in site.events)
    for event in site.events:
        assert event.pixels == np.isin(patch_map, event.patches).sum()


def test_the_drought_lasts_and_covers_the_whole_site(demo: Callable[[str], SimulatedSite]) -> None:
    (drought,) = [event for event in demo("SIM-DBF").events if event.type == "drought"]
    assert (drought.date, drought.end) == ("2022-04-01", "2022-10-01")
    assert drought.pixels == 6400


@pytest.mark.parametrize(
    ("site_id", "types"),
    [
        ("SIM-DBF", {"clearcut", "windthrow", "harvest", "mowing"}),
        ("SIM-ENF", {"clearcut", "windthrow", "beetle"}),
        ("SIM-GRA", {"mowing"}),
        ("SIM-CRO", {"harvest"}),
        ("SIM-SAV", {"fire"}),
    ],
)
def test_each_demo_site_has_events_to_find(demo: Callable[[str], SimulatedSite], site_id: str, types: set) -> None:
    assert types <= {event.type for event in demo(site_id).events}
