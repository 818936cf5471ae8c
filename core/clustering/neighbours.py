"""All pixels in a plane in which those that behave alike lie side by side (t-SNE, scikit-learn's own).

Distances between far groups mean nothing in it, nor do its axes: it shows what belongs together, which two principal
components often lay on top of each other. Some pixels are arranged; each other one lies among the most alike of these.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.clustering.space import Space
from core.schema import InputError

PIXELS = 2_500  # arranged; all others are placed among them
ROUNDS = 400  # on the demo sites 1,000 took three times as long and kept no more neighbours together
ANGLE = 0.7  # how coarsely far groups push each other; the usual 0.5 takes longer and kept no more together either
PERPLEXITY = 30.0  # neighbours that a pixel is to stay with
FEWEST = 8  # pixels that differ; with fewer there is nothing to arrange
AMONG = 5  # arranged pixels that each other one is placed among

Floats = NDArray[np.float32]


def neighbour_plane(space: Space, *, seed: int = 0) -> Floats:
    """Places (n, 2) of all pixels of a space."""
    from sklearn.manifold import TSNE
    from sklearn.neighbors import KNeighborsRegressor

    rows = np.linspace(0, len(space.sample) - 1, min(PIXELS, len(space.sample))).astype(int)
    pixels = np.unique(space.sample[rows], axis=0)
    if len(pixels) < FEWEST:
        raise InputError("pixels", len(pixels), "that differ are too few to arrange", "choose a larger area")
    near = min(PERPLEXITY, (len(pixels) - 1) / 3)
    way = TSNE(perplexity=near, max_iter=ROUNDS, angle=ANGLE, init=_start(pixels, seed), random_state=seed, n_jobs=1)
    places = way.fit_transform(pixels)
    among = KNeighborsRegressor(min(AMONG, len(pixels)), weights="distance").fit(pixels, places)
    return among.predict(space.scores).astype(np.float32)


def _start(pixels: Floats, seed: int) -> Floats:
    """Their first two components, small as t-SNE wants it; a little off, as in a single component all lie on a line."""
    two = pixels[:, [0, min(1, pixels.shape[1] - 1)]] * (1e-4 / max(1e-9, float(pixels[:, 0].std())))
    return np.asarray(two + 1e-6 * np.random.default_rng(seed).normal(size=two.shape), dtype=np.float32)
