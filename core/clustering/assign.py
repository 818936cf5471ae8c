"""Clusters: every pixel gets one, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clustering.basis import FeatureSpec
from core.clustering.methods import NOISE, find_method
from core.clustering.space import ROWS, Space
from core.clustering.suggest import suggest_k
from core.frames import Grid
from core.schema import InputError, NotFoundError

NONE = 0  # pixels that take no part: not seen well enough
MOST = 24  # clusters; more cannot be told apart on a map

ClusterMap = NDArray[np.int16]  # (rows, cols): clusters from 1, NONE or NOISE


@dataclass(frozen=True, kw_only=True)
class ClusterSpec:
    """How clusters are sought. Without `k` it is suggested; HDBSCAN finds it itself."""

    method: str = "kmeans"
    k: int | None = None
    smallest_share: float = 0.01  # of the pixels; the smallest cluster of a method that finds k itself
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class Clusters:
    """A map of clusters, numbered from the largest, and how it came about."""

    labels: ClusterMap
    spec: ClusterSpec  # with k filled in
    features: FeatureSpec
    source: dict[str, str]  # of the embedding
    grid: Grid
    remarks: tuple[str, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The clusters that hold a pixel."""
        return tuple(int(label) for label in np.unique(self.labels) if label > NONE)

    def members(self, cluster: int) -> NDArray[np.bool_]:
        """Which pixels (rows, cols) lie in a cluster."""
        inside = self.labels == cluster
        if cluster <= NONE or not inside.any():
            there = ", ".join(map(str, self.ids)) or "none"
            raise NotFoundError("cluster", str(cluster), "holds no pixel now", f"choose one of: {there}")
        return np.asarray(inside)

    def renumbered(self, labels: ClusterMap, *remarks: str) -> Clusters:
        return replace(self, labels=labels, remarks=(*self.remarks, *remarks))


def find_clusters(space: Space, spec: ClusterSpec | None = None) -> Clusters:
    """Clusters of all pixels: fitted on the space's sample, which decides where each pixel belongs."""
    from threadpoolctl import threadpool_limits

    spec = spec or ClusterSpec()
    method, remarks = find_method(spec.method), list(space.features.remarks)
    if method.takes_k and spec.k is None:
        suggestion = suggest_k(space, seed=spec.seed)
        spec = replace(spec, k=suggestion.k)
        remarks.append(suggestion.words)
    number = _checked_k(space, spec) if method.takes_k else _smallest(space, spec)
    with threadpool_limits(1):  # its rounds are short: on a busy machine, more threads only wait for each other
        assign = method.fit(space.sample, number, spec.seed)
        found = np.concatenate([assign(part) for part in _parts(space.scores)])
    labels, count = _by_size(found, space)
    if method.takes_k and count < number:
        remarks.append(f"Of {number} clusters asked for, {number - count} hold no pixel.")
    if not method.takes_k:
        spec = replace(spec, k=count)
        remarks.append(f"{100 * (found == NOISE).mean():.1f} % of the pixels are noise: they lie between dense cores.")
    if space.sampled:
        remarks.append(f"Found on a sample of {len(space.sample):,} of {len(space.scores):,} pixels.")
    return Clusters(
        labels=space.features.on_map(labels, NONE),
        spec=spec,
        features=space.features.spec,
        source=dict(space.features.source),
        grid=space.features.grid,
        remarks=tuple(remarks),
    )


def _checked_k(space: Space, spec: ClusterSpec) -> int:
    k = spec.k or 0
    if not 2 <= k <= MOST:
        raise InputError("k", k, "is no usable number of clusters", f"give 2 to {MOST}")
    if k > len(space.scores):
        raise InputError("k", k, f"is more than the {len(space.scores)} pixels", "give fewer, or choose a larger area")
    if k > (different := len(np.unique(space.sample, axis=0))):
        raise InputError("k", k, f"is more than the {different} pixels that differ", "give fewer")
    return k


def _smallest(space: Space, spec: ClusterSpec) -> int:
    if not 0 < spec.smallest_share <= 0.5:
        problem = "is no share that a cluster can have"
        raise InputError("smallest share", spec.smallest_share, problem, "give more than 0 and at most 0.5")
    if len(space.sample) < 5:
        problem = "are too few to find dense places among"
        raise InputError("pixels", len(space.sample), problem, "choose a larger area or k-means")
    return max(2, round(spec.smallest_share * len(space.sample)))


def _parts(scores: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    return (scores[first : first + ROWS] for first in range(0, len(scores), ROWS))


def _by_size(found: NDArray[np.int64], space: Space) -> tuple[NDArray[np.int16], int]:
    """Numbered from 1, the largest first (of equal ones, the lower on the first component); and how many there are."""
    names, inverse, counts = np.unique(found, return_inverse=True, return_counts=True)
    middle = np.bincount(inverse, weights=space.scores[:, 0].astype(np.float64)) / counts
    real = np.flatnonzero(names != NOISE)
    order = real[np.lexsort((middle[real], -counts[real]))]
    numbers = np.full(len(names), NOISE, np.int16)
    numbers[order] = np.arange(1, len(order) + 1)
    return numbers[inverse], len(order)
