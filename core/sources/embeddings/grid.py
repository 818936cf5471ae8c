"""The one grid of a result, and where each of its pixels lies in an image.

A pixel takes the whole vector of the nearest pixel of an image, never a mixture of several: a mean of embeddings is no
embedding. So turning, cropping, joining and warping are all one thing, a look-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError
from core.sources.embeddings.stack import Floats, Stack, step

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Box = tuple[float, float, float, float]  # west, south, east, north

EVEN = 0.01  # of a pixel: what a spacing may vary, and what two grids may be apart and still be one
DEGREES = (360.0, 90.0)  # largest longitude and latitude
EDGE_POINTS = 21  # of each edge of a box that is carried into another CRS
VALUES_AT_MOST = 2_000_000_000  # values of a result, 8 GB of float32; beyond it no later page could use it


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Pixel centres in a projected CRS, north up."""

    crs: str
    y: NDArray[np.float64]  # descending
    x: NDArray[np.float64]  # ascending

    @property
    def pixel_m(self) -> float:
        """0 of a single pixel."""
        return round(abs(step(self.x) or step(self.y)), 3)

    @property
    def bounds(self) -> Box:
        """Of the pixels' outer edges."""
        half = self.pixel_m / 2
        return self.x[0] - half, self.y[-1] - half, self.x[-1] + half, self.y[0] + half

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude."""
        west, south, east, north = self.bounds
        lon, lat = transformer(self.crs, "EPSG:4326").transform((west + east) / 2, (south + north) / 2)
        return float(lon), float(lat)


class Place(NamedTuple):
    """Rows and columns of an image for the pixels of a block, -1 beyond it; they broadcast to the block."""

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]


# ---------------------------------------------------------------- what files say, checked
def check_axes(stack: Stack) -> None:
    """Refuse an image whose pixels are not evenly spaced."""
    for name, axis in (("y", stack.y), ("x", stack.x)):
        if not np.isfinite(axis).all():
            raise InputError("path", stack.name, f"has coordinates that are no numbers on {name}", "get it again")
        steps = np.diff(axis)
        if steps.size and (steps[0] == 0 or np.abs(steps - steps.mean()).max() > EVEN * abs(steps.mean())):
            raise InputError("path", stack.name, f"is not evenly spaced on {name}", "resample it to a regular grid")


def check_crs(stack: Stack) -> None:
    """Refuse a CRS that the coordinates contradict."""
    from pyproj.exceptions import CRSError

    try:
        crs = crs_of(stack.crs)
    except CRSError:
        raise InputError("crs", stack.crs, "is no CRS that PROJ knows", "write it as EPSG:32632") from None
    west, south, east, north = stack.bounds
    as_degrees = max(abs(west), abs(east)) <= DEGREES[0] and max(abs(south), abs(north)) <= DEGREES[1] + 1
    small = max(abs(step(stack.x)), abs(step(stack.y))) < 0.1
    remedy = "give the true one with --crs, for example EPSG:32632"
    if crs.is_geographic and not as_degrees:
        problem = f"is in degrees, but the coordinates of {stack.name} run to {east:.0f}, {north:.0f}"
        raise InputError("crs", name_of(stack.crs), problem, remedy)
    if not crs.is_geographic and as_degrees and small:
        problem = f"is in metres, but the coordinates of {stack.name} look like degrees"
        raise InputError("crs", name_of(stack.crs), problem, remedy)
    carried(stack.bounds, stack.crs, "EPSG:4326")  # refuses what lies nowhere on Earth


def oddities(stack: Stack) -> Iterator[str]:
    """What had to be turned, as the second half of a sentence."""
    if step(stack.y) > 0:
        yield "was upside down (rows from south to north) and was flipped"
    if step(stack.x) < 0:
        yield "was mirrored (columns from east to west) and was flipped"


@lru_cache(maxsize=32)
def crs_of(text: str) -> CRS:
    from pyproj import CRS

    return CRS.from_user_input(text)


@lru_cache(maxsize=32)
def name_of(text: str) -> str:
    """'EPSG:32632' where a CRS has a code, else the text that defines it."""
    code = crs_of(text).to_epsg()
    return f"EPSG:{code}" if code else text


@lru_cache(maxsize=32)
def transformer(source: str, target: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def carried(box: Box, source: str, target: str) -> Box:
    """A box in another CRS: the box around it there."""
    from pyproj.exceptions import ProjError

    if source == target or crs_of(source) == crs_of(target):
        return box
    with suppress(ProjError):
        west, south, east, north = transformer(source, target).transform_bounds(*box, densify_pts=EDGE_POINTS)
        if np.isfinite([west, south, east, north]).all():
            return west, south, east, north
    remedy = "give the true one with --crs, for example EPSG:32632"
    raise InputError("crs", name_of(source), "does not fit coordinates like " + f"{box[0]:g}, {box[1]:g}", remedy)


def common(first: Box, second: Box) -> Box | None:
    """What two boxes share; None where they only touch or lie apart."""
    west, south = max(first[0], second[0]), max(first[1], second[1])
    east, north = min(first[2], second[2]), min(first[3], second[3])
    return (west, south, east, north) if west < east and south < north else None


def around(boxes: Sequence[Box]) -> Box:
    """The box around boxes."""
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def utm_at(lon: float, lat: float) -> str:
    """The UTM zone of a place."""
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


# ---------------------------------------------------------------- the grid of a result
def native_grid(stacks: Sequence[Stack], crs: str) -> Grid:
    """The grid of images that are all in `crs`: that of the first, as far as all of them reach."""
    first = stacks[0]
    bounds = around([stack.bounds for stack in stacks])
    size = abs(step(first.x) or step(first.y)), abs(step(first.y) or step(first.x))
    if not all(size):
        raise InputError("path", first.name, "is a single pixel, which does not tell its size", "give an image")
    return Grid(
        crs=crs,
        y=_axis(float(first.y.max()), size[1], bounds[1], bounds[3])[::-1],
        x=_axis(float(first.x.min()), size[0], bounds[0], bounds[2]),
    )


def warped_grid(stacks: Sequence[Stack], crs: str) -> Grid:
    """A grid in `crs` over images in others, with pixels of about their size in whole metres."""
    box = around([carried(stack.bounds, stack.crs, crs) for stack in stacks])
    first = stacks[0]
    west, south, east, north = carried(first.bounds, first.crs, crs)
    size = max(1.0, float(round(((north - south) / len(first.y) + (east - west) / len(first.x)) / 2)))
    origin_x, origin_y = (np.floor(edge / size) * size + size / 2 for edge in (box[0], box[1]))
    return Grid(crs=crs, y=_axis(origin_y, size, box[1], box[3])[::-1], x=_axis(origin_x, size, box[0], box[2]))


def cropped(grid: Grid, box: Box) -> Grid | None:
    """The pixels whose centres lie in a box; None if there are none."""
    west, south, east, north = box
    y, x = grid.y[(grid.y >= south) & (grid.y <= north)], grid.x[(grid.x >= west) & (grid.x <= east)]
    return Grid(crs=grid.crs, y=y, x=x) if len(y) and len(x) else None


def same_place(first: Stack, second: Stack) -> bool:
    """Whether two images cover the very same pixels."""
    return first.crs == second.crs and all(
        len(one) == len(other) and np.allclose(one, other, rtol=0, atol=EVEN * max(abs(step(one)), 1e-9))
        for one, other in ((first.y, second.y), (first.x, second.x))
    )


def is_aligned(stack: Stack, grid: Grid) -> bool:
    """Whether each pixel of a grid is a pixel of the image, not merely near one."""
    for own, wanted in ((stack.y, grid.y), (stack.x, grid.x)):
        size = abs(step(own)) or grid.pixel_m
        off = (wanted[0] - own[0]) / size
        if abs(off - round(off)) > EVEN or (len(wanted) > 1 and abs(abs(step(wanted)) - size) > EVEN * size / len(own)):
            return False
    return True


def _axis(origin: float, size: float, low: float, high: float) -> NDArray[np.float64]:
    """Ascending centres origin + k * size of the pixels that lie between two edges."""
    first = int(np.ceil((low - origin) / size - EVEN + 0.5))
    after = int(np.floor((high - origin) / size + EVEN - 0.5)) + 1
    return np.asarray(origin + size * np.arange(first, max(after, first + 1)), dtype=float)


# ---------------------------------------------------------------- from a pixel of the result to one of an image
def located(stack: Stack, grid: Grid, rows: slice, cols: slice) -> Place | None:
    """Where the pixels of a block of the grid lie in an image; None if none does."""
    y, x = grid.y[rows], grid.x[cols]
    if stack.crs == grid.crs:
        place = Place(_nearest(stack.y, y)[:, None], _nearest(stack.x, x)[None, :])
    else:
        there = transformer(grid.crs, stack.crs).transform(*np.meshgrid(x, y))
        place = Place(_nearest(stack.y, there[1]), _nearest(stack.x, there[0]))
    inside = (place.rows >= 0) & (place.cols >= 0)
    return place if inside.any() else None


def taken(stack: Stack, place: Place, read: Floats, corner: tuple[int, int]) -> Floats:
    """Values (..., h, w) of a block, from the window (..., rows, cols) of the image that begins at `corner`."""
    rows, cols = np.broadcast_arrays(place.rows, place.cols)
    inside = (rows >= 0) & (cols >= 0)
    values = read[..., np.where(inside, rows - corner[0], 0), np.where(inside, cols - corner[1], 0)]
    return values if inside.all() else np.where(inside, values, np.float32(np.nan))


def window(place: Place) -> tuple[slice, slice]:
    """The smallest window of the image that holds a block's pixels."""
    rows, cols = np.broadcast_arrays(place.rows, place.cols)
    inside = (rows >= 0) & (cols >= 0)
    return _span(rows[inside]), _span(cols[inside])


def _span(places: NDArray[np.intp]) -> slice:
    return slice(int(places.min()), int(places.max()) + 1)


def _nearest(axis: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.intp]:
    """The index of the pixel that each coordinate falls into, -1 beyond the image."""
    size = step(axis)
    if not size:
        raise InputError("path", "image", "is a single row or column, which does not tell its size", "give an image")
    with np.errstate(invalid="ignore"):
        index = np.floor((wanted - axis[0]) / size + 0.5 + 1e-6)
        inside = (index >= 0) & (index < len(axis))
    return np.where(inside, index, -1).astype(np.intp)
