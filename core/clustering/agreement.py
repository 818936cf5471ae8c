"""How far clusters agree with a land-cover map: one number, and who lies in what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.clustering.assign import NONE, ClusterMap, Clusters
from core.frames import Grid
from core.schema import InputError
from core.sources.formats import recognise
from core.sources.grids import read_grid

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LAND_COVER = "landcover"  # the land-cover map of a site cube: classes from 1, 0 = unknown
MOST_CLASSES = 255  # a map with more values is a measurement, not classes
MARGIN = 2  # pixels


class LandCover(NamedTuple):
    """Classes (rows, cols) from 1, 0 = unknown, on the pixels of an embedding, and their names."""

    classes: NDArray[np.int64]
    names: Mapping[int, str]
    source: str


class Agreement(NamedTuple):
    """`table` counts pixels, a row a cluster (noise too) and a column a class, by name."""

    adjusted_rand: float | None  # 1 = the same partition, 0 = chance; None where it cannot be told
    table: pd.DataFrame
    pixels: int
    remark: str  # "" or what a reader should know

    def counts(self) -> dict[str, dict[str, int]]:
        """The table for JSON: pixels by cluster (-1 = noise) and by class."""
        return {
            str(cluster): {str(name): int(pixels) for name, pixels in row.items()}
            for cluster, row in self.table.to_dict(orient="index").items()
        }


def site_land_cover(cube: xr.Dataset) -> LandCover | None:
    """The land-cover map that comes with a site, if there is one; `cube` on the pixels of the clusters."""
    if LAND_COVER not in cube:
        return None
    layer = cube[LAND_COVER]
    values, words = layer.attrs.get("flag_values"), str(layer.attrs.get("flag_meanings", "")).split()
    codes = [] if values is None else [int(value) for value in np.atleast_1d(values)]
    names = {code: word.replace("_", " ") for code, word in zip(codes, words, strict=False)}
    classes = np.nan_to_num(layer.values.astype(np.float64)).astype(np.int64)
    return LandCover(classes, names, "the site's own land-cover map")


def file_land_cover(path: Path, grid: Grid) -> LandCover:
    """A land-cover raster from a GeoTIFF, NetCDF or Zarr, brought to `grid` by its nearest pixels."""
    from rasterio.warp import Resampling, reproject

    raster = read_grid(path, recognise(path))
    layers = [name for name, layer in raster.data_vars.items() if set(layer.dims) == {"y", "x"}]
    name = LAND_COVER if LAND_COVER in layers else layers[0] if layers else ""
    if not name:
        raise InputError("land cover", path.name, "holds no map on y and x", "give a raster with one band of classes")
    if not raster.attrs["crs"] or not grid.crs or raster.attrs.get("rotated"):
        raise InputError("land cover", path.name, "does not say where it lies", "give a north-up raster with a CRS")
    if min(raster.sizes["y"], raster.sizes["x"]) < 2:
        raise InputError("land cover", path.name, "is a single row or column", "give a raster of the whole site")
    part, theirs = _around(raster[name].transpose("y", "x"), raster.attrs["crs"], grid, path.name)
    values = np.nan_to_num(part.values.astype(np.float64))
    if (values != np.round(values)).any() or len(np.unique(values)) > MOST_CLASSES or np.abs(values).max() >= 2**31:
        raise InputError("land cover", path.name, "holds measurements, not classes", "give a raster of whole numbers")
    out = np.zeros((grid.rows, grid.cols), np.int32)
    reproject(
        values.astype(np.int32),
        out,
        src_transform=transform_of(theirs, raster),
        src_crs=theirs.crs,
        dst_transform=transform_of(grid),
        dst_crs=grid.crs,
        src_nodata=0,
        dst_nodata=0,
        resampling=Resampling.nearest,
    )
    if not (out > 0).any():
        raise InputError("land cover", path.name, "does not reach the site", "give a raster of this place")
    return LandCover(out.astype(np.int64), {}, path.name)


def _around(layer: xr.DataArray, crs: str, grid: Grid, name: str) -> tuple[xr.DataArray, Grid]:
    """The part of a raster under `grid`, `MARGIN` pixels more, and where it lies: a country would fill the memory."""
    from rasterio.warp import transform_bounds

    west, north = grid.x - grid.pixel_width / 2, grid.y + grid.pixel_height / 2
    box = (west, north - grid.rows * grid.pixel_height, west + grid.cols * grid.pixel_width, north)
    left, low, right, high = transform_bounds(grid.crs, crs, *box)
    whole = Grid.of(layer)
    parts = {}
    for axis, first, last, step in (("x", left, right, whole.pixel_width), ("y", low, high, whole.pixel_height)):
        places = layer[axis].values
        near = np.flatnonzero((places >= first - MARGIN * step) & (places <= last + MARGIN * step))
        if near.size == 0:
            raise InputError("land cover", name, "does not reach the site", "give a raster of this place")
        parts[axis] = slice(int(near[0]), int(near[-1]) + 1)
    part = layer.isel(parts)
    return part, replace(Grid.of(part), crs=crs, pixel_width=whole.pixel_width, pixel_height=whole.pixel_height)


def transform_of(grid: Grid, raster: xr.Dataset | None = None) -> object:
    """Where rows and columns lie, as rasterio says it; `raster` tells if its rows run northwards."""
    from rasterio.transform import from_origin

    upward = raster is not None and raster.sizes["y"] > 1 and raster["y"].values[1] > raster["y"].values[0]
    height = -grid.pixel_height if upward else grid.pixel_height
    return from_origin(grid.x - grid.pixel_width / 2, grid.y + height / 2, grid.pixel_width, height)


def agreement(clusters: Clusters, cover: LandCover, labels: ClusterMap | None = None) -> Agreement:
    """Over the pixels that both know; noise counts as a group of its own. `labels`: the map, if merged."""
    from sklearn.metrics import adjusted_rand_score

    labels = clusters.labels if labels is None else labels
    if cover.classes.shape != labels.shape:
        shape = f"{cover.classes.shape[0]} x {cover.classes.shape[1]}"
        raise InputError("land cover", shape, "is of another area", "bring it to the pixels of the embedding")
    known = (labels != NONE) & (cover.classes > 0)
    ours, theirs = labels[known], cover.classes[known]
    names = {int(code): cover.names.get(int(code), f"class {code}") for code in np.unique(theirs)}
    table = _crossed(ours, theirs).rename(columns=names)
    if len(ours) == 0:
        return Agreement(None, table, 0, "The land-cover map knows none of these pixels.")
    if len(names) == 1:
        only = next(iter(names.values()))
        return Agreement(
            None, table, len(ours), f"The land-cover map has one class only here, {only}: it tells nothing."
        )
    return Agreement(float(adjusted_rand_score(theirs, ours)), table, len(ours), "")


def _crossed(ours: NDArray[np.integer], theirs: NDArray[np.integer]) -> pd.DataFrame:
    """How many pixels lie in both: pandas's own cross table takes ten times as long."""
    import pandas as pd

    clusters, row = np.unique(ours, return_inverse=True)
    classes, column = np.unique(theirs, return_inverse=True)
    counts = np.bincount(row * len(classes) + column, minlength=len(clusters) * len(classes))
    index, columns = pd.Index(clusters, name="cluster"), pd.Index(classes, name="land cover")
    return pd.DataFrame(counts.reshape(len(clusters), len(classes)), index, columns)
