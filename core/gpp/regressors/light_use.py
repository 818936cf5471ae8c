"""Light-use efficiency first, trees second.

Uptake is to a first approximation greenness (NIRv) times radiation, at every tower. A straight line through that
product carries to towers never seen, where trees cannot go beyond what they were shown; the trees then learn what the
line leaves, and a share of it is added. Without such a product the line is a strongly held ridge regression on all
features.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import LinearRegression

Floats = NDArray[np.floating]


class LightUse(RegressorMixin, BaseEstimator):
    """`column` holds greenness times radiation; None takes `base` in its place."""

    def __init__(self, column: int | None, base: Any, trees: Any, share: float) -> None:
        self.column, self.base, self.trees, self.share = column, base, trees, share

    def fit(self, X: Floats, y: Floats) -> Self:
        """X (n, columns), y (n,)."""
        if self.column is None:
            self.base_ = clone(self.base).fit(X, y)
        else:
            light = X[:, self.column]
            self.usual_ = float(np.nanmedian(light)) if np.isfinite(light).any() else 0.0
            self.base_ = LinearRegression().fit(self._light(X), y)
        self.trees_ = clone(self.trees).fit(X, y - self._line(X))
        return self

    def predict(self, X: Floats) -> Floats:
        return np.asarray(self._line(X) + self.share * self.trees_.predict(X))

    def _line(self, X: Floats) -> Floats:
        return np.asarray(self.base_.predict(X if self.column is None else self._light(X)))

    def _light(self, X: Floats) -> Floats:
        light = X[:, self.column]
        return np.where(np.isfinite(light), light, self.usual_)[:, None]
