"""Everywhere that is like a chosen place, within one embedding.

Similarity runs up to 1, the same. Cosine compares the pattern of an embedding (-1..1), whatever its strength; Euclidean
is 1 / (1 + d), with d the root of the mean squared difference of the values: it does not depend on how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.clustering.features import PixelFeatures
from core.frames import Grid
from core.schema import InputError

BLOCK = 2_048  # pixels compared at once: they stay in the processor's cache

Floats = NDArray[np.float32]
Measure = Literal["cosine", "euclidean"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Searchable:
    """Features, ready to be compared with any place of them within a fraction of a second."""

    features: PixelFeatures

    @cached_property
    def lengths(self) -> Floats:
        """(n,)"""
        values = self.features.values
        return np.sqrt(np.einsum("ij,ij->i", values, values))

    def place(self, where: NDArray[np.bool_] | tuple[int, int]) -> Floats:
        """The features (d,) of a pixel (row, column), or the mean of those of an area (rows, cols)."""
        known, shape = self.features.where, self.features.where.shape
        if isinstance(where, tuple):
            row, column = where
            if not (0 <= row < shape[0] and 0 <= column < shape[1]):
                inside = f"choose a row below {shape[0]} and a column below {shape[1]}"
                raise InputError("pixel", f"{row}, {column}", "lies outside the embedding", inside)
            area = np.zeros(shape, bool)
            area[row, column] = True
        else:
            area = where
        if area.shape != shape:
            raise InputError("area", area.shape, "is not on the pixels of the embedding", f"give {shape}")
        if not (area & known).any():
            problem = "was not seen well enough" if area.any() else "holds no pixel"
            raise InputError("place", int(area.sum()), problem, "choose another place or period")
        return self.features.values[area[known]].mean(axis=0, dtype=np.float64).astype(np.float32)


def compare(searchable: Searchable, place: Floats, *, measure: Measure = "cosine") -> Floats:
    """Similarity (rows, cols) of every pixel to the features `place` (d,); NaN where it cannot be told."""
    if measure not in get_args(Measure):
        raise InputError("measure", measure, "is not known", f"use one of {', '.join(get_args(Measure))}")
    values = searchable.features.values
    if place.shape != values.shape[1:]:
        raise InputError("place", place.shape, "is of other features", f"give {values.shape[1]} values")
    if measure == "cosine":
        product = values @ place
        size = searchable.lengths * np.sqrt(place @ place)
        found = np.divide(product, size, out=np.full_like(product, np.nan), where=size > 0).clip(-1, 1)
    else:
        found = 1 / (1 + _distances(values, place))
    return searchable.features.on_map(found.astype(np.float32), np.nan)


def _distances(values: Floats, place: Floats) -> Floats:
    """Root of the mean squared difference, (n,)."""
    squares = np.empty(len(values), np.float32)
    work = np.empty((BLOCK, len(place)), np.float32)
    for first in range(0, len(values), BLOCK):
        part = values[first : first + BLOCK]
        off = np.subtract(part, place, out=work[: len(part)])
        np.einsum("ij,ij->i", off, off, out=squares[first : first + BLOCK])
    return np.sqrt(squares / len(place))


def pixel_at(grid: Grid, x: float, y: float) -> tuple[int, int]:
    """Row and column of the pixel that a point lies in."""
    row = int(np.floor((grid.y - y) / (grid.pixel_height or 1) + 0.5)) if np.isfinite(y) else -1
    column = int(np.floor((x - grid.x) / (grid.pixel_width or 1) + 0.5)) if np.isfinite(x) else -1
    if not (0 <= row < grid.rows and 0 <= column < grid.cols):
        east, south = grid.x + (grid.cols - 1) * grid.pixel_width, grid.y - (grid.rows - 1) * grid.pixel_height
        remedy = f"choose x from {grid.x:.10g} to {east:.10g} and y from {south:.10g} to {grid.y:.10g}"
        raise InputError("point", f"{x:.10g}, {y:.10g}", "lies outside the embedding", remedy)
    return row, column
