"""What pixels are compared by: their embedding on one date, its mean over a period, or its path through a period.

Every pixel that was seen well enough gives one row of numbers; the others are left out, and that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.clustering.basis import FEATURES, VALUES_AT_ONCE, FeatureSpec, chosen_dates, completed
from core.clustering.timeline import SHARED, candidates, has_own, resample
from core.frames import Grid
from core.progress import Report
from core.schema import InputError

if TYPE_CHECKING:
    import xarray as xr

LOOKING = 0.3  # of the time for paths: which days each pixel has, before they are filled
ENOUGH = 0.5  # share of the common days that a pixel must have seen itself
SMALLEST_SPREAD = 1e-9  # of a value of the embedding; below it, it is constant


@dataclass(frozen=True, kw_only=True, eq=False)
class PixelFeatures:
    """One row of numbers a pixel."""

    values: NDArray[np.float32]  # (n, d), pixels in the order of the map, row by row
    where: NDArray[np.bool_]  # (rows, cols): which pixels these are
    own_share: NDArray[np.float32]  # (rows, cols): share of the days that the pixel saw itself, the rest was filled
    days: NDArray[np.datetime64]  # the date, the dates of the mean, or the common days
    dims: int  # values of an embedding
    shift: NDArray[np.float32]  # (dims,) and
    scale: NDArray[np.float32]  # (dims,): an embedding's value is shift + scale * feature
    grid: Grid
    spec: FeatureSpec  # with the dates filled in
    source: Mapping[str, str]  # model, weights, version, site of the embedding
    remarks: tuple[str, ...]  # what a reader should know, a sentence each

    @property
    def count(self) -> int:
        """Pixels that take part."""
        return len(self.values)

    def on_map(self, values: NDArray[Any], missing: Any) -> NDArray[Any]:
        """Values (n,) of the pixels that take part as (rows, cols), `missing` elsewhere."""
        full = np.full(self.where.shape, missing, dtype=values.dtype)
        full[self.where] = values
        return full


def read_features(
    embedding: xr.Dataset, spec: FeatureSpec | None = None, *, report: Report = lambda share: None
) -> PixelFeatures:
    """The features of an embedding cube, read strip by strip; `report` hears of each."""
    spec = completed(embedding, spec or FeatureSpec())
    dates = chosen_dates(embedding, spec)
    layer = embedding[FEATURES].isel(time=dates)
    taken = embedding["time"].values[dates].astype("datetime64[D]")
    if spec.basis == "year":
        values, own_share, days, remarks = _paths(layer, taken, report)
    else:
        values, own_share, days, remarks = _means(layer, taken, spec, report)
    where = np.asarray(np.isfinite(values).all(axis=2))
    if not where.any():
        remedy = "choose another date or period, or embed a larger part of the site"
        when = ("date", str(taken[0])) if spec.basis == "date" else ("period", f"{taken[0]} to {taken[-1]}")
        raise InputError(*when, "has no pixel that was seen well enough", remedy)
    kept = values.reshape(-1, values.shape[2]) if where.all() else values[where]
    shift, scale = _standardised(kept, dims=layer.sizes["feature"], wanted=spec.standardise)
    return PixelFeatures(
        values=kept,
        where=where,
        own_share=own_share,
        days=days,
        dims=layer.sizes["feature"],
        shift=shift,
        scale=scale,
        grid=Grid.of(embedding),
        spec=spec,
        source=source_of(embedding),
        remarks=(*remarks, *_left_out(where)),
    )


def source_of(embedding: xr.Dataset) -> dict[str, str]:
    """What an embedding says of its own making; embeddings that agree in `model`, `weights` and `version` compare."""
    names = {"model": "model", "weights": "weights_digest", "version": "version", "site": "site"}
    return {ours: str(embedding.attrs.get(theirs, "")) for ours, theirs in names.items()} | {
        "simulated": "yes" if embedding.attrs.get("simulated") else "no"
    }


# ---------------------------------------------------------------- values
# Values (rows, cols, D * G), own share (rows, cols), days, remarks.
Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.datetime64], tuple[str, ...]]


def _means(layer: xr.DataArray, taken: NDArray[np.datetime64], spec: FeatureSpec, report: Report) -> Found:
    """The mean of what was seen of each pixel, NaN where nothing was."""
    values, shares = _empty(layer, 1), []
    for rows, strip in _strips(layer, report):
        seen = np.isfinite(strip).all(axis=0)
        count = seen.sum(axis=0)
        total = np.where(seen, strip, 0).sum(axis=1, dtype=np.float64)
        values[rows] = np.moveaxis(np.where(count > 0, total / np.maximum(count, 1), np.nan), 0, -1)
        shares.append(seen.mean(axis=0, dtype=np.float32))
    remarks = (f"A mean of {len(taken)} dates; a pixel's own mean is over the dates it was seen on.",)
    return values, np.concatenate(shares), taken, remarks if spec.basis == "mean" else ()


def _paths(layer: xr.DataArray, taken: NDArray[np.datetime64], report: Report) -> Found:
    """The values of each pixel on common days; NaN in pixels that saw too few of them."""
    days = taken.astype(np.int64)
    common = candidates(days)
    first, second = (lambda share: report(LOOKING * share)), (lambda share: report(LOOKING + (1 - LOOKING) * share))
    own = np.concatenate([_own(strip, days, common) for _, strip in _strips(layer, first)], axis=1)  # (G, rows, cols)
    ever = own.any(axis=0)
    if ever.any():
        share = own[:, ever].mean(axis=1)
        kept = share >= min(SHARED, share.max())
        common, own = common[kept], own[kept]
    own_share = own.mean(axis=0, dtype=np.float32)
    values = _empty(layer, len(common))
    for rows, strip in _strips(layer, second):
        found = _resampled(strip, days, common)
        values[rows] = np.moveaxis(found, (0, 1), (2, 3)).reshape(values[rows].shape)
    values[own_share < ENOUGH] = np.nan
    used = own[:, own_share >= ENOUGH]
    filled = 1 - used.mean() if used.size else 0.0
    remarks = (
        f"{len(common)} common days from {_iso(common[0])} to {_iso(common[-1])}; {100 * filled:.1f} % of their values "
        f"were filled from the days before and after, which is never counted as data.",
    )
    return values, own_share, common.astype("datetime64[D]"), remarks


def _empty(layer: xr.DataArray, days: int) -> NDArray[np.float32]:
    """(rows, cols, D * days), the days of the first value of an embedding first."""
    return np.empty((layer.sizes["y"], layer.sizes["x"], layer.sizes["feature"] * days), np.float32)


def _own(strip: NDArray[np.float32], days: NDArray[np.int64], common: NDArray[np.int64]) -> NDArray[np.bool_]:
    seen = np.isfinite(strip).all(axis=0)
    return has_own(seen.reshape(len(days), -1), days, common).reshape(len(common), *seen.shape[1:])


def _resampled(strip: NDArray[np.float32], days: NDArray[np.int64], common: NDArray[np.int64]) -> NDArray[np.float32]:
    dims, dates, rows, cols = strip.shape
    found = resample(strip.reshape(dims, dates, -1), days, common).values
    return found.reshape(dims, len(common), rows, cols)


def _strips(layer: xr.DataArray, report: Report) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """The cube (D, T, rows, cols) a few rows at a time, with the rows."""
    dims, dates, rows, cols = layer.shape
    step = max(1, VALUES_AT_ONCE // max(1, dims * dates * cols))
    for first in range(0, rows, step):
        report(first / rows)
        part = slice(first, min(first + step, rows))
        yield part, layer.isel(y=part).values


def _standardised(
    values: NDArray[np.float32], *, dims: int, wanted: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Bring each value of the embedding in `values` (n, dims * G), in place, to mean 0 and spread 1 over pixels and
    days; returns its mean and spread before (0 and 1 if not wanted).
    """
    shift, scale = np.zeros(dims, np.float32), np.ones(dims, np.float32)
    if not wanted:
        return shift, scale
    width = values.shape[1] // dims
    for dim in range(dims):
        part = values[:, dim * width : (dim + 1) * width]
        shift[dim], spread = part.mean(dtype=np.float64), part.std(dtype=np.float64)
        scale[dim] = spread if spread > SMALLEST_SPREAD else 1
        part -= shift[dim]
        part /= scale[dim]
    return shift, scale


def _left_out(where: NDArray[np.bool_]) -> tuple[str, ...]:
    missing = int((~where).sum())
    if missing == 0:
        return ()
    return (f"{missing:,} of {where.size:,} pixels were not seen well enough and are left out.",)


def _iso(day: np.int64) -> str:
    return str(day.astype("datetime64[D]"))
