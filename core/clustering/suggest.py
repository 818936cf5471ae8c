"""How many clusters: as many as come out again when the pixels are drawn anew, and still keep apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clustering.space import Space
from core.progress import Progress
from core.schema import InputError

NUMBERS = range(2, 13)  # k that are tried: as many as there are colours to tell apart
PIXELS = 2_500  # that are tried on
DRAWS = 6  # resamples, with replacement
STARTS, FIRST_STARTS = 4, 10  # of k-means in a resample, and in what resamples are compared with
STABLE = 0.9  # adjusted Rand, and share of a cluster, that counts as coming out again
APART = 0.5  # of the best silhouette: less, and clusters of one kind are being cut

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One number of clusters, judged."""

    k: int
    silhouette: float  # -1..1, how much nearer pixels are to their own cluster than to the next
    stability: float  # mean adjusted Rand index of k-means on resamples with k-means on all
    recovered: float  # share of a cluster that comes out again (Jaccard), mean over clusters and resamples


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A number of clusters, and what speaks for it."""

    k: int
    candidates: tuple[Candidate, ...]
    words: str  # a sentence


def suggest_k(
    space: Space,
    *,
    seed: int = 0,
    numbers: Sequence[int] = NUMBERS,
    progress: Progress | None = None,
) -> Suggestion:
    """The largest k that is stable and whose silhouette is at least half the best; else the best recovered one."""
    dice = np.random.default_rng(seed)
    rows = np.linspace(0, len(space.sample) - 1, min(PIXELS, len(space.sample))).astype(int)
    pixels = space.sample[np.unique(rows)]
    different = len(np.unique(pixels, axis=0))
    tried = [k for k in numbers if k < different]
    if not tried:
        raise InputError("pixels", different, "that differ are too few for clusters", "choose a larger area")
    draws = [dice.integers(0, len(pixels), len(pixels)) for _ in range(DRAWS)]
    candidates: tuple[Candidate, ...] = ()
    for place, k in enumerate(tried):
        if progress:
            progress(place / len(tried), f"Trying {k} clusters")
        candidates += (_judged(pixels, draws, k, seed),)
    best = max(candidate.silhouette for candidate in candidates)
    good = [
        candidate
        for candidate in candidates
        if min(candidate.stability, candidate.recovered) >= STABLE and candidate.silhouette >= APART * best
    ]
    chosen = good[-1] if good else max(candidates, key=lambda candidate: candidate.recovered)
    return Suggestion(k=chosen.k, candidates=candidates, words=_words(chosen, bool(good)))


def _judged(pixels: Floats, draws: Sequence[NDArray[np.int64]], k: int, seed: int) -> Candidate:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    labels = KMeans(k, n_init=FIRST_STARTS, random_state=seed).fit_predict(pixels)
    again = [
        KMeans(k, n_init=STARTS, random_state=seed + 1 + turn).fit(pixels[draw]).predict(pixels)
        for turn, draw in enumerate(draws)
        if len(np.unique(pixels[draw], axis=0)) >= k
    ]
    return Candidate(
        k=k,
        silhouette=float(silhouette_score(pixels, labels)),
        stability=float(np.mean([adjusted_rand_score(labels, other) for other in again])) if again else 0.0,
        recovered=float(np.mean([_recovered(labels, other, k) for other in again])) if again else 0.0,
    )


def _recovered(labels: NDArray[np.int64], other: NDArray[np.int64], k: int) -> float:
    """How much of a cluster the most alike one of another clustering shares, mean over the clusters.

    The adjusted Rand index hardly notices when one of many clusters is cut at will; this does.
    """
    both = np.zeros((k, k))
    np.add.at(both, (labels, other), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return float((both / np.maximum(either, 1)).max(axis=1).mean())


def _words(chosen: Candidate, good: bool) -> str:
    figures = f"adjusted Rand of resamples {chosen.stability:.2f}, silhouette {chosen.silhouette:.2f}"
    if good:
        reason = "comes out again and keeps apart"
        return f"{chosen.k} is the largest number of clusters that {reason} ({figures})."
    return f"No number of clusters comes out again reliably; {chosen.k} does so best ({figures})."
