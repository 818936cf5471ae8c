"""Every regressor by name: how it is made, what a search may try, and how many rows it can take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from core.gpp.splits import IN_TIME
from core.gpp.windows import Design
from core.progress import Progress
from core.schema import InputError

Floats = NDArray[np.floating]
Build = Callable[[Mapping[str, Any], int], Any]  # parameters and seed -> a scikit-learn estimator


class Regressor(Protocol):
    """What a fit needs of a model. Whatever it learns of the features, scales and fillers too, it learns in `fit`."""

    def fit(self, design: Design, y: Floats, *, progress: Progress | None = None) -> Self: ...

    def predict(self, design: Design) -> Floats: ...


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One regressor. `make` takes parameters and a seed."""

    label: str
    make: Callable[[Mapping[str, Any], int], Regressor]
    grid: tuple[Mapping[str, Any], ...]  # the first is the default; the others are what a search may try
    most_rows: int | None = None  # beyond which a random part trains
    searched_as: str = ""  # the part of it that a search tries in its place, to which alone the grid matters
    sequence: bool = False
    types: frozenset[str] = frozenset()  # that its stored estimator holds beside those of `core.gpp.store.TRUSTED`


def classic(name: str, build: Build | None = None) -> Callable[[Mapping[str, Any], int], Regressor]:
    """A regressor of scikit-learn: `build` gives the estimator, else the builder of that name in `classic`."""

    def make(parameters: Mapping[str, Any], seed: int) -> Regressor:
        from core.gpp.regressors.classic import Classic

        return Classic(name, parameters, seed, build)

    return make


def _sequence(name: str) -> Callable[[Mapping[str, Any], int], Regressor]:
    def make(parameters: Mapping[str, Any], seed: int) -> Regressor:
        from core.gpp.regressors.sequence import Sequence

        return Sequence(name, parameters, seed)

    return make


REGRESSORS: Mapping[str, Entry] = {
    "ridge": Entry(
        label="ridge regression",
        make=classic("ridge"),
        grid=({"alpha": 30.0}, {"alpha": 3.0}, {"alpha": 300.0}),
    ),
    "random_forest": Entry(
        label="random forest",
        make=classic("random_forest"),
        grid=({"min_samples_leaf": 3}, {"min_samples_leaf": 10}),
        most_rows=12_000,
    ),
    "extra_trees": Entry(
        label="extremely randomised trees",
        make=classic("extra_trees"),
        grid=({"min_samples_leaf": 3}, {"min_samples_leaf": 10}),
        most_rows=12_000,
    ),
    "hist_gradient_boosting": Entry(
        label="gradient boosting of histogram trees",
        make=classic("hist_gradient_boosting"),
        grid=({"max_leaf_nodes": 7}, {"max_leaf_nodes": 15}),
        most_rows=40_000,
    ),
    "support_vectors": Entry(
        label="support vector regression",
        make=classic("support_vectors"),
        grid=({"C": 3.0, "gamma": 0.01}, {"C": 1.0, "gamma": 0.03}, {"C": 3.0, "gamma": 0.003}),
        most_rows=4_000,
    ),
    "gaussian_process": Entry(
        label="Gaussian process, for small data",
        make=classic("gaussian_process"),
        grid=({},),
        most_rows=500,
    ),
    "light_use": Entry(
        label="light-use line, and trees on what it leaves",
        make=classic("light_use"),
        grid=(
            {"share": 0.5, "min_samples_leaf": 5},
            {"share": 1.0, "min_samples_leaf": 3},
            {"share": 1.0, "min_samples_leaf": 10},
        ),
        most_rows=12_000,
    ),
    "blend": Entry(
        label="mean of three kinds: light-use line with trees, boosted trees, support vectors",
        make=classic("blend"),
        grid=({"share": 0.5, "min_samples_leaf": 5}, {"share": 1.0, "min_samples_leaf": 3}),
        most_rows=12_000,
        searched_as="light_use",
    ),
    "unusual": Entry(
        label="the tower's usual year, and trees on what a year does otherwise",
        make=classic("unusual"),
        grid=({"min_samples_leaf": 3, "max_leaf_nodes": 7},),
        most_rows=12_000,
    ),
    "transformer": Entry(
        label="temporal transformer with real day positions",
        make=_sequence("transformer"),
        grid=({},),
        most_rows=24_000,
        sequence=True,
    ),
    "transformer_paper": Entry(
        label="temporal transformer in the paper's own size (slow)",
        make=_sequence("transformer_paper"),
        grid=({},),
        most_rows=24_000,
        sequence=True,
    ),
    "gru": Entry(
        label="gated recurrent unit",
        make=_sequence("gru"),
        grid=({},),
        most_rows=24_000,
        sequence=True,
    ),
}


def usual_model(split: str) -> str:
    """The regressor where none is named: towers known from other times have a usual year, new ones have none."""
    return "unusual" if split in IN_TIME else "blend"


def get_entry(name: str) -> Entry:
    if name not in REGRESSORS:
        raise InputError("--model", name, "is no regressor", f"choose one of: {', '.join(REGRESSORS)}")
    return REGRESSORS[name]
