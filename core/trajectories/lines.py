"""Pixels on every day: straight lines between their clear views. For looking things up, never counted as data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Lines = NDArray[np.float32]


def daily_lines(values: NDArray[np.floating], days: NDArray[np.int64]) -> Lines:
    """Values (t, n), NaN where not seen, on every day from the first to the last of `days`; held at both ends."""
    every = np.arange(days[0], days[-1] + 1)
    found = np.full((len(every), values.shape[1]), np.nan, np.float32)
    for pixel in np.flatnonzero(np.isfinite(values).any(axis=0)):
        seen = np.isfinite(values[:, pixel])
        found[:, pixel] = np.interp(every, days[seen], values[seen, pixel])
    return found
