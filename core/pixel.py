"""One pixel of a site cube over time, as figures and tables take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core import indices
from core.schema import S2_BANDS

if TYPE_CHECKING:
    import xarray as xr


class Spectra(NamedTuple):
    """`times` (t,) and `reflectance` (t, 10) in the order of S2_BANDS, NaN = missing."""

    times: NDArray[np.datetime64]
    reflectance: NDArray[np.float32]


class Series(NamedTuple):
    """`times` (t,) and `values` (t,), NaN = missing."""

    times: NDArray[np.datetime64]
    values: NDArray[np.float32]


class Backscatter(NamedTuple):
    """`times` (t,), `vv` and `vh` (t,) in dB, NaN = missing."""

    times: NDArray[np.datetime64]
    vv: NDArray[np.float32]
    vh: NDArray[np.float32]


def at(cube: xr.Dataset, pixel: tuple[int, int]) -> xr.Dataset:
    """The cube at one (row, column) from the north-west corner; its variables are series."""
    row, column = pixel
    return cube.isel(y=row, x=column)


def spectra(point: xr.Dataset) -> Spectra:
    """All ten optical bands of a pixel."""
    return Spectra(point["time"].values, np.stack([point[band].values for band in S2_BANDS], axis=1))


def index_series(point: xr.Dataset, name: str) -> Series:
    """A spectral index of a pixel, on the dates of the bands it needs."""
    values = indices.compute(point, name)
    return Series(values[values.dims[0]].values, values.values)


def backscatter(point: xr.Dataset) -> Backscatter | None:
    """Both polarisations of a pixel; None where the site has no Sentinel-1."""
    if not {"VV", "VH"} <= set(point.data_vars):
        return None
    return Backscatter(point["s1_time"].values, point["VV"].values, point["VH"].values)
