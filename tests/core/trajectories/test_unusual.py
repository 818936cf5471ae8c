"""How unusual a date is: the shrinkage is scikit-learn's, and a year is judged by the others alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from core.schema import InputError
from core.trajectories.unusual import shrunk_covariances, unusual_curve, unusual_events, unusual_map, year_shifts
from tests.core.trajectories.made_paths import made_path


def test_shrinkage_is_scikit_learn_s_place_by_place() -> None:
    dice = np.random.default_rng(0)
    left = dice.normal(size=(40, 5, 4)) @ dice.normal(size=(4, 4))
    usable = dice.random((40, 5)) < 0.6
    found = shrunk_covariances(np.where(usable[..., None], left, 0), usable)
    for place in range(5):
        known = LedoitWolf(assume_centered=True).fit(left[usable[:, place], place]).covariance_
        np.testing.assert_allclose(found[place], known, rtol=1e-10)


def test_an_odd_month_stands_out_and_ordinary_dates_are_about_one() -> None:
    path = made_path(years=(2019, 2020, 2021, 2022), noise=0.1)
    odd = (path.days >= np.datetime64("2021-06-01")) & (path.days < np.datetime64("2021-07-01"))
    path.values[odd, 2] += 2
    curve = unusual_curve(path.values, path.days)
    assert np.median(curve.distance[np.isfinite(curve.distance)]) == pytest.approx(1)
    assert curve.distance[odd].min() > np.nanmax(curve.distance[~odd])


def test_the_year_itself_takes_no_part_in_what_is_expected_of_it() -> None:
    path = made_path(noise=0.05)
    before = unusual_curve(path.values, path.days).expected
    in_2020 = path.days.astype("datetime64[Y]") == np.datetime64("2020")
    moved = path.values + 5 * in_2020[:, None]
    after = unusual_curve(moved, path.days).expected
    np.testing.assert_allclose(before[in_2020], after[in_2020])
    assert not np.allclose(before[~in_2020], after[~in_2020])


def test_a_year_that_lies_apart_as_a_whole_is_the_one() -> None:
    path = made_path(years=(2019, 2020, 2021, 2022), noise=0.3)
    dry = path.days.astype("datetime64[Y]") == np.datetime64("2022")
    moved = path.values - 0.4 * dry[:, None]
    shifts = year_shifts(unusual_curve(moved, path.days), moved, path.days)
    assert max(shifts, key=shifts.__getitem__) == 2022
    assert shifts[2022] == pytest.approx(0.4 * np.sqrt(3), abs=0.15)


def test_a_map_is_the_curve_of_every_pixel_and_its_event_has_date_and_size() -> None:
    paths = [made_path(years=(2019, 2020, 2021, 2022), noise=0.1, seed=seed) for seed in range(36)]
    features = np.stack([path.values for path in paths], axis=-1).transpose(1, 0, 2).reshape(3, -1, 6, 6).copy()
    days = paths[0].days
    odd = (days >= np.datetime64("2021-06-02")) & (days < np.datetime64("2021-08-01"))
    patch = np.zeros((6, 6), bool)
    patch[1:6, 1:6] = True
    features[:, odd[:, None, None] & patch] += 3
    distance = unusual_map(features, days)
    alone = unusual_curve(features[:, :, 2, 3].T, days).distance
    np.testing.assert_allclose(distance[:, 2, 3], alone, rtol=1e-4)
    (event,) = unusual_events(distance, days, limit=4, pixel_m=10)
    assert event.pixels == 25
    assert event.area_ha == 0.25
    assert event.first <= str(days[odd][0]) <= event.last
    assert (event.mask == patch).all()


def test_a_place_seen_in_one_year_only_and_a_limit_that_is_none_are_refused() -> None:
    path = made_path(years=(2020,))
    with pytest.raises(InputError, match="seen too seldom in 1 year to know what is usual"):
        unusual_curve(path.values, path.days)
    with pytest.raises(InputError, match="is no distance"):
        unusual_events(np.ones((3, 2, 2)), path.days[:3], limit=0)
