"""Prediction intervals by conformal prediction, calibrated on held-out errors and widened where errors are larger.

The errors that calibrate a fold's intervals are those of the other folds: each is of a day that its model did not see.
Where the tower itself was trained on, its own errors count; where it is new, every tower counts alike, however many
days it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
COVERAGE = 0.9  # share of days that the intervals are to hold
LEAST_OWN = 100  # errors of a tower's own that are enough to calibrate it by them
BINS = 8  # of the predicted value, in which the size of errors is learnt
PRIOR = 5  # errors of the usual size that each bin starts with
FLOOR = 0.1  # gC m-2 d-1, the least size an error is taken to have


def cross_conformal(
    y: Floats, predicted: Floats, fold_of: NDArray[np.intp], known: NDArray[np.str_], sites: NDArray[np.str_]
) -> tuple[Floats, Floats]:
    """Low and high ends for held-out days; `known` names a day's tower where it was trained on, "" where it is new."""
    half = np.empty(len(y))
    for fold in np.unique(fold_of):
        test = fold_of == fold
        others = ~test if (~test).any() else test  # of a single fold: its own errors, which is no calibration
        scale = ErrorScale.of(np.abs(y - predicted)[others], predicted[others])
        size = scale(predicted)
        ratio = np.abs(y - predicted) / size
        half[test] = _limits(ratio, test, others, known, sites)[test] * size[test]
    return predicted - half, predicted + half


def _limits(
    ratio: Floats,
    test: NDArray[np.bool_],
    others: NDArray[np.bool_],
    known: NDArray[np.str_],
    sites: NDArray[np.str_],
) -> Floats:
    """For each test day, the ratio that 90 % of the calibrating errors stay under."""
    limits = np.full(len(ratio), _quantile(ratio[others], _equal(sites[others])))
    for site in np.unique(known[test & (known != "")]):
        own = others & (sites == site)
        if own.sum() >= LEAST_OWN:
            limits[known == site] = _quantile(ratio[own], np.ones(int(own.sum())))
    return limits


def _equal(sites: NDArray[np.str_]) -> Floats:
    """Weights that give every tower the same say."""
    _, place, counts = np.unique(sites, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[place])


def _quantile(values: Floats, weights: Floats) -> float:
    """The conformal quantile: of n errors, the ceil((n + 1) * coverage)-th, here with weights."""
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    wanted = min(1.0, COVERAGE * (len(values) + 1) / len(values))
    return float(values[order][min(int(np.searchsorted(share, wanted)), len(values) - 1)])


class ErrorScale:
    """The usual size of an error at each predicted value, learnt from calibrating errors."""

    def __init__(self, centres: Floats, sizes: Floats) -> None:
        self.centres, self.sizes = centres, sizes

    @classmethod
    def of(cls, errors: Floats, predicted: Floats) -> Self:
        edges = np.quantile(predicted, np.linspace(0, 1, BINS + 1))
        place = np.clip(np.searchsorted(edges, predicted, side="right") - 1, 0, BINS - 1)
        count = np.bincount(place, minlength=BINS)
        usual = float(errors.mean())
        mean = (np.bincount(place, errors, minlength=BINS) + PRIOR * usual) / (count + PRIOR)
        return cls((edges[:-1] + edges[1:]) / 2, np.maximum(mean, FLOOR))

    def __call__(self, predicted: Floats) -> Floats:
        return np.interp(predicted, self.centres, self.sizes)


@dataclass(frozen=True, eq=False)
class Band:
    """The interval of a model of all days, for towers and places it has not seen."""

    scale: ErrorScale
    limit: float

    @classmethod
    def of(cls, y: Floats, predicted: Floats, sites: NDArray[np.str_]) -> Self:
        """From held-out predictions; every tower has the same say."""
        errors = np.abs(y - predicted)
        scale = ErrorScale.of(errors, predicted)
        return cls(scale, _quantile(errors / scale(predicted), _equal(sites)))

    def around(self, predicted: Floats) -> tuple[Floats, Floats]:
        half = self.limit * self.scale(predicted)
        return predicted - half, predicted + half
