"""The one grid of a result, and where each of its pixels lies in an image.

A pixel takes the whole vector of the nearest pixel of an image, never a mixture of several: a mean of embeddings is no
embedding. So turning, cropping, joining and warping are all one thing, a look-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError
from core.sources.crs import Box, carried, is_utm, known_crs, label_of, transformer, utm_at
from core.sources.embeddings.stack import Floats, Stack, step

EVEN = 0.01  # of a pixel: what a spacing may vary, and what two grids may be apart and still be one
DEGREES = (360.0, 90.0)  # largest longitude and latitude
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
    crs = known_crs(stack.crs)
    west, south, east, north = stack.bounds
    as_degrees = max(abs(west), abs(east)) <= DEGREES[0] and max(abs(south), abs(north)) <= DEGREES[1] + 1
    small = max(abs(step(stack.x)), abs(step(stack.y))) < 0.1
    remedy = "give the true one with --crs, for example EPSG:32632"
    if crs.is_geographic and not as_degrees:
        problem = f"is in degrees, but the coordinates of {stack.name} run to {east:.0f}, {north:.0f}"
        raise InputError("crs", label_of(stack.crs), problem, remedy)
    if not crs.is_geographic and as_degrees and small:
        problem = f"is in metres, but the coordinates of {stack.name} look like degrees"
        raise InputError("crs", label_of(stack.crs), problem, remedy)
    carried(stack.bounds, stack.crs, "EPSG:4326")  # refuses what lies nowhere on Earth


def oddities(stack: Stack) -> Iterator[str]:
    """What had to be turned, as the second half of a sentence."""
    if step(stack.y) > 0:
        yield "was upside down (rows from south to north) and was flipped"
    if step(stack.x) < 0:
        yield "was mirrored (columns from east to west) and was flipped"


def common(first: Box, second: Box) -> Box | None:
    """What two boxes share; None where they only touch or lie apart."""
    west, south = max(first[0], second[0]), max(first[1], second[1])
    east, north = min(first[2], second[2]), min(first[3], second[3])
    return (west, south, east, north) if west < east and south < north else None


def around(boxes: Sequence[Box]) -> Box:
    """The box around boxes."""
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


# ---------------------------------------------------------------- the grid of a result
def utm_frame(stacks: Sequence[Stack]) -> str:
    """The CRS of a site: the UTM zone that images are in, the first if in several, else the one around their middle."""
    own = next((stack.crs for stack in stacks if is_utm(stack.crs)), "")
    if own:
        return own
    west, south, east, north = around([carried(stack.bounds, stack.crs, "EPSG:4326") for stack in stacks])
    return utm_at((west + east) / 2, (south + north) / 2)


def native_grid(stacks: Sequence[Stack], crs: str) -> Grid:
    """The grid of the first image, which is in `crs`, as far as all of them reach."""
    first = stacks[0]
    bounds = around([carried(stack.bounds, stack.crs, crs) for stack in stacks])
    size = abs(step(first.x) or step(first.y)), abs(step(first.y) or step(first.x))
    if not all(size):
        raise InputError("path", first.name, "is a single pixel, which does not tell its size", "give an image")
    return Grid(
        crs=crs,
        y=_axis(float(first.y.max()), size[1], bounds[1], bounds[3])[::-1],
        x=_axis(float(first.x.min()), size[0], bounds[0], bounds[2]),
    )


def warped_grid(stacks: Sequence[Stack], crs: str, *, whole: float = 1.0) -> Grid:
    """A grid in `crs` over images in others: square pixels of about the first one's size, in multiples of `whole` m."""
    box = around([carried(stack.bounds, stack.crs, crs) for stack in stacks])
    size = whole_size(stacks[0], whole)
    origin_x, origin_y = (np.floor(edge / size) * size + size / 2 for edge in (box[0], box[1]))
    return Grid(crs=crs, y=_axis(origin_y, size, box[1], box[3])[::-1], x=_axis(origin_x, size, box[0], box[2]))


def is_square(stack: Stack) -> bool:
    """Whether the pixels are as wide as they are high, in the image's own CRS; one row or column does not tell."""
    height, width = abs(step(stack.y)), abs(step(stack.x))
    return not (height and width) or abs(height - width) <= EVEN * width


def whole_size(stack: Stack, whole: float) -> float:
    """Size of an image's pixels on the ground, m, in multiples of `whole` and at least that."""
    return max(1.0, float(round(ground_size(stack) / whole))) * whole


def ground_size(stack: Stack) -> float:
    """Side of a square of the same area as a pixel in the middle, m on the ground; 0 of a single pixel.

    In UTM as the image's coordinates tell it. A metre of Web Mercator is the cosine of the latitude on the ground.
    """
    from pyproj import Geod

    height, width = (abs(step(axis) or step(other)) for axis, other in ((stack.y, stack.x), (stack.x, stack.y)))
    stated = round(float(np.sqrt(height * width)), 6)
    if not stated or not stack.crs or is_utm(stack.crs):
        return stated
    west, south, east, north = stack.bounds
    x, y = (west + east) / 2, (south + north) / 2
    lon, lat = transformer(stack.crs, "EPSG:4326").transform(
        [x - width / 2, x + width / 2, x, x], [y, y, y - height / 2, y + height / 2]
    )
    if not np.isfinite([lon, lat]).all():  # a wrong CRS, which `check_crs` refuses
        return stated
    _, _, sides = Geod(ellps="WGS84").inv(lon[::2], lat[::2], lon[1::2], lat[1::2])
    return round(float(np.sqrt(sides[0] * sides[1])), 2)


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
