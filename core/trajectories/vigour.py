"""The axis of an embedding along which vegetation comes and goes: what seasons and sudden losses are read from.

With images it is the direction that best follows NIRv, the near infrared that vegetation reflects, fitted on a sample
of the site's own pixel-dates; the number that matters is how closely it follows (R2, on pixel-dates it was not fitted
on). Without images it is the direction in which the average pixel of the site moves most through the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core import indices
from core.embedding.sample import draw
from core.schema import InputError
from core.trajectories.paths import FEATURES

if TYPE_CHECKING:
    import xarray as xr

INDEX = "NIRv"  # near-infrared reflectance of vegetation: NDVI x NIR, less saturated than NDVI
RIDGE = 1e-3  # of the mean variance of a value: steadies values that hardly vary
FITTED = 0.7  # of the sample; the rest judges
LEAST_FOLLOWED = 0.3  # R2 below which the axis says nothing of vegetation
MOST_READ = 8_000_000  # pixel-dates of images read at once
FEWEST = 50  # pixel-dates
WAVES = 2  # of the mean year, where there are no images

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class VigourAxis:
    """`value = offset + weights . embedding`; in units of NIRv where `r2` is a number."""

    weights: Floats  # (D,)
    offset: float
    r2: float | None  # of NIRv on pixel-dates it was not fitted on; None: found without images

    def read(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Vigour (...) of embeddings (D, ...), NaN where one is missing."""
        flat = values.reshape(values.shape[0], -1)
        found = self.weights.astype(np.float32) @ flat + np.float32(self.offset)
        return np.asarray(found.reshape(values.shape[1:]), np.float32)


def vigour_axis(embedding: xr.Dataset, cube: xr.Dataset | None = None) -> VigourAxis:
    """The axis of an embedding; `cube` is the site cube, whose images it is fitted to."""
    sample = draw(embedding[FEATURES])
    values = sample.values.astype(np.float64)
    if len(values) < FEWEST:
        problem = f"has {len(values)} clear pixel-dates, too few for a season"
        raise InputError("embedding", str(embedding.attrs.get("site", "")), problem, "embed a longer period")
    if cube is not None:
        found = _fitted(values, _index_at(embedding, cube, sample.places))
        if found is not None:
            return found
    return _yearly(values, embedding["time"].values[sample.places[:, 0]])


def _index_at(embedding: xr.Dataset, cube: xr.Dataset, places: NDArray[np.int64]) -> Floats:
    """NIRv at the sampled pixel-dates (n,), NaN where the images have none."""
    times = cube["time"].values.astype("datetime64[D]")
    wanted = embedding["time"].values.astype("datetime64[D]")
    at = np.clip(np.searchsorted(times, wanted), 0, len(times) - 1)
    rows, cols = (_nearest(cube[axis].values, embedding[axis].values) for axis in ("y", "x"))
    if rows is None or cols is None:
        return np.full(len(places), np.nan)
    same = times[at] == wanted
    found = np.full(len(places), np.nan)
    images = cube[list(indices.find(INDEX).bands)].transpose("time", "y", "x")
    dates = np.flatnonzero(same)
    step = max(1, MOST_READ // (images.sizes["y"] * images.sizes["x"]))
    for first in range(0, len(dates), step):  # many at once: what is stored together is unpacked once
        part = dates[first : first + step]
        mine = np.isin(places[:, 0], part)
        seen = indices.compute(images.isel(time=at[part]).load(), INDEX).transpose("time", "y", "x").values
        found[mine] = seen[np.searchsorted(part, places[mine, 0]), rows[places[mine, 1]], cols[places[mine, 2]]]
    return found


def _nearest(have: NDArray[np.floating], wanted: NDArray[np.floating]) -> NDArray[np.int64] | None:
    """Where each wanted coordinate lies; None if the two do not share a grid."""
    apart = np.abs(have[None, :] - wanted[:, None])
    if apart.min(axis=1).max() > 1.0:  # m
        return None
    return np.asarray(apart.argmin(axis=1))


def _fitted(values: Floats, index: Floats) -> VigourAxis | None:
    known = np.isfinite(index)
    if known.sum() < FEWEST:
        return None
    values, index = values[known], index[known]
    order = np.random.default_rng(0).permutation(len(values))
    fit, test = np.split(order, [int(FITTED * len(order))])
    middle, mean = values[fit].mean(axis=0), index[fit].mean()
    centred = values[fit] - middle
    gram = centred.T @ centred
    gram += np.eye(len(gram)) * RIDGE * np.trace(gram) / len(gram)
    weights = np.linalg.solve(gram, centred.T @ (index[fit] - mean))
    missed = index[test] - mean - (values[test] - middle) @ weights
    r2 = 1 - float(missed.var()) / max(float(index[test].var()), 1e-12)
    if r2 < LEAST_FOLLOWED:
        return None
    return VigourAxis(weights=weights, offset=float(mean - middle @ weights), r2=r2)


def _yearly(values: Floats, times: NDArray[np.datetime64]) -> VigourAxis:
    """The widest direction of the mean year; it points to the northern summer."""
    days = times.astype("datetime64[D]")
    phase = 2 * np.pi * (days - days.astype("datetime64[Y]")).astype(float) / 365.25
    waves = [part for wave in range(1, WAVES + 1) for part in (np.cos(wave * phase), np.sin(wave * phase))]
    design = np.stack([np.ones(len(phase)), *waves], axis=1)
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    middle = fitted.mean(axis=0)
    _, _, directions = np.linalg.svd(fitted - middle, full_matrices=False)
    axis = directions[0]
    summer = -np.cos(phase)  # without images: the northern summer is taken for the green season
    if np.corrcoef(fitted @ axis, summer)[0, 1] < 0:
        axis = -axis
    return VigourAxis(weights=axis, offset=float(-middle @ axis), r2=None)
