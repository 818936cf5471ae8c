"""Embeddings stored as whole numbers of 8 bits, back to the values they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ALPHAEARTH_SCALE = 127.5  # AlphaEarth Foundations, description of the public GeoTIFFs (Google, 2025)
ALPHAEARTH_MISSING = -128  # same source


def alphaearth(stored: NDArray[Any]) -> Floats:
    """AlphaEarth: the sign of a number times the square of its 127.5th part, -1..1; -128 is missing."""
    share = stored.astype(np.float32) / np.float32(ALPHAEARTH_SCALE)
    return np.where(stored == ALPHAEARTH_MISSING, np.float32(np.nan), np.sign(share) * share**2)


def tessera(stored: NDArray[Any], scales: NDArray[Any]) -> Floats:
    """TESSERA: numbers (..., D) times a scale for each pixel (...) or value (..., D); without a scale it is missing.

    A scale that is no positive number stands where there is no land.
    """
    scales = np.asarray(scales, np.float32)
    scales = scales[..., None] if scales.ndim < stored.ndim else scales
    known = np.isfinite(scales) & (scales > 0)
    return stored.astype(np.float32) * np.where(known, scales, np.float32(np.nan))
