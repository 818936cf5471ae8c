"""The principal components of pixels' features: where clusters are sought, and what the scatter shows.

The same pixels give the same space in whatever order they come: what is fitted is fitted on a sample that is put into
an order of its own first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clustering.features import PixelFeatures

DIMS = 12  # components kept; on the demo sites more of them changed no cluster
SAMPLE = 10_000  # pixels that are fitted on; all others are then assigned
ROWS = 50_000  # pixels projected at once: bounds memory

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Space:
    """Pixels in their principal components, the first of them the widest."""

    scores: Floats  # (n, p)
    sample: Floats  # (m, p): all pixels or a sample of them, in an order that does not depend on theirs
    picked: NDArray[np.int64]  # (m,): which of the n these are
    explained: NDArray[np.float64]  # (p,): share of the variance of the features
    features: PixelFeatures

    @property
    def sampled(self) -> bool:
        """Whether what is fitted is fitted on a part of the pixels."""
        return len(self.sample) < len(self.scores)


def principal_space(features: PixelFeatures, *, seed: int = 0) -> Space:
    from sklearn.decomposition import PCA

    picked = _sample(features.values, seed=seed)
    chosen = features.values[picked]
    pca = PCA(min(DIMS, *chosen.shape), svd_solver="full" if min(chosen.shape) < 2 else "covariance_eigh")
    with np.errstate(divide="ignore", invalid="ignore"):  # pixels that are all alike explain nothing
        pca.fit(chosen)
    parts = (features.values[first : first + ROWS] for first in range(0, features.count, ROWS))
    return Space(
        scores=np.concatenate([pca.transform(part) for part in parts]).astype(np.float32),
        sample=pca.transform(chosen).astype(np.float32),
        picked=picked,
        explained=np.nan_to_num(pca.explained_variance_ratio_),
        features=features,
    )


def _sample(values: Floats, *, seed: int) -> NDArray[np.int64]:
    """Indices of at most `SAMPLE` rows, ordered by their values."""
    order = np.lexsort([values[:, column] for column in range(min(3, values.shape[1]))])
    if len(order) <= SAMPLE:
        return order
    dice = np.random.default_rng(seed)
    return np.asarray(order[np.sort(dice.choice(len(order), SAMPLE, replace=False))])
