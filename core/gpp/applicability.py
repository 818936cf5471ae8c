"""Where a prediction leaves the data its model was trained on: the dissimilarity index of Meyer and Pebesma (2021).

The distance to the nearest training sample in standardised features, divided by the mean distance among training
samples. The threshold is the largest such index of the training samples themselves, outliers left out, where each is
held against samples of other towers alone, or of other years where there is one tower: neighbouring days of one tower
are all but alike, and a threshold made of them would call every other year strange. Features are not weighted by what
they matter to a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.gpp.windows import Design

Floats = NDArray[np.floating]
ROWS = 1500  # training samples that stand for all
PAIRS = 2000  # pairs whose mean distance is the unit
DIMENSIONS = 12  # principal components that distances are measured in: many like columns would count many times
PARTS = 5  # that training samples are held back in, at most
WHISKER = 1.5  # interquartile ranges above the upper quartile up to which training samples are no outliers


@dataclass(frozen=True, eq=False)
class Area:
    """The training data as distances are measured to it."""

    median: Floats  # of each flat column, stands in for what is missing
    mean: Floats
    spread: Floats
    axes: Floats  # (columns, dimensions)
    reference: Floats  # (rows, dimensions)
    unit: float
    threshold: float

    @classmethod
    def of(cls, design: Design, sites: NDArray[np.str_], *, seed: int = 0) -> Self:
        """Of a training design; distances among training samples are taken between other towers, or other years."""
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(len(design), min(ROWS, len(design)), replace=False))
        values = design.flat[rows]
        with np.errstate(all="ignore"):
            known = np.isfinite(values).any(axis=0)
            median = np.where(known, np.nanmedian(np.where(known, values, 0.0), axis=0), 0.0)
        filled = np.where(np.isfinite(values), values, median)
        mean, spread = filled.mean(axis=0), np.maximum(filled.std(axis=0), 1e-9)
        scaled = np.clip((filled - mean) / spread, -6, 6)
        _, size, axes = np.linalg.svd(scaled - scaled.mean(axis=0), full_matrices=False)
        axes = axes[: min(DIMENSIONS, int((size > 1e-6).sum()) or 1)].T
        reference = scaled @ axes
        a, b = rng.integers(len(rows), size=(2, PAIRS))
        unit = max(float(np.linalg.norm(reference[a] - reference[b], axis=1).mean()), 1e-9)
        own = _between_parts(reference, _parts(sites[rows], design.days[rows])) / unit
        q1, q3 = np.quantile(own, (0.25, 0.75))
        threshold = float(own[own <= q3 + WHISKER * (q3 - q1)].max())
        return cls(median, mean, spread, axes, reference, unit, threshold)

    def index(self, design: Design) -> Floats:
        """Dissimilarity of each sample; 0 = seen in training."""
        filled = np.where(np.isfinite(design.flat), design.flat, self.median)
        points = np.clip((filled - self.mean) / self.spread, -6, 6) @ self.axes
        return _nearest(self.reference, points) / self.unit


def dissimilarity(
    seen: Design, test: Design, sites: NDArray[np.str_], *, seed: int = 0
) -> tuple[Floats, NDArray[np.bool_]]:
    """The index of each test sample, and whether it lies outside the area of applicability."""
    area = Area.of(seen, sites, seed=seed)
    index = area.index(test)
    return index, index > area.threshold


def _nearest(reference: Floats, points: Floats) -> Floats:
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(reference).query(points)
    return np.asarray(distance, dtype=float)


def _parts(sites: NDArray[np.str_], days: NDArray[np.datetime64]) -> NDArray[np.intp]:
    """Which of at most five parts each sample is held back with: whole towers; of one tower, years or quarters."""
    names, place = np.unique(sites, return_inverse=True)
    if len(names) > 1:
        return np.asarray(place % min(PARTS, len(names)))
    years, place = np.unique(days.astype("datetime64[Y]"), return_inverse=True)
    if len(years) > 1:
        return np.asarray(place % min(PARTS, len(years)))
    return np.asarray(np.argsort(np.argsort(days)) * 4 // len(days))


def _between_parts(reference: Floats, part: NDArray[np.intp]) -> Floats:
    """Distance of each training sample to the nearest one of another part."""
    found = np.empty(len(reference))
    for turn in np.unique(part):
        own = part == turn
        found[own] = _nearest(reference[~own], reference[own])
    return found
