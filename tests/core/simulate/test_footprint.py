from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulate.footprint import source_weights
from core.simulate.state import HiddenState


@given(st.integers(10, 60), st.floats(0, 360), st.floats(20, 200))
def test_every_footprint_sums_to_one(half: int, wind_from: float, peak: float) -> None:
    weights = source_weights(2 * half, wind_from, peak)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


@pytest.mark.parametrize(("wind_from", "side"), [(0, "north"), (90, "east"), (180, "south"), (270, "west")])
def test_the_tower_sees_the_ground_the_wind_comes_from(wind_from: float, side: str) -> None:
    weights = source_weights(80, wind_from, 70.0)
    half = {"north": weights[:40], "south": weights[40:], "west": weights[:, :40], "east": weights[:, 40:]}
    assert half[side].sum() > 0.99


def test_its_centre_line_peaks_at_the_distance_asked_for() -> None:
    line = source_weights(80, 0.0, 100.0)[:40].sum(axis=1)[::-1]  # from the tower northwards, 10 m a step
    assert int(line.argmax()) * 10 == pytest.approx(95, abs=15)


def test_a_uniform_site_is_seen_as_it_is(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-DBF")
    uniform = np.full_like(state.gpp, 7.0)
    seen = state.footprint.seen(state.weather, uniform)
    assert seen == pytest.approx(seen[0], rel=0.1)  # roads and denser stands on one side, no more
    assert 6 < seen.mean() < 8


def test_the_wind_decides_which_patches_are_seen(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-CRO")
    east, west = (
        state.footprint.seen(replace(state.weather, wind_direction=np.full(len(state.calendar), wind)), state.gpp)
        for wind in (90.0, 270.0)
    )
    assert np.abs(east - west).max() > 0.5
