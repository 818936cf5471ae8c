"""A regressor that takes only so many rows: the cost of support vectors grows with the square of theirs."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone

Floats = NDArray[np.floating]


class SomeRows(RegressorMixin, BaseEstimator):
    """`inner`, fitted to `most` rows at random where there are more."""

    def __init__(self, inner: Any, most: int, seed: int) -> None:
        self.inner, self.most, self.seed = inner, most, seed

    def fit(self, X: Floats, y: Floats) -> Self:
        """X (n, columns), y (n,)."""
        rows = np.arange(len(y))
        if len(rows) > self.most:
            rows = np.sort(np.random.default_rng(self.seed).choice(rows, self.most, replace=False))
        self.inner_ = clone(self.inner).fit(X[rows], y[rows])
        return self

    def predict(self, X: Floats) -> Floats:
        return np.asarray(self.inner_.predict(X))
