"""Clear-sky radiation from place and date."""

import pandas as pd
import pytest

from core.gpp.clearsky import clear_sky
from core.simulate.astronomy import extraterrestrial_radiation


@pytest.mark.parametrize("lat", [-35.0, 0.0, 50.0, 68.0])
def test_it_is_most_of_what_arrives_above_the_atmosphere(lat) -> None:
    days = pd.date_range("2021-01-01", "2021-12-31")
    found = clear_sky(lat, 20.0, 300, days)
    above = pd.Series(extraterrestrial_radiation(lat, days.dayofyear), days)
    high = above > 10
    assert (found[high] / above[high]).between(0.5, 0.85).all()
    assert (found >= 0).all()


def test_seasons_are_those_of_the_hemisphere_and_years_are_alike() -> None:
    days = pd.DatetimeIndex(["2021-06-21", "2021-12-21", "2024-06-21", "2024-12-31"])
    north, south = clear_sky(50, 10, 0, days), clear_sky(-50, 10, 0, days)
    assert north.iloc[0] > 3 * north.iloc[1]
    assert south.iloc[1] > 3 * south.iloc[0]
    assert north.iloc[2] == pytest.approx(north.iloc[0], rel=0.01)


def test_higher_places_get_more() -> None:
    day = pd.DatetimeIndex(["2021-06-21"])
    assert clear_sky(46, 10, 2500, day).iloc[0] > clear_sky(46, 10, 100, day).iloc[0] * 1.02
