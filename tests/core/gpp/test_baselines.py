"""Baselines: what a model has to beat, from training days alone."""

from dataclasses import replace

import numpy as np
import pytest

from core.gpp.baselines import BASELINES, climatology, nirv, nirv_radiation
from core.gpp.splits import make_folds


def test_the_climatology_is_the_mean_around_the_day_of_the_training_years(samples) -> None:
    fold = make_folds(samples, "leave-year-out")[0]
    found = climatology(samples, fold.train, fold.test)
    row = 20
    day, site = samples.doy[fold.test[row]], samples.sites[fold.test[row]]
    near = fold.train[
        (samples.sites[fold.train] == site)
        & (np.minimum((samples.doy[fold.train] - day) % 366, (day - samples.doy[fold.train]) % 366) <= 7)
    ]
    assert found[row] == pytest.approx(samples.y[near].mean()) if len(near) >= 5 else np.isfinite(found[row])


def test_a_new_tower_gets_the_climatology_of_the_others(samples) -> None:
    fold = make_folds(samples, "leave-site-out")[0]
    found = climatology(samples, fold.train, fold.test)
    assert np.corrcoef(found, samples.y[fold.test])[0, 1] > 0.7
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", BASELINES)
def test_held_out_targets_never_count(name, samples) -> None:
    fold = make_folds(samples, "leave-year-out")[1]
    changed = samples.y.copy()
    changed[fold.test] = 1e6
    before = BASELINES[name](samples, fold.train, fold.test)
    np.testing.assert_array_equal(before, BASELINES[name](replace(samples, y=changed), fold.train, fold.test))


def test_nirv_with_radiation_explains_more_than_nirv(samples) -> None:
    fold = make_folds(samples, "leave-site-out")[0]
    y = samples.y[fold.test]
    plain, lit = (np.mean((baseline(samples, fold.train, fold.test) - y) ** 2) for baseline in (nirv, nirv_radiation))
    assert lit < 0.8 * plain


def test_without_nirv_there_is_no_such_baseline(samples) -> None:
    bare = replace(samples, nirv=None)
    fold = make_folds(bare, "blocked")[0]
    assert nirv(bare, fold.train, fold.test) is None
    assert nirv_radiation(bare, fold.train, fold.test) is None
