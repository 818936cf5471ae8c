"""How much each pixel counts in what a tower measures. A further footprint is one entry in FOOTPRINTS or a GeoTIFF.

circle:100     every pixel within 100 m alike
kernel:150     more weight near the tower, most of it at 150 m, alike in all directions (no wind is asked for)
my.tif         weights of one's own, in any projection
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from core.schema import InputError, SiteInfo
from core.sources.formats import FileFormat, reading, recognise

Floats = NDArray[np.floating]
DEFAULT = "kernel"
USUAL_M = {"circle": 100.0, "kernel": 100.0}  # m; of a tower some tens of metres above its canopy
LEAST_M, MOST_M = 5.0, 2000.0  # m


def circle(distance: Floats, radius: float) -> Floats:
    """1 within `radius`, 0 beyond; the nearest pixel counts in any case."""
    return ((distance <= radius) | (distance == distance.min())).astype(float)


def kernel(distance: Floats, peak: float) -> Floats:
    """Crosswind-integrated weights after Schuepp et al. (1990), spread over all directions.

    The ring at `peak` metres gives the most; a pixel's share is its ring's over the ring's length.
    """
    r = np.maximum(distance, peak / 10)
    return np.asarray(np.exp(-2 * peak / r) / r**3)


FOOTPRINTS: Mapping[str, Callable[[Floats, float], Floats]] = {"circle": circle, "kernel": kernel}


def weights(cube: xr.Dataset, info: SiteInfo, footprint: str = DEFAULT) -> xr.DataArray:
    """The footprint of a site's tower on its cube's pixels (y, x), sum 1."""
    kind, _, size = footprint.partition(":")
    if kind in FOOTPRINTS:
        found = FOOTPRINTS[kind](_distance(cube, info), _size(footprint, kind, size))
    elif Path(footprint).suffix.lower() in (".tif", ".tiff"):
        found = _of_file(cube, Path(footprint).expanduser())
    else:
        remedy = f"give {', '.join(f'{name}:METRES' for name in FOOTPRINTS)} or a GeoTIFF of weights"
        raise InputError("--footprint", footprint, "is no footprint", remedy)
    return xr.DataArray(found / found.sum(), coords={"y": cube["y"], "x": cube["x"]}, dims=("y", "x"))


def _size(footprint: str, kind: str, size: str) -> float:
    try:
        metres = float(size) if size else USUAL_M[kind]
    except ValueError:
        metres = np.nan
    if not LEAST_M <= metres <= MOST_M:
        raise InputError("--footprint", footprint, "has no usable size", f"give {LEAST_M:g} to {MOST_M:g} metres")
    return metres


def _distance(cube: xr.Dataset, info: SiteInfo) -> Floats:
    """Metres from the tower to each pixel's centre."""
    from pyproj import Transformer

    east, north = Transformer.from_crs("EPSG:4326", cube.attrs["crs"], always_xy=True).transform(info.lon, info.lat)
    x, y = cube["x"].values.astype(float), cube["y"].values.astype(float)
    step = abs(x[1] - x[0]) if x.size > 1 else 10.0
    if not (x[0] - step <= east <= x[-1] + step and y[-1] - step <= north <= y[0] + step):
        problem = f"has its tower at {info.lat:.4f}, {info.lon:.4f}, outside the cube"
        raise InputError("site", info.id, problem, "correct its coordinates or give a footprint as GeoTIFF")
    return np.asarray(np.hypot(x[None, :] - east, y[:, None] - north))


def _of_file(cube: xr.Dataset, path: Path) -> Floats:
    """Weights of a GeoTIFF on the cube's pixels."""
    if recognise(path) is not FileFormat.GEOTIFF:
        raise InputError("--footprint", str(path), "is no GeoTIFF", "give one band of weights")
    from rasterio.transform import from_origin
    from rasterio.warp import Resampling, reproject

    from core.sources.geotiff import opened

    x, y = cube["x"].values.astype(float), cube["y"].values.astype(float)
    width, height = (abs(axis[1] - axis[0]) if axis.size > 1 else 10.0 for axis in (x, y))
    found = np.zeros((y.size, x.size))
    with reading(path, "GeoTIFF"), opened(path) as tiff:
        if tiff.crs is None:
            raise InputError("--footprint", str(path), "says not where it lies", "give it a coordinate system")
        band = np.nan_to_num(tiff.read(1, masked=True).filled(0).astype(float))
        reproject(
            band,
            found,
            src_transform=tiff.transform,
            src_crs=tiff.crs,
            dst_transform=from_origin(x[0] - width / 2, y[0] + height / 2, width, height),
            dst_crs=cube.attrs["crs"],
            resampling=Resampling.bilinear,
        )
    found = np.maximum(found, 0.0)
    if not found.sum() > 0:
        raise InputError("--footprint", str(path), "has no weight on the site's pixels", "check where it lies")
    return found


def means(layers: xr.DataArray, weight: xr.DataArray, *, least_clear: float = 0.5) -> xr.DataArray:
    """Weighted means of (layer, time, y, x) over the pixels with a value -> (layer, time).

    NaN where pixels of less than `least_clear` of the footprint have one.
    """
    flat = weight.values.ravel()
    near = np.flatnonzero(flat > flat.max() * 1e-4)  # the far rest weighs nothing and need not be read as numbers
    values = layers.values.reshape(*layers.shape[:2], -1)[..., near].astype(float)
    share = flat[near] / flat[near].sum()
    known = np.isfinite(values)
    seen = known @ share
    total = np.where(known, values, 0.0) @ share
    found = np.where(seen >= least_clear, total / np.where(seen > 0, seen, 1.0), np.nan)
    return xr.DataArray(found, dims=layers.dims[:2], coords={layers.dims[1]: layers[layers.dims[1]].values})
