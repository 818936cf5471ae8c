"""TESSERA's Zarr store: a group for each UTM zone, on the zone's own grid, a step in time for each year.

tessera.zarr/            "geoemb:model": "https://geotessera.org/model/1.1"
    utm32/               "proj:code": "EPSG:32632", "spatial:transform": [10, 0, west, 0, -10, north]
        embeddings       int8 (time, band, y, x)
        scales           float32 (time, y, x); no positive number where there is no embedding
        time             years, whole numbers
        y, x             pixel centres; may be missing
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.schema import WorkspaceError
from core.sources.embeddings.dates import MIDDLE
from core.store import read_json

if TYPE_CHECKING:
    import xarray as xr

CRS, TRANSFORM, MODEL = "proj:code", "spatial:transform", "geoemb:model"
AXES = ("y", "x")


def is_zone(grid: xr.Dataset) -> bool:
    """Whether this is the group of a zone."""
    return CRS in grid.attrs and {"embeddings", "scales"} <= set(grid.variables)


def as_cube(path: Path, grid: xr.Dataset) -> xr.Dataset:
    """A zone as other cubes are: dates, pixel centres, and what made it in attrs."""
    years = grid["time"].values if "time" in grid.variables else np.array([])
    if years.size and years.dtype.kind in "iu" and ((years > 1900) & (years < 2200)).all():
        middles = np.array([f"{year}-{MIDDLE}" for year in years], dtype="datetime64[ns]")
        grid = grid.assign_coords(time=("time", middles)).assign_attrs(whole_years=1)
    transform = grid.attrs.get(TRANSFORM)
    for axis, (step, first) in zip(AXES, ((4, 5), (0, 2)), strict=True):
        if axis not in grid.variables and isinstance(transform, list) and len(transform) >= 6:
            centres = transform[first] + transform[step] * (np.arange(grid.sizes[axis]) + 0.5)
            grid = grid.assign_coords({axis: centres.astype(float)})
    return grid.assign_attrs(crs=str(grid.attrs[CRS]), tessera_dataset_version=_version(path, grid.attrs))


def _version(path: Path, attrs: dict[str, Any]) -> str:
    """The zone's own, else that of the store above it; "" where neither says."""
    stated = attrs.get(MODEL)
    if not stated:
        try:
            stated = read_json(path.parent / "zarr.json").get("attributes", {}).get(MODEL)
        except WorkspaceError:
            stated = None
    return str(stated or "").rstrip("/").rpartition("/")[2]
