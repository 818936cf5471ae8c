from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from core.clustering.timeline import REACH, STEP, candidates, has_own, resample

NEW_YEAR = int(np.datetime64("2021-01-01", "D").astype(int))


def days(*of_year: int) -> np.ndarray:
    return NEW_YEAR + np.array(of_year, np.int64)


def test_common_days_are_days_of_the_calendar_whatever_was_seen() -> None:
    spring, year = candidates(days(60, 90, 121)), candidates(days(0, 364))
    assert np.diff(year).max() == STEP
    assert set(spring) <= set(year)
    assert len(year) == 36
    assert spring.min() >= NEW_YEAR + 60 - STEP
    assert spring.max() <= NEW_YEAR + 121 + STEP


def test_common_days_begin_anew_each_year() -> None:
    over_new_year = candidates(days(340, 365 + 40))
    assert set(over_new_year[over_new_year >= NEW_YEAR + 365] - 365) <= set(candidates(days(0, 364)))


def test_a_single_day_has_one_common_day() -> None:
    assert len(candidates(days(100))) == 1


def test_a_constant_stays_constant_and_a_pixel_never_seen_stays_unknown() -> None:
    seen_on = days(0, 50, 100, 150)
    values = np.full((2, 4, 3), 7.0, np.float32)
    values[:, 1, 1] = np.nan
    values[:, :, 2] = np.nan
    found = resample(values, seen_on, candidates(seen_on))
    np.testing.assert_allclose(found.values[:, :, :2], 7, rtol=1e-6)
    assert np.isnan(found.values[:, :, 2]).all()
    assert not found.own[:, 2].any()


def test_filled_days_lie_on_a_straight_line_and_are_told_apart() -> None:
    seen_on = days(5, 15, 205, 215)
    values = np.array([0.0, 0.0, 10.0, 10.0], np.float32).reshape(1, 4, 1)
    common = candidates(seen_on)
    found = resample(values, seen_on, common)
    away = np.abs(common[:, None] - seen_on).min(axis=1)
    np.testing.assert_array_equal(found.own[:, 0], away <= REACH)
    filled = found.values[0, ~found.own[:, 0], 0]
    assert len(filled) > 5
    np.testing.assert_allclose(np.diff(filled), np.diff(filled)[0], rtol=1e-3)  # evenly rising
    assert 0 < filled[0] < filled[-1] < 10


def test_the_first_and_last_value_are_held() -> None:
    seen_on = days(0, 100, 110, 360)
    values = np.full((1, 4, 2), np.nan, np.float32)
    values[0, :, 0] = 1
    values[0, 1:3, 1] = 5
    found = resample(values, seen_on, candidates(seen_on)).values
    np.testing.assert_allclose(found[0, [0, -1], 1], 5)


@given(
    hnp.arrays(np.float32, (2, 6, 5), elements=st.floats(-5, 5, width=32)),
    hnp.arrays(bool, (6, 5)),
    st.permutations(range(5)),
)
def test_pixels_do_not_depend_on_each_other(values, seen, order) -> None:
    values = np.where(seen, values, np.nan)
    seen_on = days(3, 40, 90, 170, 260, 350)
    common = candidates(seen_on)
    whole = resample(values, seen_on, common)
    shuffled = resample(values[:, :, order], seen_on, common)
    np.testing.assert_allclose(shuffled.values, whole.values[:, :, order], atol=1e-5)
    np.testing.assert_array_equal(shuffled.own, whole.own[:, order])
    known = np.isfinite(whole.values).all(axis=(0, 1))
    np.testing.assert_array_equal(known, seen.any(axis=0) & whole.own.any(axis=0))
    for pixel in np.flatnonzero(known):  # never beyond what was seen
        own = values[:, seen[:, pixel], pixel]
        assert (whole.values[:, :, pixel] <= own.max(axis=1, keepdims=True) + 1e-4).all()
        assert (whole.values[:, :, pixel] >= own.min(axis=1, keepdims=True) - 1e-4).all()


@pytest.mark.parametrize("away", [REACH, REACH + 1])
def test_a_view_counts_within_reach(away) -> None:
    seen = np.ones((1, 1), bool)
    assert has_own(seen, days(100), days(100 + away))[0, 0] == (away <= REACH)
