"""What the dimensions of an embedding go with at a place: rank correlations with indices, bands and backscatter.

They are taken over pixel-dates that were seen, each compared with what the sensors saw of the same pixel: the optical
one on the same date, radar on the nearest. Ranks, because a dimension that rises with an index need not do so in a
straight line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core import indices
from core.embedding.sample import Sample
from core.schema import S1_BANDS, S2_BANDS

if TYPE_CHECKING:
    import xarray as xr

INDICES = ("NDVI", "NIRv", "EVI", "NDREI", "NDMI", "NDWI", "NBR")  # as the standard list names them
SHOWN: Mapping[tuple[str, ...], int] = {INDICES: 2, S2_BANDS: 1, S1_BANDS: 1}  # bars of each kind: alike ones crowd
FEWEST = 30  # pixel-dates a correlation is said from
LONGEST_GAP = np.timedelta64(6, "D")  # between an optical and a radar view that are compared: one repeat of a satellite

Floats = NDArray[np.float64]


class Bar(NamedTuple):
    """One thing a dimension goes with."""

    name: str
    value: float  # -1..1


@dataclass(frozen=True, kw_only=True, eq=False)
class Meaning:
    """What each dimension goes with. NaN: too few pixel-dates, or a quantity that never changes."""

    names: tuple[str, ...]  # of the quantities
    values: Floats  # (D, quantities), -1..1
    count: int  # pixel-dates compared

    def strongest(self, dim: int) -> list[Bar]:
        """What a dimension goes with most: two indices, a band and a polarisation, strongest first."""
        known = [Bar(name, float(value)) for name, value in zip(self.names, self.values[dim], strict=True)]
        known = sorted((bar for bar in known if np.isfinite(bar.value)), key=lambda bar: -abs(bar.value))
        taken = [bar for kind, most in SHOWN.items() for bar in [bar for bar in known if bar.name in kind][:most]]
        return [bar for bar in known if bar in taken]


def meaning(sample: Sample, features: xr.DataArray, cube: xr.Dataset) -> Meaning:
    """Compare a sample of `features` with the site cube that lies under it."""
    inside, points = _points(sample, features, cube)
    quantities = _quantities(points)
    values = np.stack([np.asarray(one, np.float64) for one in quantities.values()], axis=1)
    found = rank_correlations(sample.values[inside], values)
    return Meaning(names=tuple(quantities), values=found, count=int(inside.sum()))


def rank_correlations(ours: NDArray[np.floating], theirs: NDArray[np.floating]) -> Floats:
    """Spearman's correlation of each column of ours (n, D) with each of theirs (n, Q), NaN = missing: (D, Q)."""
    found = np.full((ours.shape[1], theirs.shape[1]), np.nan)
    patterns: dict[bytes, list[int]] = {}  # columns that miss the same rows are ranked together
    for column in range(theirs.shape[1]):
        patterns.setdefault(np.isfinite(theirs[:, column]).tobytes(), []).append(column)
    for pattern, columns in patterns.items():
        rows = np.frombuffer(pattern, bool)
        if rows.sum() >= FEWEST:
            found[:, columns] = _correlations(_ranks(ours[rows]), _ranks(theirs[rows][:, columns]))
    return found


# ---------------------------------------------------------------- inside
def _ranks(values: NDArray[np.floating]) -> Floats:
    """Ranks of each column; equal values share the mean of theirs."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, axis=0), np.float64)


def _correlations(a: Floats, b: Floats) -> Floats:
    """Pearson's correlation of the columns of (n, D) and (n, Q); NaN where one never changes."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    scale = np.sqrt((a**2).sum(axis=0))[:, None] * np.sqrt((b**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, (a.T @ b) / scale, np.nan)


def _points(
    sample: Sample, features: xr.DataArray, cube: xr.Dataset
) -> tuple[NDArray[np.bool_], Mapping[str, xr.DataArray]]:
    """Which of the sample lies in the cube, and what was seen there: bands (n,), backscatter NaN where too old."""
    import xarray as xr

    dates, rows, cols = sample.places.T
    wanted = {
        "time": features["time"].values[dates],
        "y": features["y"].values[rows],
        "x": features["x"].values[cols],
    }
    at = {axis: _index(cube, axis, values) for axis, values in wanted.items()}
    inside = np.logical_and.reduce([place >= 0 for place in at.values()])
    t, y, x = (at[axis][inside] for axis in ("time", "y", "x"))
    bands = {band: cube[band].values[t, y, x] for band in S2_BANDS if band in cube}
    if all(band in cube for band in S1_BANDS):
        days = cube["s1_time"].values.astype("datetime64[D]")
        mine = wanted["time"][inside].astype("datetime64[D]")
        near = _nearest(days, mine)
        fresh = np.abs(days[near] - mine) <= LONGEST_GAP
        bands |= {band: np.where(fresh, cube[band].values[near, y, x], np.nan) for band in S1_BANDS}
    return inside, {name: xr.DataArray(values, dims="point") for name, values in bands.items()}


def _index(cube: xr.Dataset, axis: str, wanted: NDArray[np.generic]) -> NDArray[np.intp]:
    """Where the cube has each of the coordinates; -1 where it has none: a day, or half a pixel away, is another one."""
    own = cube[axis].values
    if axis == "time":
        own, wanted = own.astype("datetime64[D]"), wanted.astype("datetime64[D]")
        near = _nearest(own, wanted)
        return np.where(own[near] == wanted, near, -1)
    near = _nearest(own.astype(float), wanted.astype(float))
    reach = 0.01 * abs(float(own[1] - own[0])) if own.size > 1 else 0.01
    return np.where(np.abs(own[near] - wanted) <= reach, near, -1)


def _nearest(own: NDArray[np.generic], wanted: NDArray[np.generic]) -> NDArray[np.intp]:
    """Index of the nearest of `own` (ascending or descending) to each of `wanted`."""
    if own.size > 1 and own[0] > own[-1]:
        return own.size - 1 - _nearest(own[::-1], wanted)
    after = np.searchsorted(own, wanted).clip(1, max(1, own.size - 1))
    before = after - 1
    if own.size == 1:
        return np.zeros(wanted.shape, np.intp)
    return np.where(np.abs(own[before] - wanted) <= np.abs(own[after] - wanted), before, after)


def _quantities(points: Mapping[str, xr.DataArray]) -> dict[str, NDArray[np.floating]]:
    """The indices these bands give, the bands and backscatter, by name."""
    known = {index.name for index in indices.available(points)}
    found = {name: indices.compute(points, name).values for name in INDICES if name in known}
    return found | {name: layer.values for name, layer in points.items()}
