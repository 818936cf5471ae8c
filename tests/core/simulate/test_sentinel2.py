import numpy as np
import pytest

from core.schema import S2_BANDS
from core.simulate.calendar import Calendar
from core.simulate.sentinel2 import COARSE, overpass_days
from core.simulate.site import SimulatedSite
from core.simulate.spec import DEMO_SITES
from core.simulate.weather import simulate_weather


def test_overpasses_come_every_five_days_of_the_recorded_years() -> None:
    spec = DEMO_SITES["SIM-SAV"]
    weather = simulate_weather(spec, Calendar(2019, 2022), seed=1)
    dates = weather.calendar.dates[overpass_days(spec, weather, seed=1)]
    assert set(np.diff(dates).astype(int)) == {5}
    assert dates[0] >= np.datetime64("2019-01-01")
    assert len(dates) in (292, 293)


def test_the_20_m_bands_hold_real_20_m_pixels(small: SimulatedSite) -> None:
    assert [S2_BANDS[i] for i in COARSE] == ["B05", "B06", "B07", "B8A", "B11", "B12"]
    clear = np.isfinite(small.cube["B04"]).all(("y", "x")).values
    sharp, coarse = (small.cube[band].values[clear] for band in ("B08", "B05"))

    def difference_within_pairs(values: np.ndarray) -> float:
        return float(np.abs(values[..., ::2] - values[..., 1::2]).mean())

    # noise alone separates the two halves of a coarse pixel; a sharp pixel differs from its neighbour
    assert difference_within_pairs(coarse) < 0.6 * difference_within_pairs(sharp)


def test_the_sensor_adds_a_small_error_and_no_large_bias(small: SimulatedSite) -> None:
    observed = small.cube[list(S2_BANDS)].to_dataarray("band").sel(time=small.truth["time"])
    error = (observed - small.truth["reflectance"]).values
    assert np.isfinite(small.truth["reflectance"]).equals(np.isfinite(observed))
    assert np.nanmedian(np.abs(error)) < 0.015
    assert abs(np.nanmedian(error)) < 0.008
    assert np.nanmax(np.abs(error)) > 0.03  # edges of clouds and shadows that no mask finds


def test_cloudy_days_hide_the_site_and_clear_days_show_it(small: SimulatedSite) -> None:
    clear = np.isfinite(small.cube["B04"]).mean(("y", "x")).to_series()
    sunny = small.weather["radiation"].reindex(clear.index) / small.weather["radiation"].rolling(30, center=True).max()
    usable = sunny.notna()
    assert np.corrcoef(clear[usable], sunny[usable])[0, 1] > 0.5
    assert (clear == 0).any()
    assert (clear == 1).any()


def test_reflectance_is_stored_as_single_precision_between_its_limits(small: SimulatedSite) -> None:
    for band in S2_BANDS:
        values = small.cube[band].values
        assert values.dtype == np.float32
        assert np.nanmin(values) >= np.float32(1e-4)
        assert np.nanmax(values) <= np.float32(1.2)
    assert small.cube["B11"].attrs["units"] == "1"
    assert np.isfinite(small.cube["B02"]).equals(np.isfinite(small.cube["B12"]))
    assert pytest.approx(0.3, abs=0.2) == float(np.isfinite(small.cube["B02"]).mean())
