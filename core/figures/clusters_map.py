"""Clusters, classes and similarity as pictures that lie on a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.clustering.agreement import transform_of
from core.clustering.assign import NONE
from core.clustering.legend import Entry
from core.frames import Grid
from core.palette import RAMP_STEPS, SEQUENTIAL_ANCHORS, lookup_table, rgb
from core.schema import InputError

WEB = "EPSG:3857"  # what web maps are drawn in
FAINT = 0.3  # opacity of clusters that are not chosen

Picture = NDArray[np.uint8]  # (rows, cols, 4) RGBA


class Overlay(NamedTuple):
    """A picture on the pixels of a web map, and where it lies."""

    picture: Picture
    bounds: tuple[tuple[float, float], tuple[float, float]]  # south-west, north-east; degrees north, east


def class_picture(
    labels: NDArray[np.integer],
    entries: Sequence[Entry],
    *,
    chosen: int | None = None,
    marked: NDArray[np.bool_] | None = None,
) -> Picture:
    """Labels (rows, cols) in the colours of their legend; what is in no cluster is clear, noise grey.

    With a `chosen` cluster, or `marked` pixels, the others are faint.
    """
    picture = np.zeros((*labels.shape, 4), np.uint8)
    for entry in entries:
        if entry.id != NONE:
            picture[labels == entry.id] = (*rgb(entry.colour), 255)
    kept = np.ones(labels.shape, bool) if chosen is None else labels == chosen
    kept = kept if marked is None else kept & marked
    picture[..., 3] = np.where(kept, picture[..., 3], picture[..., 3] * FAINT)
    return picture


def similarity_picture(values: NDArray[np.float32], *, threshold: float, lowest: float | None = None) -> Picture:
    """Similarity (rows, cols) in sequential green from `threshold` (or `lowest`) to 1; below the threshold clear."""
    low = threshold if lowest is None else lowest
    part = np.clip((values - low) / max(1e-6, 1 - low), 0, 1)
    table = lookup_table(SEQUENTIAL_ANCHORS)
    index = 1 + np.nan_to_num(part * (RAMP_STEPS - 2)).astype(int)
    shown = np.isfinite(values) & (values >= threshold)
    return np.asarray(np.where(shown[..., None], table[index], 0), dtype=np.uint8)


def overlay(picture: Picture, grid: Grid) -> Overlay:
    """A picture brought to a web map's projection by its nearest pixels: a mere box would be off by many pixels."""
    from rasterio.errors import CRSError
    from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds

    if not grid.crs or not grid.pixel_width or not grid.pixel_height:
        raise InputError(
            "map", f"{grid.rows} x {grid.cols}", "does not say where it lies", "use an embedding with a CRS"
        )
    west, north = grid.x - grid.pixel_width / 2, grid.y + grid.pixel_height / 2
    box = (west, north - grid.rows * grid.pixel_height, west + grid.cols * grid.pixel_width, north)
    try:
        place, width, height = calculate_default_transform(grid.crs, WEB, grid.cols, grid.rows, *box)
    except CRSError as error:
        raise InputError("map", grid.crs, "is no CRS that can be drawn", "use an embedding with a known CRS") from error
    out = np.zeros((4, height, width), np.uint8)
    reproject(
        np.ascontiguousarray(np.moveaxis(picture, -1, 0)),
        out,
        src_transform=transform_of(grid),
        src_crs=grid.crs,
        dst_transform=place,
        dst_crs=WEB,
        resampling=Resampling.nearest,
    )
    edges = (place.c, place.f + height * place.e, place.c + width * place.a, place.f)
    left, low, right, high = transform_bounds(WEB, "EPSG:4326", *edges)
    return Overlay(np.moveaxis(out, 0, -1), ((low, left), (high, right)))
