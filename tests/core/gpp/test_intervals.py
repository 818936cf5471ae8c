"""Conformal intervals: measured coverage, wider where errors are larger, every tower with the same say."""

import numpy as np
import pytest

from core.gpp.intervals import Band, cross_conformal


def made_up(count: int = 4000) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    predicted = rng.uniform(0, 12, count)
    y = predicted + rng.normal(size=count) * (0.2 + 0.2 * predicted)
    folds = rng.integers(4, size=count)
    sites = rng.choice(["A", "B", "C"], count)
    return y, predicted, folds, sites


def test_nine_of_ten_days_lie_inside_in_winter_as_in_summer() -> None:
    y, predicted, folds, sites = made_up()
    low, high = cross_conformal(y, predicted, folds, np.full(len(y), ""), sites)
    inside = (y >= low) & (y <= high)
    assert inside.mean() == pytest.approx(0.9, abs=0.02)
    for part in (predicted < 3, predicted > 9):
        assert inside[part].mean() == pytest.approx(0.9, abs=0.04)
    assert (high - low)[predicted > 9].mean() > 3 * (high - low)[predicted < 3].mean()


def test_a_known_tower_is_calibrated_by_its_own_errors() -> None:
    y, predicted, folds, sites = made_up()
    noisy = sites == "A"
    y = np.where(noisy, predicted + 3 * (y - predicted), y)
    low, high = cross_conformal(y, predicted, folds, sites, sites)
    inside = (y >= low) & (y <= high)
    for site in "ABC":
        assert inside[sites == site].mean() == pytest.approx(0.9, abs=0.03)


def test_a_folds_own_errors_do_not_calibrate_it() -> None:
    y, predicted, folds, sites = made_up()
    unknown = np.full(len(y), "")
    one = cross_conformal(y, predicted, folds, unknown, sites)
    other = np.where(folds == 2, y + 100, y)
    two = cross_conformal(other, predicted, folds, unknown, sites)
    np.testing.assert_array_equal(one[0][folds == 2], two[0][folds == 2])


def test_the_band_of_the_final_model_covers_new_days() -> None:
    y, predicted, _, sites = made_up()
    band = Band.of(y[:2000], predicted[:2000], sites[:2000])
    low, high = band.around(predicted[2000:])
    assert ((y[2000:] >= low) & (y[2000:] <= high)).mean() == pytest.approx(0.9, abs=0.03)
