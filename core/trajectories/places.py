"""A place to follow: which pixels of an embedding it is made of, and how much each counts.

In words, as the command line takes them:

    site                       every pixel
    pixel:543160,5607700       the pixel under a point, easting and northing in the site's CRS, m
    box:W,S,E,N                pixels whose centre lies in a box
    polygon:X Y,X Y,X Y        pixels whose centre lies in a drawn area
    cluster:RUN:3              cluster 3 of a run of `python -m core cluster`
    tower                      the footprint of the site's tower; `tower:circle:100` as `core.gpp.footprint` has them
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.frames import Grid
from core.schema import FluxscapeError, InputError, NotFoundError

if TYPE_CHECKING:
    import xarray as xr

    from core.clustering.assign import Clusters
    from core.store import Workspace

LEAST_WEIGHT = 0.01  # of the heaviest pixel; lighter ones need not be read
HOW = "write site, pixel:X,Y, box:W,S,E,N, polygon:X Y,X Y,X Y, cluster:RUN:NUMBER or tower"

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """Pixels of a grid and their weights."""

    kind: str  # site, pixel, area, cluster or tower
    label: str
    weights: NDArray[np.float64]  # (rows, cols), sum 1

    @property
    def pixels(self) -> int:
        return int(np.count_nonzero(self.weights))


def site_place(grid: Grid) -> Place:
    return _alike(np.ones((grid.rows, grid.cols), bool), "site", "whole site")


def pixel_place(grid: Grid, x: float, y: float) -> Place:
    """The pixel under a point."""
    width, height = grid.pixel_width or 10.0, grid.pixel_height or 10.0
    col, row = int(np.floor((x - grid.x) / width + 0.5)), int(np.floor((grid.y - y) / height + 0.5))
    if not (0 <= row < grid.rows and 0 <= col < grid.cols):
        raise InputError(
            "pixel", f"{x:.10g}, {y:.10g}", "lies outside the embedding", f"choose one within {_span(grid)}"
        )
    mask = np.zeros((grid.rows, grid.cols), bool)
    mask[row, col] = True
    return _alike(mask, "pixel", f"pixel {x:.0f}, {y:.0f}")


def area_place(grid: Grid, corners: Sequence[Point], *, label: str = "drawn area") -> Place:
    """Pixels whose centre lies in a polygon of three or more corners; it need not be closed."""
    from shapely import contains_xy
    from shapely.geometry import Polygon

    if len(corners) < 3 or not np.isfinite(np.array(corners, float)).all():
        raise InputError("area", f"{len(corners)} corners", "is no area", "give three or more points")
    outline = Polygon(corners).buffer(0)
    x, y = _centres(grid)
    mask = np.asarray(contains_xy(outline, *np.meshgrid(x, y)))
    if not mask.any():
        raise InputError("area", label, "holds no pixel centre of the embedding", f"draw within {_span(grid)}")
    return _alike(mask, "area", label)


def box_place(grid: Grid, west: float, south: float, east: float, north: float) -> Place:
    if west > east or south > north:
        raise InputError("box", f"{west:g},{south:g},{east:g},{north:g}", "is no box", "give west, south, east, north")
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return area_place(grid, corners, label=f"box {west:.0f}, {south:.0f} to {east:.0f}, {north:.0f}")


def cluster_place(grid: Grid, clusters: Clusters, number: int) -> Place:
    """A cluster that was found on pixels of this grid."""
    if clusters.grid != grid:
        remedy = "use clusters of this very embedding, or draw the area"
        raise InputError("clusters", f"{clusters.grid.rows} x {clusters.grid.cols}", "lie on other pixels", remedy)
    mask = clusters.labels == number
    if number < 1 or not mask.any():
        there = ", ".join(str(label) for label in np.unique(clusters.labels[clusters.labels > 0]))
        raise NotFoundError("cluster", number, "is not among the clusters", f"choose one of {there}")
    return _alike(mask, "cluster", f"cluster {number}")


def tower_place(workspace: Workspace, embedding: xr.Dataset, footprint: str | None = None) -> Place:
    """The footprint of the tower of the embedding's site."""
    from core.gpp.footprint import DEFAULT, weights

    grid, info = Grid.of(embedding), workspace.site(str(embedding.attrs.get("site", "")))
    found = weights(embedding, info, footprint or DEFAULT).values
    found = np.where(found >= LEAST_WEIGHT * found.max(), found, 0.0)
    if found.shape != (grid.rows, grid.cols):
        raise FluxscapeError("The footprint does not lie on the embedding's pixels.")
    return Place(kind="tower", label="tower footprint", weights=found / found.sum())


def place_of(workspace: Workspace, embedding: xr.Dataset, words: str) -> Place:
    """A place in the words of this module."""
    grid = Grid.of(embedding)
    kind, _, rest = words.strip().partition(":")
    if kind == "site" and not rest:
        return site_place(grid)
    if kind == "pixel":
        return pixel_place(grid, *_numbers(words, rest.split(","), 2))
    if kind == "box":
        return box_place(grid, *_numbers(words, rest.split(","), 4))
    if kind == "polygon":
        corners = [tuple(_numbers(words, corner.split(), 2)) for corner in rest.split(",")]
        return area_place(grid, corners)  # type: ignore[arg-type]
    if kind == "cluster":
        from core.clustering.result import names_of, open_clusters

        run, _, number = rest.rpartition(":")
        if not run or not number.isdigit():
            raise InputError("--where", words, "names no cluster", "write cluster:RUN:NUMBER")
        found = cluster_place(grid, open_clusters(workspace, run), int(number))
        return replace(found, label=names_of(workspace.run(run)).get(int(number), found.label))
    if kind == "tower":
        return tower_place(workspace, embedding, rest or None)
    raise InputError("--where", words, "is no place", HOW)


# ---------------------------------------------------------------- inside
def _alike(mask: NDArray[np.bool_], kind: str, label: str) -> Place:
    return Place(kind=kind, label=label, weights=mask / mask.sum())


def _centres(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = grid.x + grid.pixel_width * np.arange(grid.cols, dtype=np.float64)
    return x, grid.y - grid.pixel_height * np.arange(grid.rows, dtype=np.float64)


def _span(grid: Grid) -> str:
    x, y = _centres(grid)
    return f"{x[0]:.10g} to {x[-1]:.10g} east and {y[-1]:.10g} to {y[0]:.10g} north"


def _numbers(words: str, parts: Sequence[str], count: int) -> list[float]:
    try:
        found = [float(part) for part in parts]
    except ValueError:
        found = []
    if len(found) != count or not np.isfinite(found).all():
        raise InputError("--where", words, f"does not hold {count} numbers", HOW)
    return found
