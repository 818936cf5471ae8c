"""What a gridded file holds: bands, axes, dates, CRS, clouds, and what is unusual about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.schema import BACKSCATTER_RANGE, REFLECTANCE_RANGE, S1_BANDS, S2_BANDS, FormatError
from core.sources.crs import crs_of, is_utm, label_of
from core.sources.describe import Dates, Description
from core.sources.formats import FileFormat
from core.sources.grids import axis_sizes, layer_names, read_grid, sample

if TYPE_CHECKING:
    import xarray as xr

# Scene classes without a usable surface value, of ESA's Sentinel-2 Level-2A algorithm (Sen2Cor):
# no data, saturated, cloud shadow, cloud of medium and high probability, thin cirrus.
SCENE_CLASS = "SCL"
UNUSABLE_CLASSES = (0, 1, 3, 8, 9, 10)
CLOUD_MASKS = ("cloud_mask", "clouds", "mask")  # true or 1 where a value is unusable
WEATHER_WORDS = ("temperature", "precipitation", "radiation", "vapour", "wind", "humidity", "dewpoint")


def describe_grid(path: Path, form: FileFormat) -> Description:
    """Describe Zarr, NetCDF or GeoTIFF."""
    grid = read_grid(path, form)
    layers = _layers(grid)
    if not layers:
        raise FormatError("file", str(path), "holds no layer on y and x", "give a cube of images")
    cloud_share, cloud_note = _cloud_share(grid)
    return Description(
        path=str(path),
        format=form,
        kind=_kind(grid, layers),
        title=str(grid.attrs.get("title", "")),
        dims=axis_sizes(grid),
        dates=_dates(grid, "time"),
        radar_dates=_dates(grid, "s1_time"),
        bands=tuple(layers),
        crs=label_of(grid.attrs["crs"]) if grid.attrs["crs"] else "",
        pixel_m=_pixel_size(grid),
        cloud_share=cloud_share,
        simulated=bool(grid.attrs.get("simulated", False)),
        notes=(*_axis_notes(grid), *_band_notes(grid, layers), *cloud_note),
    )


def _layers(grid: xr.Dataset) -> list[str]:
    """Names of the layers that are images."""
    return [name for name in layer_names(grid) if {"y", "x"} <= set(grid[name].dims)]


def _kind(grid: xr.Dataset, layers: list[str]) -> str:
    optical, radar = _present(S2_BANDS, layers), _present(S1_BANDS, layers)
    if "features" in layers and "feature" in grid.dims:
        return "embedding cube"
    if optical or radar:
        sensors = " and ".join(name for name, bands in (("optical", optical), ("radar", radar)) if bands)
        return f"{sensors} {'cube' if {'time', 's1_time'} & set(grid.dims) else 'image'}"
    if any(word in name.lower() for word in WEATHER_WORDS for name in layers):
        return "weather grid"
    return "cube" if "time" in grid.dims else "raster"


def _present(bands: tuple[str, ...], layers: list[str]) -> list[str]:
    return [band for band in bands if band in layers]


def _dates(grid: xr.Dataset, axis: str) -> Dates | None:
    if axis not in grid.coords or not np.issubdtype(grid[axis].dtype, np.datetime64):
        return None
    return Dates.of(np.atleast_1d(grid[axis].values))


def _pixel_size(grid: xr.Dataset) -> float | None:
    """Metres; None where pixels are in degrees or there is only one."""
    if "x" not in grid.coords or grid.sizes.get("x", 0) < 2 or _in_degrees(grid):
        return None
    return round(float(np.median(np.abs(np.diff(grid["x"].values)))), 3)


def _in_degrees(grid: xr.Dataset) -> bool:
    return bool(grid.attrs["crs"]) and crs_of(grid.attrs["crs"]).is_geographic


# ---------------------------------------------------------------- clouds
def _cloud_share(grid: xr.Dataset) -> tuple[float | None, list[str]]:
    """Share of optical pixel-dates without a usable value, and on what that rests."""
    optical = [band for band in S2_BANDS if band in grid]
    if SCENE_CLASS in grid:
        classes = sample(grid[SCENE_CLASS])
        unusable = np.isin(classes, UNUSABLE_CLASSES) | np.isnan(classes)
        return _share(unusable), ["Cloud share is taken from the scene classification (SCL)."]
    if not optical:
        return None, []
    mask = next((name for name in CLOUD_MASKS if name in grid), None)
    if mask:
        return _share(np.nan_to_num(sample(grid[mask]).astype(float), nan=1.0) > 0), [f"Cloud share is from {mask}."]
    missing = np.isnan(sample(grid[optical[0]]).astype(float))
    if not missing.any():
        return None, ["Clouds are not marked: there is no cloud mask and no missing value."]
    return _share(missing), [f"Cloud share is the share of missing values in {optical[0]}."]


def _share(flags: np.ndarray) -> float:
    return round(float(flags.mean()), 4)


# ---------------------------------------------------------------- what to know
def _axis_notes(grid: xr.Dataset) -> Iterator[str]:
    if not grid.attrs["crs"]:
        yield "The CRS is missing: the place on the map is not known."
    elif not is_utm(grid.attrs["crs"]):
        where = "degrees" if _in_degrees(grid) else label_of(grid.attrs["crs"])
        yield f"Pixels are in {where}, not in UTM: as a site of its own, images are brought there."
    if grid.attrs.get("rotated"):
        yield "The grid is rotated: it has to be warped first."
    if _descends(grid, "y") is False:
        yield "y ascends: rows run from south to north, upside down."
    if _descends(grid, "x"):
        yield "x descends: columns run from east to west, mirrored."
    for axis in {"time", "s1_time"} & set(grid.coords):
        steps = np.diff(np.atleast_1d(grid[axis].values))
        if not (steps > np.zeros(1, steps.dtype)).all():
            yield f"{axis} is not strictly increasing: dates are out of order or occur twice."


def _descends(grid: xr.Dataset, axis: str) -> bool | None:
    if axis not in grid.coords or grid.sizes.get(axis, 0) < 2:
        return None
    values = grid[axis].values
    return bool(values[0] > values[-1])


def _band_notes(grid: xr.Dataset, layers: list[str]) -> Iterator[str]:
    optical, radar = _present(S2_BANDS, layers), _present(S1_BANDS, layers)
    if optical and len(optical) < len(S2_BANDS):
        yield f"Without the bands {', '.join(band for band in S2_BANDS if band not in optical)}."
    if optical:
        yield from _optical_notes(optical[0], sample(grid[optical[0]]).astype(float))
    if radar:
        yield from _radar_notes(radar[0], sample(grid[radar[0]]).astype(float))


def _optical_notes(band: str, values: np.ndarray) -> Iterator[str]:
    if not np.isfinite(values).any():
        yield f"{band} has no valid pixel at any date."
        return
    never = ~np.isfinite(values).any(axis=0) if values.ndim == 3 else np.zeros(1)
    if never.any():
        yield f"{100 * never.mean():.0f} % of the pixels have no value at any date."
    if np.nanmedian(values) > REFLECTANCE_RANGE[1]:
        middle = np.nanmedian(values)
        yield f"{band} has a median of {middle:.0f}: integers, probably reflectance times 10000, not 0..1."


def _radar_notes(band: str, values: np.ndarray) -> Iterator[str]:
    if not np.isfinite(values).any():
        yield f"{band} has no valid pixel at any date."
    elif np.nanmin(values) >= 0:
        yield f"{band} is nowhere negative: linear power, not decibels."
    elif np.nanmedian(values) < BACKSCATTER_RANGE[0]:
        yield f"{band} has a median of {np.nanmedian(values):.0f}: no decibels."
