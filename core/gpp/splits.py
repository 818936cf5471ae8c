"""Which samples train and which are held out, without leaks. A further split is one entry in SPLITS.

A split that holds out periods never trains on a window that reaches into one of them, by however little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.gpp.windows import Samples
from core.schema import InputError

MOST_FOLDS = 13  # of a split by group: nine tenths and more still train, and a fit takes minutes at most
BLOCKS = 5  # of the split by blocks in time
LEAST_TRAINING = 30  # samples a fold must leave for training
PAPER_TRAIN, PAPER_TEST = (2017, 2018, 2019), (2020,)  # arXiv 2511.11706: the years it trains on, the one it judges by

IN_TIME = ("leave-year-out", "blocked", "fixed-years")  # splits whose towers are known from other times

Rows = NDArray[np.intp]


class Period(NamedTuple):
    """First and last held-out day, both included."""

    first: np.datetime64
    last: np.datetime64


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """What is held out, by name, and the rows of both parts."""

    name: str
    train: Rows
    test: Rows
    periods: tuple[Period, ...] = ()  # held out; none where whole towers are
    purged: int = 0  # samples outside the held-out part whose window reaches into it


@dataclass(frozen=True, kw_only=True)
class Options:
    """What some splits can be told."""

    folds: int | None = None
    train_years: tuple[int, ...] = PAPER_TRAIN
    test_years: tuple[int, ...] = PAPER_TEST


def make_folds(samples: Samples, split: str, options: Options | None = None) -> list[Fold]:
    """The folds of a split; InputError where the samples do not allow it."""
    if split not in SPLITS:
        raise InputError("--split", split, "is no split", f"choose one of: {', '.join(SPLITS)}")
    folds = SPLITS[split](samples, options or Options())
    for fold in folds:
        if len(fold.train) < LEAST_TRAINING:
            problem = f"leaves {len(fold.train)} days for training when {fold.name} is held out"
            raise InputError("--split", split, problem, "give more days, a shorter window or another split")
    return folds


def reaches_into(days: NDArray[np.datetime64], window: int, period: Period) -> NDArray[np.bool_]:
    """Whether the window of `window` days that ends on each day shares a day with the period."""
    first = days - np.timedelta64(window - 1, "D")
    return (days >= period.first) & (first <= period.last)


def _by_periods(samples: Samples, parts: Sequence[tuple[str, Sequence[Period]]]) -> list[Fold]:
    folds = []
    for name, periods in parts:
        inside = np.zeros(len(samples), dtype=bool)
        touched = np.zeros(len(samples), dtype=bool)
        for period in periods:
            inside |= (samples.days >= period.first) & (samples.days <= period.last)
            touched |= reaches_into(samples.days, samples.design.window, period)
        train = ~inside & ~touched
        folds.append(
            Fold(
                name=name,
                train=np.flatnonzero(train),
                test=np.flatnonzero(inside),
                periods=tuple(periods),
                purged=int((touched & ~inside).sum()),
            )
        )
    return folds


# ---------------------------------------------------------------- the splits
def _leave_year_out(samples: Samples, options: Options) -> list[Fold]:
    years, counts = np.unique(samples.years, return_counts=True)
    if len(years) < 2:
        raise InputError(
            "--split", "leave-year-out", f"cannot be made of the single year {years[0]}", "use --split blocked"
        )
    parts = _balanced([str(year) for year in years], counts, options.folds or len(years))
    return _by_periods(samples, [(", ".join(part), [_year(int(year)) for year in part]) for part in parts])


def _year(year: int) -> Period:
    return Period(np.datetime64(f"{year}-01-01", "D"), np.datetime64(f"{year}-12-31", "D"))


def _blocked(samples: Samples, options: Options) -> list[Fold]:
    count = options.folds or BLOCKS
    days = np.sort(samples.days)
    edges = [days[min(len(days) - 1, round(turn * len(days) / count))] for turn in range(count)]
    if len(np.unique(edges)) < count:
        raise InputError("--split", "blocked", f"cannot cut {len(np.unique(days))} days into {count}", "give more days")
    ends = [*(edge - np.timedelta64(1, "D") for edge in edges[1:]), days[-1]]
    parts = [Period(first, last) for first, last in zip(edges, ends, strict=True)]
    return _by_periods(samples, [(f"{first} to {last}", [Period(first, last)]) for first, last in parts])


def _fixed_years(samples: Samples, options: Options) -> list[Fold]:
    years = samples.years
    both = sorted(set(options.train_years) & set(options.test_years))
    if both:
        raise InputError("--test-years", both, "trains and is held out at once", "name each year in one list only")
    for argument, wanted in (("--train-years", options.train_years), ("--test-years", options.test_years)):
        if not np.isin(years, wanted).any():
            problem, there = "is in none of the days", ", ".join(map(str, np.unique(years)))
            raise InputError(argument, ", ".join(map(str, wanted)), problem, f"choose among: {there}")
    (fold,) = _by_periods(samples, [(", ".join(map(str, options.test_years)), [_year(y) for y in options.test_years])])
    kept = fold.train[np.isin(years[fold.train], options.train_years)]
    return [Fold(name=fold.name, train=kept, test=fold.test, periods=fold.periods, purged=fold.purged)]


def _leave_group_out(samples: Samples, options: Options) -> list[Fold]:
    return _by_label(samples, samples.sites, "leave-group-out", "tower", options.folds or MOST_FOLDS)


def _leave_class_out(samples: Samples, options: Options) -> list[Fold]:
    if not (samples.classes != "").all():
        problem, remedy = "needs a vegetation class of every tower", "name its column with --class"
        raise InputError("--split", "leave-class-out", problem, remedy)
    return _by_label(samples, samples.classes, "leave-class-out", "vegetation class", options.folds or MOST_FOLDS)


def _by_label(samples: Samples, labels: NDArray[np.str_], split: str, what: str, count: int) -> list[Fold]:
    names, counts = np.unique(labels, return_counts=True)
    if len(names) < 2:
        remedy = "give two or more, or use --split leave-year-out or blocked"
        raise InputError("--split", split, f"cannot be made of a single {what}, {names[0]}", remedy)
    folds = []
    for part in _balanced([str(name) for name in names], counts, min(count, len(names))):
        inside = np.isin(labels, part)
        folds.append(Fold(name=", ".join(part), train=np.flatnonzero(~inside), test=np.flatnonzero(inside)))
    return folds


def _balanced(names: Sequence[str], counts: NDArray[np.intp], folds: int) -> list[list[str]]:
    """Whole labels dealt out so that the parts hold about as many samples each, the largest label first."""
    parts: list[list[str]] = [[] for _ in range(max(2, min(folds, len(names))))]
    sizes = np.zeros(len(parts))
    for turn in np.argsort(-counts, kind="stable"):
        smallest = int(np.argmin(sizes))
        parts[smallest].append(names[turn])
        sizes[smallest] += counts[turn]
    return [sorted(part) for part in parts]


SPLITS: Mapping[str, Callable[[Samples, Options], list[Fold]]] = {
    "leave-year-out": _leave_year_out,
    "leave-site-out": _leave_group_out,
    "leave-group-out": _leave_group_out,
    "leave-class-out": _leave_class_out,
    "blocked": _blocked,
    "fixed-years": _fixed_years,
}
