import numpy as np
import pytest

from core.simulate.calendar import Calendar
from core.simulate.sentinel1 import LOOKS, acquisition_days, decibel, speckle
from core.simulate.site import SimulatedSite
from core.simulate.spec import DEMO_SITES
from core.simulate.weather import simulate_weather


def test_decibels_are_ten_times_the_logarithm_and_never_minus_infinity() -> None:
    assert decibel(np.array([1.0, 0.1, 0.0])) == pytest.approx([0, -10, -50])


def test_speckle_has_mean_one_and_the_spread_of_its_looks() -> None:
    field = speckle(np.random.default_rng(0), 200, channels=2)
    assert field.shape == (2, 200, 200)
    assert field.mean() == pytest.approx(1, abs=0.02)
    assert field.std() == pytest.approx(1 / np.sqrt(LOOKS), rel=0.05)
    assert 0.2 < np.corrcoef(field[0, :, 1:].ravel(), field[0, :, :-1].ravel())[0, 1] < 0.7


def test_images_come_every_six_days_and_every_twelve_after_the_loss_of_a_satellite() -> None:
    spec = DEMO_SITES["SIM-DBF"]
    weather = simulate_weather(spec, Calendar(2021, 2022), seed=1)
    dates = weather.calendar.dates[acquisition_days(spec, weather, seed=1)]
    steps = np.diff(dates).astype(int)
    before = dates[:-1] < np.datetime64("2021-12-15")
    assert set(steps[before]) == {6}
    assert set(steps[dates[:-1] >= np.datetime64("2021-12-23")]) == {12}


def test_noise_leaves_the_mean_power_of_a_site_in_place(small: SimulatedSite) -> None:
    true = 10 ** (small.truth["backscatter"] / 10)
    observed = 10 ** (small.cube[["VV", "VH"]].to_dataarray("polarisation") / 10)
    ratio = (observed.mean(("y", "x")) / true.mean(("y", "x"))).values
    assert ratio.mean() == pytest.approx(1, abs=0.08)
    assert (10 * np.log10(ratio)).std() < 0.6  # dB from date to date
