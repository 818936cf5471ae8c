"""One pixel of a cube over time."""

import numpy as np

from core import pixel
from core.schema import S2_BANDS
from tests.conftest import HandMade


def test_spectra_hold_every_band_in_the_order_of_the_schema(small_site: HandMade) -> None:
    times, reflectance = pixel.spectra(pixel.at(small_site.cube, (5, 3)))
    assert reflectance.shape == (6, 10)
    assert times.shape == (6,)
    np.testing.assert_array_equal(reflectance[:, S2_BANDS.index("B08")], small_site.cube["B08"].values[:, 5, 3])


def test_an_index_of_a_pixel_is_that_of_its_bands(small_site: HandMade) -> None:
    point = pixel.at(small_site.cube, (5, 3))
    red, near = point["B04"].values, point["B08"].values
    np.testing.assert_allclose(pixel.index_series(point, "NDVI").values, (near - red) / (near + red), rtol=1e-5)


def test_an_optical_index_is_missing_on_a_cloudy_date_and_a_radar_index_is_on_radar_dates(small_site: HandMade) -> None:
    point = pixel.at(small_site.cube, (5, 3))
    assert np.isnan(pixel.index_series(point, "NDVI").values[2])
    assert pixel.index_series(point, "VHVVR").times.shape == (4,)


def test_backscatter_is_in_decibels_on_its_own_dates(small_site: HandMade) -> None:
    radar = pixel.backscatter(pixel.at(small_site.cube, (0, 0)))
    assert radar is not None
    assert radar.times.shape == radar.vv.shape == radar.vh.shape == (4,)
    assert -20 <= radar.vv.min() <= radar.vv.max() <= -8


def test_a_site_without_radar_has_no_backscatter(small_site: HandMade) -> None:
    optical = small_site.cube.drop_dims("s1_time")
    assert pixel.backscatter(pixel.at(optical, (0, 0))) is None
