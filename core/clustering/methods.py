"""The ways to find clusters, all scikit-learn's own. A further one is one function and one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError

NOISE = -1  # pixels that belong to no cluster
STARTS = 10  # k-means is begun anew this often, and the tightest result taken
MIXTURE_STARTS = 1  # from k-means; three took four times as long and agreed no better with the land cover
REGULAR = 1e-3  # of the mean variance; added to a mixture's covariances so that none collapses
DENSITY_DIMS = 6  # components that a density is sought in: in many, everything is far from everything
DENSITY_SAMPLE = 4_000  # pixels that a density is sought among
DENSITY_REACH = 2.0  # how far beyond the usual distance to its nearest pixel a cluster still takes one up

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
Assign = Callable[[Floats], Labels]  # scores (n, p) -> clusters from 0, or NOISE


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way. `fit(sample, number, seed)` returns what assigns any pixel.

    `number` is how many clusters there shall be; where a method finds that itself, the fewest pixels of one.
    """

    label: str
    words: str  # when to take it, half a sentence
    takes_k: bool
    fit: Callable[[Floats, int, int], Assign]


def _k_means(sample: Floats, k: int, seed: int) -> Assign:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=STARTS, random_state=seed).fit(sample).predict


def _mixture(sample: Floats, k: int, seed: int) -> Assign:
    from sklearn.mixture import GaussianMixture

    floor = max(REGULAR * float(sample.var(axis=0).mean()), 1e-9)
    doubles = sample.astype(np.float64)
    model = GaussianMixture(k, n_init=MIXTURE_STARTS, reg_covar=floor, random_state=seed).fit(doubles)
    return lambda scores: model.predict(scores.astype(np.float64))


def _density(sample: Floats, smallest: int, seed: int) -> Assign:
    """Clusters of a part of the sample; a pixel joins that of its nearest neighbour there, if it is near enough."""
    from sklearn.cluster import HDBSCAN
    from sklearn.neighbors import NearestNeighbors

    part = sample[np.linspace(0, len(sample) - 1, min(len(sample), DENSITY_SAMPLE)).astype(int), :DENSITY_DIMS]
    least = max(2, round(smallest * len(part) / len(sample)))
    labels = HDBSCAN(min_cluster_size=min(least, len(part)), min_samples=min(10, least), copy=True).fit_predict(part)
    index = NearestNeighbors(n_neighbors=2).fit(part)
    usual = index.kneighbors()[0][:, 0]  # each one's own nearest neighbour
    reach = np.zeros(len(part))
    for label in np.unique(labels[labels != NOISE]):
        reach[labels == label] = DENSITY_REACH * np.quantile(usual[labels == label], 0.95)

    def assign(scores: Floats) -> Labels:
        distance, nearest = index.kneighbors(scores[:, :DENSITY_DIMS], n_neighbors=1)
        found = labels[nearest[:, 0]]
        return np.where(distance[:, 0] <= np.maximum(reach[nearest[:, 0]], 1e-6), found, NOISE)

    return assign


METHODS: Mapping[str, Method] = {
    "kmeans": Method(label="k-means", words="round clusters of similar spread; quick", takes_k=True, fit=_k_means),
    "gmm": Method(
        label="Gaussian mixture", words="clusters of any spread, longish ones too", takes_k=True, fit=_mixture
    ),
    "hdbscan": Method(
        label="HDBSCAN", words="dense cores of any shape; what lies between them is noise", takes_k=False, fit=_density
    ),
}


def find_method(name: str) -> Method:
    if name not in METHODS:
        raise InputError("method", name, "is not known", f"use one of {', '.join(METHODS)}")
    return METHODS[name]
