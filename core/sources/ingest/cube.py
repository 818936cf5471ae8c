"""The site cube that a mapping makes of layers: one grid, one image a day, read as it is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from core.schema import S1_BANDS, S2_BANDS, InputError
from core.sources.crs import Box, carried, is_utm, name_of
from core.sources.embeddings.grid import (
    Grid,
    check_axes,
    check_crs,
    cropped,
    is_square,
    located,
    native_grid,
    oddities,
    utm_frame,
    warped_grid,
    whole_size,
)
from core.sources.embeddings.stack import Stack, together
from core.sources.ingest.layers import Layer
from core.sources.ingest.mapping import Mapping
from core.sources.ingest.scenes import Painter, optical_days, radar_days
from core.sources.ingest.words import is_optical

if TYPE_CHECKING:
    import xarray as xr

    from core.sources.embeddings.stack import Floats

VALUES_AT_MOST = 2_000_000_000  # 8 GB of float32: more than a site of 5 km and eight years
FINEST_M = 10.0  # Sentinel-2's finest pixels; its others are multiples of it
APART_M = 20_000.0  # m between images of one site, at most


def placed(layers: Sequence[Layer], mapping: Mapping) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers with a CRS each, and what had to be turned; a wrong or missing CRS is refused."""
    roles = {entry.layer: entry.role for entry in mapping.entries}
    found, said = [], []
    for layer in (layer for layer in layers if roles[layer.name]):
        stack = replace(layer.stack, crs=mapping.crs or layer.stack.crs)
        if not stack.crs:
            remedy = "give it with --crs, for example EPSG:32632"
            raise InputError("path", stack.name, "states no CRS, so that its place on the map is not known", remedy)
        check_axes(stack)
        check_crs(stack)
        said += [(stack.name, words) for words in oddities(stack)]
        found.append(replace(layer, stack=replace(stack, crs=name_of(stack.crs))))
    return found, together(list(dict.fromkeys(said)))


def site_grid(layers: Sequence[Layer], mapping: Mapping, *, box: Box | None = None) -> Grid:
    """The grid of the finest optical images, as far as all of these reach; in UTM where they are not."""
    roles = {entry.layer: entry.role for entry in mapping.entries}
    optical = [layer for layer in layers if is_optical(roles[layer.name])]
    if not optical:
        shown = ", ".join(dict.fromkeys(layer.name for layer in layers)) or "none"
        remedy = "give reflectance with bands named B02 to B12, or correct the mapping"
        raise InputError("layers", shown, "hold no optical band of Sentinel-2", remedy)
    frame = utm_frame([layer.stack for layer in optical])
    _check_one_place([layer.stack for layer in layers], optical[0].stack, frame)
    size = min((_pixel(layer) for layer in optical if layer.pixel), default=0.0)
    finest = [layer.stack for layer in optical if _pixel(layer) <= 1.01 * size]
    finest.sort(key=lambda stack: not is_kept(stack, frame))
    grid = native_grid(finest, frame) if is_kept(finest[0], frame) else warped_grid(finest, frame, whole=FINEST_M)
    if box is None:
        return grid
    part = cropped(grid, box) if box[0] <= box[2] and box[1] <= box[3] else None
    if part is None:
        shown, lies = (" ".join(f"{value:.10g}" for value in edges) for edges in (box, grid.bounds))
        raise InputError("bbox", shown, "holds no pixel centre of the images", f"choose a box within {lies}")
    return part


def _pixel(layer: Layer) -> float:
    """Size of the pixels that a layer would have in the cube, m: its own in UTM, else one that Sentinel-2 has."""
    kept = is_utm(layer.stack.crs) and is_square(layer.stack)
    return layer.pixel if kept or not layer.pixel else whole_size(layer.stack, FINEST_M)


def is_kept(stack: Stack, frame: str) -> bool:
    """Whether the pixels of an image are those of a site in the CRS `frame`."""
    return stack.crs == frame and is_square(stack)


