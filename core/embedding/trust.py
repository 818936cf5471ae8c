"""What tells how far to trust an embedding. Arrays are (dates, rows, columns); `seen` says where a pixel was clear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


def context_share(seen: Bools, *, frames: int, size: int) -> Floats:
    """Share of the window around each pixel-date that was seen, 0..1.

    `seen` reaches half a window beyond what is asked for on every side, False beyond the site and its first and last
    frame: (T + frames - 1, H + size - 1, W + size - 1) -> (T, H, W).
    """
    counts = seen.astype(np.int32)
    for axis, width in enumerate((frames, size, size)):
        counts = _sums(counts, axis, width)
    return (counts / (frames * size * size)).astype(np.float32)


def _sums(counts: NDArray[np.int32], axis: int, width: int) -> NDArray[np.int32]:
    """Sums of `width` successive values along an axis, which gets shorter by width - 1."""
    total = np.moveaxis(np.cumsum(counts, axis=axis, dtype=np.int32), axis, 0)
    total = np.concatenate([np.zeros_like(total[:1]), total])
    return np.moveaxis(total[width:] - total[:-width], 0, axis)


def days_since_clear(seen: Bools, days: NDArray[np.int64], dates: slice) -> Floats:
    """Days since the pixel was last seen before each of `dates`, NaN where it never was.

    `seen` (T, H, W) and `days` (T,) are of all frames from the site's first one on.
    """
    since = np.empty((dates.stop - dates.start, *seen.shape[1:]), dtype=np.float32)
    last = np.full(seen.shape[1:], np.nan)
    for frame in range(dates.stop):
        if frame >= dates.start:
            since[frame - dates.start] = days[frame] - last
        last[seen[frame]] = days[frame]
    return since


def sensor_gap(radar_seen: Bools, radar_days: NDArray[np.int64], optical_days: NDArray[np.int64]) -> Floats:
    """Days between the two sensors' views, NaN where radar saw nothing. (T, H, W), (T,), (T,) -> (T, H, W)."""
    gap = np.abs(radar_days - optical_days)[:, None, None]
    return np.where(radar_seen, gap, np.nan).astype(np.float32)
