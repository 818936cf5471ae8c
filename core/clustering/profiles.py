"""What a cluster is: its spectrum, the seasons of its indices and backscatter, its embedding.

Every figure is over single pixel-dates that were seen, never over filled ones. Of a large cluster `PIXELS` evenly
spread pixels stand for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core import indices
from core.clustering.assign import Clusters
from core.clustering.basis import FEATURES
from core.schema import S1_BANDS, S2_BANDS, InputError

if TYPE_CHECKING:
    import xarray as xr

PIXELS = 2_000  # of a cluster that are looked at: a median is then known to 3 % of the spread
FEWEST = 0.1  # share of a cluster's pixels that must be seen on a date for its value to count
DATES, VALUES = 32, 4_000_000  # read at once, at least and about: bounds memory
SPREAD = (10.0, 90.0)  # %, between which 80 % of the values lie

Floats = NDArray[np.float32]
Place = tuple[NDArray[np.int64], NDArray[np.int64]]  # rows, columns


class Spectrum(NamedTuple):
    """Reflectance (10,) in the order of S2_BANDS: the mean, and what 80 % of the pixel-dates lie between."""

    mean: Floats
    low: Floats
    high: Floats
    views: int  # pixel-dates


class Curve(NamedTuple):
    """A quantity over time (t,): median and what 80 % of the pixels lie between; NaN where too few were seen."""

    times: NDArray[np.datetime64]
    middle: Floats
    low: Floats
    high: Floats
    unit: str


class EmbeddingProfile(NamedTuple):
    """`mean` and `spread` (standard deviation), (D, t), of a cluster's embeddings on each date."""

    times: NDArray[np.datetime64]
    mean: Floats
    spread: Floats


def on_grid(cube: xr.Dataset, clusters: Clusters) -> xr.Dataset:
    """The part of a site cube that lies under the clusters' pixels; a view where they lie side by side."""
    import pandas as pd

    grid = clusters.grid
    wanted = {
        "x": grid.x + grid.pixel_width * np.arange(grid.cols),
        "y": grid.y - grid.pixel_height * np.arange(grid.rows),
    }
    off = 0.25 * max(grid.pixel_width, grid.pixel_height) or None
    if str(cube.attrs.get("crs", "")) == grid.crs:
        found = {
            axis: cube.get_index(axis).get_indexer(pd.Index(places), method="nearest", tolerance=off)
            for axis, places in wanted.items()
        }
        if all((places >= 0).all() for places in found.values()):
            return cube.isel({axis: _as_slice(places) for axis, places in found.items()})
    remedy = "use clusters of an embedding that was made from this site"
    raise InputError("clusters", f"{grid.rows} x {grid.cols}", "do not lie on the site's pixels", remedy)


def spectrum_of(cube: xr.Dataset, members: NDArray[np.bool_], *, start: str, end: str) -> Spectrum:
    """The spectrum of `members` (rows, cols) of a cube over a period; all bands of a pixel-date must be seen."""
    rows, columns = _picked(members)
    times = cube["time"].values.astype("datetime64[D]")
    inside = np.flatnonzero((times >= np.datetime64(start)) & (times <= np.datetime64(end)))
    found = [
        np.stack([cube[band].isel(time=part).values[:, rows, columns] for band in S2_BANDS], axis=-1)
        for part in _blocks(inside, cube)
    ]
    views = np.concatenate([part[np.isfinite(part).all(axis=-1)] for part in found]) if found else np.empty((0, 10))
    if len(views) == 0:
        nothing = np.full(len(S2_BANDS), np.nan, np.float32)
        return Spectrum(nothing, nothing, nothing, 0)
    low, high = np.percentile(views, SPREAD, axis=0).astype(np.float32)
    return Spectrum(views.mean(axis=0, dtype=np.float64).astype(np.float32), low, high, len(views))


def index_curve(cube: xr.Dataset, members: NDArray[np.bool_], name: str) -> Curve:
    """The season of a spectral index."""
    index, place = indices.find(name), _picked(members)
    layers = [
        indices.compute(_points(cube, index.bands, part, index.axis, place), name).values
        for part in _blocks(np.arange(cube.sizes.get(index.axis, 0)), cube)
    ]
    return _curve(cube[index.axis].values if index.axis in cube.dims else _NO_TIMES, layers, unit="1")