def reached(layers: Sequence[Layer], mapping: Mapping, grid: Grid) -> float:
    """Share of the pixels that lie on an optical image, whether it shows anything there or not."""
    roles = {entry.layer: entry.role for entry in mapping.entries}
    stacks = {layer.stack.lattice: layer.stack for layer in layers if is_optical(roles[layer.name])}
    inside = np.zeros((len(grid.y), len(grid.x)), dtype=bool)
    for stack in stacks.values():
        place = located(stack, grid, slice(None), slice(None))
        if place is not None:
            inside |= (place.rows >= 0) & (place.cols >= 0)
    return float(inside.mean())


def _check_one_place(stacks: Sequence[Stack], first: Stack, frame: str) -> None:
    """Refuse images that lie far from the others: they are of another site."""
    west, south, east, north = carried(first.bounds, first.crs, frame)
    for stack in stacks:
        box = carried(stack.bounds, stack.crs, frame)
        gap = max(box[0] - east, west - box[2], box[1] - north, south - box[3])
        if not gap <= APART_M:  # infinite where a place cannot be carried into the other zone
            problem = (
                f"lies far from {first.name}" if not np.isfinite(gap) else f"lies {gap / 1000:.0f} km from {first.name}"
            )
            raise InputError("path", stack.name, problem, "give the images of one place at a time")


# ---------------------------------------------------------------- the cube
def site_cube(layers: Sequence[Layer], mapping: Mapping, grid: Grid) -> xr.Dataset:
    """The cube; its values are made as they are asked for."""
    import xarray as xr

    optical, radar = optical_days(layers, mapping), radar_days(layers, mapping)
    if not optical:
        raise InputError("layers", "time", "hold no date of an optical band", "give images with dates")
    shape = len(grid.y), len(grid.x)
    values = (len(optical) * len(S2_BANDS) + len(radar) * len(S1_BANDS)) * shape[0] * shape[1]
    if values > VALUES_AT_MOST:
        size = f"{shape[0]} x {shape[1]} pixels and {len(optical)} dates"
        problem = f"would make {values / 1e9:.1f} thousand million values, more than any page can use"
        raise InputError("path", size, problem, "choose a part with --bbox, or give fewer dates")
    painter = Painter(grid, mapping)
    data: dict[str, Any] = {}
    for band in S2_BANDS:
        data[band] = lazy(("time", "y", "x"), len(optical), shape, _of(painter.optical, optical, band), "1")
    if radar:
        for band in S1_BANDS:
            data[band] = lazy(("s1_time", "y", "x"), len(radar), shape, _of(painter.radar, radar, band), "dB")
    coords: dict[str, Any] = {"time": _days(optical), "y": ("y", grid.y, {"units": "m"})}
    coords |= {"x": ("x", grid.x, {"units": "m"})} | ({"s1_time": _days(radar)} if radar else {})
    return xr.Dataset(data, coords=coords, attrs={"crs": grid.crs})


def _days(days: Sequence[Sequence[Any]]) -> NDArray[np.datetime64]:
    return np.array([scenes[0].day for scenes in days]).astype("datetime64[ns]")


def _of(paint: Callable[..., Floats], days: Sequence[Any], band: str) -> Callable[[int], Floats]:
    return lambda index: paint(days[index], band)


def lazy(dims: tuple[str, ...], dates: int, shape: tuple[int, int], image: Callable[[int], Floats], unit: str) -> Any:
    import xarray as xr

    return xr.Variable(dims, indexing.LazilyIndexedArray(Images(dates, shape, image)), {"units": unit})


class Images(BackendArray):
    """Images (time, y, x), each made when it is asked for."""

    def __init__(self, dates: int, shape: tuple[int, int], image: Callable[[int], Floats]) -> None:
        self.shape, self.dtype, self.image = (dates, *shape), np.dtype(np.float32), image

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[int | slice, ...]) -> NDArray[np.float32]:
        dates, *place = key
        if isinstance(dates, slice):
            chosen = range(self.shape[0])[dates]
            if not chosen:
                return np.empty((0, *self.shape[1:]), np.float32)[:, *place]
            return np.stack([self.image(index)[tuple(place)] for index in chosen])
        return np.asarray(self.image(int(dates))[tuple(place)])
