"""Gaps in a daily series: what is filled, how uncertain it is said to be, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from core.gapfill import FEWEST_IN_YEAR, fill_days
from core.schema import InputError


def series(start: str = "2019-01-01", end: str = "2022-01-01", share: float = 0.2, seed: int = 0):
    """A season with a drifting level and noise, of which a share of the days was measured: days, truth, measured."""
    dice = np.random.default_rng(seed)
    days = np.arange(np.datetime64(start), np.datetime64(end))
    of_year = (days - days.astype("datetime64[Y]")).astype(int)
    drift = np.cumsum(dice.normal(0, 0.05, days.size))
    truth = 5 - 4 * np.cos(2 * np.pi * of_year / 365) + drift + dice.normal(0, 0.3, days.size)
    return days, truth, np.where(dice.random(days.size) < share, truth, np.nan)


@pytest.mark.parametrize("method", ["linear", "structural"])
def test_measured_days_stay_and_filled_ones_are_as_uncertain_as_they_are_said_to_be(method) -> None:
    days, truth, measured = series()
    found = fill_days(days, measured, method=method)
    own = np.isin(days, found.days)
    known = np.isfinite(measured[own])
    assert (found.filled == ~known).all()
    np.testing.assert_array_equal(found.values[known], measured[own][known])
    assert (found.sd[known] == 0).all()
    told = found.filled & np.isfinite(found.values)
    off = np.abs(truth[own] - found.values)[told] / found.sd[told]
    assert 0.82 < (off < 1.645).mean() < 0.97  # 90 % were said to lie within
    assert np.sqrt(np.mean((truth[own] - found.values)[told] ** 2)) < 0.5


def test_a_line_is_a_line_within_its_year_only() -> None:
    days = np.array(["2020-03-01", "2020-03-03", "2020-03-05", "2020-12-30", "2021-01-02"] + [
        f"2021-0{month}-01" for month in range(2, 6)], "datetime64[D]")  # fmt: skip
    found = fill_days(days, np.arange(len(days), dtype=float))
    at = dict(zip(found.days.astype(str), found.values, strict=True))
    assert at["2020-03-02"] == pytest.approx(0.5)
    assert np.isnan(at["2020-12-31"])
    assert np.isnan(at["2021-01-01"])


def test_a_straight_series_is_filled_without_doubt_and_a_long_gap_is_doubted_most_in_its_middle() -> None:
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-12-31"))
    assert np.nanmax(fill_days(days, np.where(np.arange(365) % 10, np.nan, np.arange(365.0))).sd) < 1e-6
    dice = np.random.default_rng(1)
    walk = np.cumsum(dice.normal(size=365))
    walk[100:160] = np.nan
    walk[::7] = np.nan
    sd = fill_days(days, walk).sd
    assert sd[130] > sd[105] > 0


def test_a_year_with_three_dates_is_left_out_and_said() -> None:
    days, _, measured = series()
    year = days.astype("datetime64[Y]") == np.datetime64("2020")
    measured[year] = np.nan
    measured[np.flatnonzero(year)[[40, 150, 300]]] = 1.0
    found = fill_days(days, measured)
    inside = found.days.astype("datetime64[Y]") == np.datetime64("2020")
    assert np.isnan(found.values[inside & found.filled]).all()
    assert found.remarks == (f"2020 has fewer than {FEWEST_IN_YEAR} values and was not filled.",)


def test_a_constant_series_is_told_to_be_one() -> None:
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2021-06-01"), 7)
    found = fill_days(days, np.full(days.size, 3.0), method="structural")
    assert (found.values == 3).all()
    assert found.remarks == ("The series is constant.",)


DAYS = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-01-31"))


@pytest.mark.parametrize(
    ("days", "values", "method", "said"),
    [
        (DAYS, np.full(30, np.nan), "linear", "holds no value"),
        (DAYS, np.where(np.arange(30) < 3, 1.0, np.nan), "linear", "at most 3 values a year"),
        (DAYS, np.ones(30), "structural", "spans 30 days"),
        (DAYS, np.ones(29), "linear", "not one value a date"),
        (DAYS[::-1], np.ones(30), "linear", "are not ascending days"),
        (DAYS, np.ones(30), "guess", "is no way to fill"),
    ],
)
def test_what_cannot_be_filled_is_one_sentence(days, values, method, said) -> None:
    with pytest.raises(InputError, match=said):
        fill_days(days, values, method=method)
