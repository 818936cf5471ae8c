import numpy as np
import pytest

from core.simulate.astronomy import day_length, extraterrestrial_radiation, sun_position

JUNE_SOLSTICE, DECEMBER_SOLSTICE, EQUINOX = 172, 355, 80


def test_radiation_above_the_atmosphere_is_that_of_the_fao_example() -> None:
    # FAO Irrigation and Drainage Paper 56, example 8: 20 degrees south on 3 September, 32.2 MJ m-2 d-1.
    assert extraterrestrial_radiation(-20, 246) == pytest.approx(32.2, abs=0.15)


def test_day_length_is_that_of_the_fao_example() -> None:
    # FAO-56, example 9: 20 degrees south on 3 September, 11.7 h.
    assert day_length(-20, 246) == pytest.approx(11.7, abs=0.05)


def test_days_are_half_nights_at_the_equinox_and_endless_in_polar_summer() -> None:
    assert day_length(50, EQUINOX) == pytest.approx(12, abs=0.2)
    assert day_length(70, JUNE_SOLSTICE) == pytest.approx(24)
    assert day_length(70, DECEMBER_SOLSTICE) == pytest.approx(0)


def test_the_sun_stands_south_at_noon_at_the_height_geometry_says() -> None:
    sun = sun_position(50.0, JUNE_SOLSTICE, 12.0)
    assert sun.zenith == pytest.approx(50 - 23.45, abs=0.05)
    assert sun.azimuth == pytest.approx(180, abs=1)


def test_the_sun_is_east_in_the_morning_and_west_in_the_evening() -> None:
    azimuth = sun_position(50.0, EQUINOX, np.array([8.0, 16.0])).azimuth
    assert 90 < azimuth[0] < 180 < azimuth[1] < 270
