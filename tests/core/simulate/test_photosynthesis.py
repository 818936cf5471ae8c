from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulate.growth.crop_calendar import MAIZE
from core.simulate.photosynthesis import CARBON, c3_assimilation, c4_assimilation
from core.simulate.spec import Plant
from core.simulate.state import HiddenState

LIGHT = np.array([0.0, 100.0, 500.0, 1500.0, 3000.0])


def c3(vcmax25: float = 60.0, light: object = 1500.0, temperature: float = 25.0, co2: float = 280.0) -> np.ndarray:
    return c3_assimilation(np.array(vcmax25), np.asarray(light), np.array(temperature), np.array(co2))


def test_one_umol_a_second_all_day_is_one_gram_of_carbon() -> None:
    assert pytest.approx(1.037, abs=0.001) == 86400 * CARBON  # gC m-2 d-1


def test_a_sunlit_leaf_takes_up_what_leaves_do() -> None:
    # leaves with Vcmax25 near 60 umol m-2 s-1 take up 10 to 18 in bright light at 25 degC (Wullschleger 1993)
    assert 10 < c3() < 18


def test_uptake_rises_with_light_and_levels_off() -> None:
    rates = c3(light=LIGHT)
    assert rates[0] == pytest.approx(0, abs=1e-9)
    assert (np.diff(rates) > 0).all()
    assert rates[4] - rates[3] < 0.1 * (rates[2] - rates[1])


def test_uptake_peaks_in_warmth_and_fails_in_heat() -> None:
    rates = [float(c3(temperature=t)) for t in (5.0, 15.0, 25.0, 45.0)]
    assert rates[0] < rates[1] < rates[2]
    assert rates[3] < rates[2]


def test_c4_leaves_need_less_co2_than_c3_leaves() -> None:
    scarce, plenty = np.array(120.0), np.array(300.0)
    light, warm = np.array(1500.0), np.array(30.0)
    loss_c3 = 1 - c3(co2=120.0, temperature=30.0) / c3(co2=300.0, temperature=30.0)
    rates = [c4_assimilation(np.array(32.0), light, warm, co2) for co2 in (scarce, plenty)]
    assert 1 - rates[0] / rates[1] < 0.5 * loss_c3


@given(st.floats(0, 2500), st.floats(-5, 45), st.floats(60, 400), st.floats(1, 150))
def test_no_limit_is_ever_exceeded(light: float, temperature: float, co2: float, vcmax25: float) -> None:
    rate = float(c3(vcmax25, light, temperature, co2))
    assert rate <= 0.36 * light / 4 + 1e-9  # four electrons for each molecule
    assert np.isfinite(rate)


def test_trees_take_up_nothing_in_winter_and_most_in_early_summer(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-DBF")
    gpp = state.gpp[state.units.main[state.landscape.patch[28, 28] - 1]]
    assert (state.gpp >= 0).all()
    assert gpp[state.calendar.doy < 40].mean() < 0.3
    month = [gpp[(state.calendar.doy // 30.5).astype(int) == m].mean() for m in range(12)]
    assert int(np.argmax(month)) in (4, 5, 6)


def test_the_drought_takes_more_uptake_than_leaves(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-DBF")
    untouched = state.growth.history.wood.min(axis=1) == 1
    trees = np.intersect1d(state.units.rows(Plant.BROADLEAF), np.flatnonzero(untouched))
    summer = (state.calendar.doy > 181) & (state.calendar.doy < 274)
    dry, usual = summer & (state.calendar.year == 2022), summer & (state.calendar.year < 2022)

    def loss(values: np.ndarray) -> float:
        return 1 - values[trees][:, dry].mean() / values[trees][:, usual].mean()

    assert loss(state.gpp) > 0.1
    assert loss(state.growth.history.green) < 0.5 * loss(state.gpp)


def test_maize_is_productive_at_its_peak(state_of: Callable[[str], HiddenState]) -> None:
    state = state_of("SIM-CRO")
    maize = state.gpp[state.growth.species == MAIZE]
    assert 13 < np.quantile(maize, 0.95) < 26  # gC m-2 d-1
