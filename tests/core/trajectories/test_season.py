"""Seasons of series whose dates are known, as one series and as maps."""

from __future__ import annotations

import numpy as np
import pytest

from core.schema import InputError
from core.trajectories.season import difference_to_mean, season, season_map, seasons


def bump(peak: int = 190, step: int = 5, years=(2020, 2021), width: float = 45.0):
    """A bell a year: it stands at two thirds of its height `width * sqrt(2 ln 1.5)` days around its peak."""
    days = np.arange(np.datetime64(f"{years[0]}-01-02"), np.datetime64(f"{years[-1]}-12-30"), step)
    of_year = (days - days.astype("datetime64[Y]")).astype(int) + 1
    return days, np.exp(-0.5 * ((of_year - peak) / width) ** 2)


HALF_WIDTH = 45.0 * np.sqrt(2 * np.log(1.5))


def test_dates_of_a_known_season_lie_between_their_clear_dates() -> None:
    days, values = bump()
    found = season(values, days, 2021, source="NDVI")
    new_year = np.datetime64("2021-01-01") - 1
    for date, true in ((found.start, 190 - HALF_WIDTH), (found.peak, 190), (found.end, 190 + HALF_WIDTH)):
        assert abs((np.datetime64(date.date) - new_year).astype(int) - true) <= 4
        assert date.first <= date.date <= date.last
        assert 0 < date.uncertain_days <= 5
    assert found.to_json()["start"]["first"] == found.start.first


def test_a_gap_around_the_start_is_said_to_make_it_uncertain() -> None:
    days, values = bump()
    of_year = (days - days.astype("datetime64[Y]")).astype(int) + 1
    values[(of_year > 120) & (of_year < 180)] = np.nan
    found = season(values, days, 2020, source="NDVI")
    assert found.start.uncertain_days >= 28
    assert found.end.uncertain_days <= 5


def test_units_do_not_matter() -> None:
    days, values = bump()
    assert season(values, days, 2020, source="a") == season(30 * values - 4, days, 2020, source="a")


def test_a_map_says_the_same_as_a_series_pixel_by_pixel_and_a_late_year_is_late() -> None:
    days, early = bump(peak=180)
    values = np.stack([bump(peak=peak)[1] for peak in (180, 190, 200, 210)], axis=1).reshape(len(days), 2, 2)
    maps = {year: season_map(values, days, year) for year in (2020, 2021)}
    own = season(early, days, 2020, source="x").start.date
    assert maps[2020].start[0, 0] == (np.datetime64(own) - np.datetime64("2019-12-31")).astype(int)
    np.testing.assert_allclose(np.diff(maps[2020].peak.ravel()), 10, atol=4)
    later = values.copy()
    in_2021 = days >= np.datetime64("2021-01-01")
    later[in_2021] = np.roll(values[in_2021], 4, axis=0)
    shifted = {year: season_map(later, days, year) for year in (2020, 2021)}
    np.testing.assert_allclose(difference_to_mean(shifted, 2021).peak, 20, atol=4)


def test_pixels_always_under_cloud_stay_empty() -> None:
    days, values = bump()
    found = season_map(np.stack([values, values * np.nan], axis=1)[:, None], days, 2020)
    assert np.isfinite(found.start[0, 0])
    assert np.isnan(found.start[0, 1])


def test_a_year_with_three_dates_is_one_sentence() -> None:
    days, values = bump()
    values[days < np.datetime64("2020-12-10")] = np.nan
    with pytest.raises(InputError, match=r"year '2020' has [1-4] clear dates, too few to tell a season; choose a year"):
        season(values, days, 2020, source="NDVI")
    found, remarks = seasons(values, days, source="NDVI")
    assert [one.year for one in found] == [2021]
    assert "2020" in remarks[0]


def test_a_year_seen_in_summer_alone_says_so() -> None:
    days, values = bump()
    values[days < np.datetime64("2020-08-01")] = np.nan
    with pytest.raises(
        InputError, match=r"within 1[45]\d days, too short .*; choose a year seen over 200 days or more"
    ):
        season(values, days, 2020, source="NDVI")


def test_bad_levels_and_lonely_years_are_refused() -> None:
    days, values = bump()
    with pytest.raises(InputError, match="is no share of the season's span"):
        season(values, days, 2020, source="x", level=1.5)
    with pytest.raises(InputError, match="has no other year to compare with"):
        difference_to_mean({2020: season_map(values[:, None, None], days, 2020)}, 2020)
