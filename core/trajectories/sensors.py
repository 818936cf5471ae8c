"""What the sensors saw at a place of an embedding: spectral indices and backscatter, on the site's own dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core import indices
from core.trajectories.paths import LEAST_SEEN

if TYPE_CHECKING:
    import xarray as xr

    from core.trajectories.places import Place

SAME_M = 1.0  # m by which two pixel centres may differ and still be one


class Seen(NamedTuple):
    """`days` (t,) datetime64[D] and `values` (t,), NaN where less than `LEAST_SEEN` of the place was seen."""

    days: NDArray[np.datetime64]
    values: NDArray[np.float32]


def index_of(images: xr.Dataset, embedding: xr.Dataset, place: Place, name: str) -> Seen | None:
    """A spectral index of a place of `embedding`; None where the site's images lie on other pixels."""
    part = _under(images, embedding, place)
    if part is None:
        return None
    cube, weights = part
    found = indices.compute(cube[list(indices.find(name).bands)], name).transpose("time", "y", "x")
    return Seen(cube["time"].values.astype("datetime64[D]"), _mean(found.values, weights))


def backscatter_of(images: xr.Dataset, embedding: xr.Dataset, place: Place, name: str = "VH") -> Seen | None:
    """Backscatter of a place, dB; averaged as power, as a larger pixel would have measured it."""
    if name not in images:
        return None
    part = _under(images, embedding, place)
    if part is None:
        return None
    cube, weights = part
    power = 10 ** (cube[name].transpose("s1_time", "y", "x").values.astype(np.float64) / 10)
    with np.errstate(divide="ignore"):
        mean = 10 * np.log10(_mean(power, weights).astype(np.float64))
    return Seen(cube["s1_time"].values.astype("datetime64[D]"), np.where(np.isfinite(mean), mean, np.nan))


def usual_backscatter(images: xr.Dataset, embedding: xr.Dataset, name: str = "VH") -> NDArray[np.float32] | None:
    """The median of each pixel of an embedding over all dates (rows, cols), dB; None where there is no radar on it."""
    if name not in images or not images[name].size:
        return None
    row, col = (_nearest(images[axis].values, embedding[axis].values) for axis in ("y", "x"))
    if row is None or col is None:
        return None
    layer = images[name].isel(y=row, x=col).transpose("s1_time", "y", "x").values
    found = np.full(layer.shape[1:], np.nan, np.float32)
    known = np.isfinite(layer).any(axis=0)
    found[known] = np.nanmedian(layer[:, known], axis=0)
    return found


def _under(images: xr.Dataset, embedding: xr.Dataset, place: Place) -> tuple[xr.Dataset, NDArray[np.float64]] | None:
    """The images of the pixels of a place, and their weights (rows, cols)."""
    rows, cols = (np.flatnonzero(place.weights.any(axis=axis)) for axis in (1, 0))
    row, col = (
        _nearest(images[axis].values, embedding[axis].values[mine]) for axis, mine in (("y", rows), ("x", cols))
    )
    if row is None or col is None:
        return None
    return images.isel(y=row, x=col), place.weights[np.ix_(rows, cols)]


def _nearest(have: NDArray[np.floating], wanted: NDArray[np.floating]) -> NDArray[np.int64] | None:
    apart = np.abs(have[None, :] - wanted[:, None])
    return None if apart.min(axis=1).max() > SAME_M else np.asarray(apart.argmin(axis=1))


def _mean(values: NDArray[np.floating], weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Weighted means (t,) of (t, rows, cols) over what was seen."""
    flat, share = values.reshape(len(values), -1), weights.ravel()
    known = np.isfinite(flat)
    seen = known @ share
    mean = np.where(known, flat, 0.0) @ share / np.where(seen > 0, seen, 1.0)
    return np.where(seen >= LEAST_SEEN, mean, np.nan).astype(np.float32)
