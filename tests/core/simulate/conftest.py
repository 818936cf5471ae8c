"""Simulated sites that many tests look at, each made once and never changed."""

from collections.abc import Callable
from functools import cache

import pytest

from core.simulate.site import SimulatedSite, simulate, simulate_demo
from core.simulate.spec import DEMO_SITES
from core.simulate.state import HiddenState, hidden_state


@pytest.fixture(scope="session")
def demo() -> Callable[[str], SimulatedSite]:
    """A demo site by id, as the app shows it; simulated when first asked for."""
    return cache(simulate_demo)


@pytest.fixture(scope="session")
def small() -> SimulatedSite:
    """A small deciduous forest of two years."""
    return simulate(DEMO_SITES["SIM-DBF"], seed=3, size=32, years=(2021, 2022))


@pytest.fixture(scope="session")
def state_of() -> Callable[[str], HiddenState]:
    """The hidden state of a small landscape of a demo site's kind, four years, without any sensor."""

    @cache
    def state(site_id: str) -> HiddenState:
        return hidden_state(DEMO_SITES[site_id], seed=3, size=56, years=(2019, 2022))

    return state
