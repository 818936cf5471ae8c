"""Files as others write them, of one made-up ground: NetCDF, Zarr and folders of GeoTIFFs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from rasterio.transform import from_origin

from core.schema import S1_BANDS, S2_BANDS

WEST, NORTH, SIDE = 600_000, 5_200_000, 12  # m, m, pixels of 10 m
CRS = "EPSG:32632"
DAYS = ("2021-06-04", "2021-06-09", "2021-06-14")
CLOUD = (1, slice(0, 6))  # date and rows that are under cloud


def ground(band: str, day: int = 0, *, step: int = 10) -> np.ndarray:
    """Reflectance (rows, columns) in pixels of `step` m, a multiple of 1e-4 between 0.02 and 0.6."""
    count = SIDE * 10 // step
    rows, cols = np.mgrid[0:count, 0:count] * (step // 10)
    value = 200 + 400 * S2_BANDS.index(band) + 10 * rows + 3 * cols + 50 * day
    return value / 10_000


def decibels(band: str, day: int = 0) -> np.ndarray:
    rows, cols = np.mgrid[0:SIDE, 0:SIDE]
    return (-9.0 if band == "VV" else -16.0) - 0.1 * rows + 0.05 * cols - 0.3 * day


def classes() -> np.ndarray:
    """Scene classes (time, rows, columns)."""
    found = np.full((len(DAYS), SIDE, SIDE), 4)
    found[CLOUD] = 9
    return found


def axes(*, step: int = 10, days: bool = True) -> dict[str, object]:
    count = SIDE * 10 // step
    own = {
        "y": NORTH - step / 2 - step * np.arange(count, dtype=float),
        "x": WEST + step / 2 + step * np.arange(count, dtype=float),
    }
    return own | ({"time": np.array(DAYS, "datetime64[ns]")} if days else {})


def optical(*, step: int = 10, bands: tuple[str, ...] = S2_BANDS) -> xr.Dataset:
    """Reflectance, one variable a band, without clouds."""
    data = {
        band: (("time", "y", "x"), np.stack([ground(band, day, step=step) for day in range(len(DAYS))]))
        for band in bands
    }
    return xr.Dataset(data, coords=axes(step=step), attrs={"crs": CRS})


def radar() -> xr.Dataset:
    """Backscatter in dB on dates of its own."""
    data = {band: (("time", "y", "x"), np.stack([decibels(band, day) for day in range(2)])) for band in S1_BANDS}
    own = axes() | {"time": np.array(["2021-06-05", "2021-06-11"], "datetime64[ns]")}
    return xr.Dataset(data, coords=own, attrs={"crs": CRS})


def expected(band: str) -> np.ndarray:
    """What the cube of the ground holds, clouds left out."""
    values = np.stack([ground(band, day) for day in range(len(DAYS))])
    values[CLOUD] = np.nan
    return values


def write_tiff(
    path: Path,
    values: np.ndarray,
    *,
    descriptions: tuple[str, ...] = (),
    tags=None,
    up: bool = False,
    **changes: object,
) -> Path:
    """Values (bands, rows, columns) at the place of the ground."""
    bands, rows, cols = values.shape
    step = SIDE * 10 / cols
    place = from_origin(WEST, NORTH, step, step)
    if up:
        place = rasterio.Affine(step, 0, WEST, 0, step, NORTH - rows * step)
        values = values[:, ::-1]
    profile = {
        "driver": "GTiff", "width": cols, "height": rows, "count": bands, "dtype": values.dtype, "crs": CRS,
        "transform": place,
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **(profile | changes)) as tiff:
        tiff.write(values)
        if descriptions:
            tiff.descriptions = descriptions
        tiff.update_tags(**(tags or {}))
    return path


def numbers(band: str, day: int = 0, *, step: int = 10) -> np.ndarray:
    """Reflectance times 10000."""
    return np.round(ground(band, day, step=step) * 10_000).astype(np.uint16)