def backscatter_curve(cube: xr.Dataset, members: NDArray[np.bool_], band: str) -> Curve | None:
    """The season of VV or VH in dB; None at a site without radar. Quantiles of dB are those of linear power."""
    if band not in S1_BANDS:
        raise InputError("band", band, "is no backscatter", f"use one of {', '.join(S1_BANDS)}")
    if band not in cube:
        return None
    place = _picked(members)
    blocks = _blocks(np.arange(cube.sizes["s1_time"]), cube)
    layers = [_points(cube, (band,), part, "s1_time", place)[band].values for part in blocks]
    return _curve(cube["s1_time"].values, layers, unit="dB")


def embedding_profile(embedding: xr.Dataset, members: NDArray[np.bool_]) -> EmbeddingProfile:
    """The mean embedding on each date that enough of the cluster was seen on."""
    rows, columns = _picked(members)
    parts = [
        embedding[FEATURES].isel(time=part).values[:, :, rows, columns]
        for part in _blocks(np.arange(embedding.sizes["time"]), embedding)
    ]
    values = np.concatenate(parts, axis=1)
    seen = np.isfinite(values).all(axis=0)
    count = seen.sum(axis=1)
    kept = count >= max(1.0, FEWEST * len(rows))
    filled = np.where(seen, values, 0)
    safe = np.maximum(count, 1)
    mean = filled.sum(axis=2, dtype=np.float64) / safe
    off = np.where(seen, filled - mean[..., None].astype(np.float32), 0)
    variance = np.einsum("dtn,dtn->dt", off, off) / safe
    blank = np.where(kept, 1.0, np.nan)
    times = embedding["time"].values
    return EmbeddingProfile(times, (mean * blank).astype(np.float32), (np.sqrt(variance) * blank).astype(np.float32))


# ---------------------------------------------------------------- inside
def _as_slice(places: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Places that follow each other as a slice: taken one by one, all images of a site would be copied."""
    whole = places.size > 0 and (np.diff(places) == 1).all()
    return slice(int(places[0]), int(places[-1]) + 1) if whole else places


_NO_TIMES = np.empty(0, "datetime64[D]")


def _picked(members: NDArray[np.bool_]) -> Place:
    """Rows and columns of at most `PIXELS` of the members, evenly spread."""
    found = np.argwhere(members)
    if len(found) == 0:
        raise InputError("cluster", 0, "holds no pixel", "choose another")
    chosen = found[np.unique(np.linspace(0, len(found) - 1, min(PIXELS, len(found))).astype(int))]
    return chosen[:, 0], chosen[:, 1]


def _blocks(dates: NDArray[np.int64], cube: xr.Dataset) -> Iterator[slice]:
    """Dates that follow each other, a few at a time."""
    step = max(DATES, VALUES // max(1, cube.sizes["y"] * cube.sizes["x"]))
    parts = (dates[first : first + step] for first in range(0, len(dates), step))
    return (slice(int(part[0]), int(part[-1]) + 1) for part in parts)


def _points(cube: xr.Dataset, bands: tuple[str, ...], dates: slice, axis: str, place: Place) -> xr.Dataset:
    """Bands (dates, pixels) at some pixels; each band is read once, a few dates whole."""
    import xarray as xr

    rows, columns = place
    read = {band: ((axis, "pixel"), cube[band].isel({axis: dates}).values[:, rows, columns]) for band in bands}
    return xr.Dataset(read)


def _percentiles(values: Floats, shares: tuple[float, ...]) -> Floats:
    """Percentiles of the known values of each row (t, n): numpy's own are ten times slower where some are NaN."""
    ordered = np.sort(values, axis=1)  # NaN last
    last = np.isfinite(values).sum(axis=1) - 1
    found = []
    for share in shares:
        place = share / 100 * last
        low = np.floor(place).astype(int)
        pair = np.take_along_axis(ordered, np.stack([low, np.minimum(low + 1, last)], axis=1), axis=1)
        found.append(pair[:, 0] + (place - low) * (pair[:, 1] - pair[:, 0]))
    return np.asarray(found, dtype=np.float32)


def _curve(times: NDArray[np.datetime64], layers: list[Floats], *, unit: str) -> Curve:
    if not layers:
        nothing = np.empty(0, np.float32)
        return Curve(_NO_TIMES, nothing, nothing, nothing, unit)
    values = np.concatenate(layers)
    kept = np.isfinite(values).sum(axis=1) >= max(1.0, FEWEST * values.shape[1])
    lines = np.full((3, len(values)), np.nan, np.float32)
    if kept.any():
        lines[:, kept] = _percentiles(values[kept], (50.0, *SPREAD))
    middle, low, high = lines
    return Curve(times.astype("datetime64[D]"), middle, low, high, unit)
