"""What matters: how much worse held-out predictions get when a group of features, or a lag, is mixed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.gpp.regressors import Regressor
from core.gpp.windows import Design

Floats = NDArray[np.floating]
ROWS = 400  # held-out samples of a fold that are looked at

Gains = dict[str, dict[str, tuple[float, int]]]


def of_fold(model: Regressor, test: Design, y: Floats, predicted: Floats, *, seed: int = 0) -> Gains:
    """Squared error gained, summed, and over how many samples: {"group": {name: (sum, n)}, "lag": ...}."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(test), min(ROWS, len(test)), replace=False))
    some, truth, error = test.take(rows), y[rows], (predicted[rows] - y[rows]) ** 2
    order = rng.permutation(len(rows))
    found: Gains = {"group": {}, "lag": {}}
    for kind, names in (("group", test.groups), ("lag", test.lags)):
        for name in dict.fromkeys(names):
            mixed = some.mixed(order, group=name) if kind == "group" else some.mixed(order, lag=name)
            worse = (model.predict(mixed) - truth) ** 2
            found[kind][name] = (float((worse - error).sum()), len(rows))
    return found


def together(folds: Sequence[Gains]) -> Mapping[str, Mapping[str, float]]:
    """Mean squared error gained over all folds, (gC m-2 d-1)^2, the largest first."""
    whole = {}
    for kind in ("group", "lag"):
        names = dict.fromkeys(name for fold in folds for name in fold[kind])
        gains = {name: _mean([fold[kind][name] for fold in folds if name in fold[kind]]) for name in names}
        whole[kind] = dict(sorted(gains.items(), key=lambda pair: -pair[1]))
    return whole


def _mean(parts: Sequence[tuple[float, int]]) -> float:
    return sum(total for total, _ in parts) / max(1, sum(count for _, count in parts))
