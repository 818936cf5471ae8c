"""Splits: every sample held out once, and nothing of a held-out period in any window that trains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.gpp.splits import SPLITS, Options, Period, make_folds, reaches_into
from core.gpp.windows import make_samples
from core.schema import InputError
from tests.core.gpp.conftest import made_up

ALL_OUT_ONCE = ("leave-year-out", "leave-site-out", "leave-group-out", "leave-class-out", "blocked")
IN_TIME = ("leave-year-out", "blocked", "fixed-years")
YEARS = Options(train_years=(2019, 2021), test_years=(2020,))


@pytest.mark.parametrize("split", ALL_OUT_ONCE)
def test_every_sample_is_held_out_once_and_never_trains_there(split, samples) -> None:
    folds = make_folds(samples, split)
    held_out = np.concatenate([fold.test for fold in folds])
    assert sorted(held_out) == list(range(len(samples)))
    for fold in folds:
        assert not set(fold.train) & set(fold.test)


@pytest.mark.parametrize("split", IN_TIME)
@pytest.mark.parametrize("window", [1, 30, 120])
def test_no_training_window_shares_a_day_with_a_held_out_period(split, window, frames) -> None:
    samples = make_samples(frames, window)
    for fold in make_folds(samples, split, YEARS):
        for row in fold.train:
            days = samples.days[row] - np.arange(window).astype("timedelta64[D]")
            assert not any(((days >= period.first) & (days <= period.last)).any() for period in fold.periods)


@settings(max_examples=60)
@given(day=st.integers(0, 400), window=st.integers(1, 120), first=st.integers(100, 200), length=st.integers(1, 150))
def test_overlap_by_a_single_day_is_seen(day, window, first, length) -> None:
    start = np.datetime64("2020-01-01", "D")
    period = Period(start + first, start + first + length - 1)
    window_days, held_out = set(range(day - window + 1, day + 1)), set(range(first, first + length))
    assert reaches_into(np.array([start + day]), window, period)[0] == bool(window_days & held_out)


def test_the_year_after_a_held_out_one_loses_its_first_windows(frames) -> None:
    samples = make_samples(frames, 30)
    fold = next(fold for fold in make_folds(samples, "leave-year-out") if fold.name == "2020")
    after = samples.days[fold.train][samples.days[fold.train] > np.datetime64("2020-12-31")]
    assert after.min() >= np.datetime64("2021-01-30")  # its window begins on 2021-01-01
    assert fold.purged > 0


@pytest.mark.parametrize(("split", "attribute"), [("leave-site-out", "sites"), ("leave-class-out", "classes")])
def test_whole_towers_and_classes_are_held_out(split, attribute, samples) -> None:
    labels = getattr(samples, attribute)
    for fold in make_folds(samples, split):
        assert not set(labels[fold.train]) & set(labels[fold.test])


def test_fixed_years_train_and_judge_on_their_own_years_only(samples) -> None:
    (fold,) = make_folds(samples, "fixed-years", Options(train_years=(2019,), test_years=(2021,)))
    assert set(samples.years[fold.train]) == {2019}
    assert set(samples.years[fold.test]) == {2021}


def test_towers_are_dealt_into_as_many_folds_as_asked(samples) -> None:
    assert len(make_folds(samples, "leave-group-out", Options(folds=2))) == 2
    assert len(make_folds(samples, "leave-group-out", Options(folds=50))) == 4


# ---------------------------------------------------------------- wrong input
def test_a_single_year_cannot_be_left_out() -> None:
    one = make_samples(made_up(years=1), 10)
    with pytest.raises(InputError, match="cannot be made of the single year 2019; use --split blocked"):
        make_folds(one, "leave-year-out")


def test_a_single_tower_cannot_be_left_out() -> None:
    with pytest.raises(InputError, match="cannot be made of a single tower, T0"):
        make_folds(make_samples(made_up(sites=1), 10), "leave-site-out")


def test_years_that_are_not_there_are_named(samples) -> None:
    with pytest.raises(InputError, match=r"--train-years '2017, 2018' is in none of the days; choose among: 2019"):
        make_folds(samples, "fixed-years", Options(train_years=(2017, 2018)))
    with pytest.raises(InputError, match="trains and is held out at once"):
        make_folds(samples, "fixed-years", Options(train_years=(2020,), test_years=(2020,)))


def test_an_unknown_split_names_those_there_are(samples) -> None:
    with pytest.raises(InputError, match=f"choose one of: {', '.join(SPLITS)}"):
        make_folds(samples, "random")


def test_too_little_to_train_on_is_said() -> None:
    few = make_samples(made_up(sites=1, years=2, every=30), 120)
    with pytest.raises(InputError, match="days for training when"):
        make_folds(few, "blocked")
