"""Which points lie within a line that was drawn round them: by the even-odd rule, as the browser draws it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Path = Sequence[tuple[float, float]]


def inside(path: Path, points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """For each of `points` (n, 2) whether it lies within the closed `path`; of fewer than three corners: none."""
    found = np.zeros(len(points), bool)
    corners = np.asarray(path, dtype=float).reshape(-1, 2)
    if len(corners) < 3:
        return found
    near = np.flatnonzero(((points >= corners.min(axis=0)) & (points <= corners.max(axis=0))).all(axis=1))
    across, along = points[near, 0], points[near, 1]
    odd = np.zeros(len(near), bool)
    for (a, b), (c, d) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if b != d:
            odd ^= ((b > along) != (d > along)) & (across < a + (along - b) * (c - a) / (d - b))
    found[near] = odd
    return found


def pixels_inside(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels (rows, cols) whose centre lies within a path of (row, column), counted in pixels from the corner."""
    rows, columns = np.indices(shape).reshape(2, -1) + 0.5
    return inside(path, np.stack([rows, columns], axis=1)).reshape(shape)
