"""A small search for a regressor's parameters, on training rows alone and within a budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.gpp.regressors import Entry, get_entry
from core.gpp.splits import Options, make_folds
from core.gpp.windows import Samples
from core.schema import InputError

FOLDS = 2  # of the search
ROWS = 900  # that a search looks at

Rows = NDArray[np.intp]


def best_parameters(entry: Entry, training: Samples, split: str, *, seed: int) -> Mapping[str, Any]:
    """The entry's parameters with the least error in folds of the training samples, cut as the split cuts them."""
    if len(entry.grid) == 1:
        return entry.grid[0]
    rng = np.random.default_rng(seed)
    some = training.take(np.sort(rng.choice(len(training), min(ROWS, len(training)), replace=False)))
    folds = _inner_folds(some, split)
    if not folds:
        return entry.grid[0]
    tried = get_entry(entry.searched_as) if entry.searched_as else entry
    errors = np.zeros(len(entry.grid))
    for fold in folds:
        train, test = some.design.take(fold.train), some.design.take(fold.test)
        for turn, parameters in enumerate(entry.grid):
            model = tried.make(parameters, seed).fit(train, some.y[fold.train])
            errors[turn] += float(((model.predict(test) - some.y[fold.test]) ** 2).sum())
    return entry.grid[int(np.argmin(errors))]


def _inner_folds(some: Samples, split: str) -> list[Any]:
    """Folds like the outer ones; by blocks where the training samples do not allow that; none if nothing fits."""
    wanted = "leave-year-out" if split == "fixed-years" else split
    for name in (wanted, "blocked"):
        try:
            return make_folds(some, name, Options(folds=FOLDS))
        except InputError:
            continue
    return []
