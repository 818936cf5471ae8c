"""Files as others write them, small: AlphaEarth, TESSERA, plain rasters and cubes, at the place of the site SMALL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_origin

from core.sources.site import write_site
from core.store import Workspace
from tests.core.made_embedding import NORTH, WEST, made_cube

Write = Callable[..., Path]


@pytest.fixture
def cube() -> xr.Dataset:
    return made_cube()


@pytest.fixture
def space(workspace: Workspace, small_site) -> Workspace:
    """A workspace with the site SMALL in it: 12 x 10 pixels in EPSG:32632."""
    write_site(workspace, **small_site.parts())
    return workspace


@pytest.fixture
def raster(tmp_path) -> Write:
    """Writes a GeoTIFF of (D, rows, columns) at the place of SMALL."""

    def write(name: str, values: np.ndarray, *, tags: dict[str, str] | None = None, bands=None, **profile) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        usual = {"crs": "EPSG:32632", "transform": from_origin(WEST, NORTH, 10, 10), "nodata": None}
        count, height, width = values.shape
        shape = {"count": count, "height": height, "width": width, "dtype": values.dtype}
        with rasterio.open(path, "w", driver="GTiff", **shape, **(usual | profile)) as tiff:
            tiff.write(values)
            tiff.update_tags(**(tags or {}))
            if bands:
                tiff.descriptions = bands
        return path

    return write


@pytest.fixture
def values() -> np.ndarray:
    """An image (3, 12, 10) of values that differ everywhere."""
    return np.random.default_rng(2).normal(size=(3, 12, 10)).astype(np.float32)


@pytest.fixture
def tessera(tmp_path, raster) -> Callable[..., Path]:
    """Writes a TESSERA tile as it is distributed; returns the folder that holds all."""

    def write(
        *, tile: str = "grid_9.55_49.95", year: int = 2021, root: str = "tessera", size: int = 128, **place
    ) -> Path:
        dice = np.random.default_rng(len(tile) + year)
        folder = tmp_path / root / "global_0.1_degree_representation" / str(year) / tile
        folder.mkdir(parents=True)
        stored = dice.integers(-127, 128, (12, 10, size)).astype(np.int8)
        scales = dice.uniform(0.01, 0.05, (12, 10)).astype(np.float32)
        scales[0, 0], scales[0, 1] = np.nan, 0
        np.save(folder / f"{tile}.npy", stored)
        np.save(folder / f"{tile}_scales.npy", scales)
        raster(f"{root}/global_0.1_degree_tiff_all/{tile}.tiff", np.ones((1, 12, 10), np.uint8), **place)
        return tmp_path / root

    return write
