"""Labels: points and polygons that a user gave a class. Every change makes a new set; the old ones can be undone to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from core.frames import Grid
from core.schema import InputError, NotFoundError

LONGEST = 60  # letters of a class
MOST_VERTICES = 10_000  # of a polygon
UNDOS = 50  # changes that can be undone

Kind = Literal["Point", "Polygon"]  # as GeoJSON spells them
Vertex = tuple[float, float]  # x, y in the site's CRS, m


class Label(NamedTuple):
    """One label. A polygon's last vertex is not its first one again."""

    id: int
    class_name: str
    kind: Kind
    vertices: tuple[Vertex, ...]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The labels of a site, and those of before each change."""

    site: str
    crs: str
    items: tuple[Label, ...] = ()
    past: tuple[tuple[Label, ...], ...] = ()  # the oldest first

    @property
    def classes(self) -> tuple[str, ...]:
        """By name; a class keeps its place while others come and go after it in the alphabet."""
        return tuple(sorted({label.class_name for label in self.items}))

    def add(self, class_name: str, kind: Kind, vertices: Iterable[Vertex], *, grid: Grid) -> Labels:
        """With one more label, which must touch the grid's pixels."""
        number = 1 + max((label.id for state in (self.items, *self.past) for label in state), default=0)
        label = checked(number, class_name, kind, vertices)
        if not touches(label, grid):
            west, south, east, north = bounds(grid)
            shown = ", ".join(f"{value:.0f}" for value in np.mean(label.vertices, axis=0))
            remedy = f"place it between x {west:.0f} and {east:.0f}, y {south:.0f} and {north:.0f}"
            raise InputError("label", shown, "lies outside the site", remedy)
        return self.changed((*self.items, label))

    def remove(self, label_id: int) -> Labels:
        left = tuple(label for label in self.items if label.id != label_id)
        if len(left) == len(self.items):
            raise NotFoundError("label", str(label_id), "is not there", "choose one that is on the map")
        return self.changed(left)

    def rename_class(self, old: str, new: str) -> Labels:
        """Under a name that is there already, the two classes become one."""
        if old not in self.classes:
            raise NotFoundError("class", old, "has no label", f"choose one of: {', '.join(self.classes) or 'none'}")
        name = _checked_class(new)
        return self.changed(
            tuple(label._replace(class_name=name) if label.class_name == old else label for label in self.items)
        )

    def clear(self) -> Labels:
        return self.changed(())

    def undo(self) -> Labels:
        """As before the last change; without one, as it is."""
        return replace(self, items=self.past[-1], past=self.past[:-1]) if self.past else self

    def changed(self, items: tuple[Label, ...]) -> Labels:
        """With other labels, as one change that can be undone."""
        return replace(self, items=items, past=(*self.past, self.items)[-UNDOS:])


def checked(number: int, class_name: str, kind: Kind, vertices: Iterable[Vertex]) -> Label:
    """A label, if it can be one."""
    return Label(number, _checked_class(class_name), kind, _checked_vertices(kind, vertices))


def bounds(grid: Grid) -> tuple[float, float, float, float]:
    """West, south, east and north edge of the pixels."""
    west, north = grid.x - grid.pixel_width / 2, grid.y + grid.pixel_height / 2
    return west, north - grid.rows * grid.pixel_height, west + grid.cols * grid.pixel_width, north


def touches(label: Label, grid: Grid) -> bool:
    """Whether any of a label lies on the pixels of a grid, by its surrounding box."""
    west, south, east, north = bounds(grid)
    corners = np.array(label.vertices)
    (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
    return bool(left < east and right >= west and low < north and high >= south)


def _checked_class(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        raise InputError("class", name, "is no usable name", f"give 1 to {LONGEST} letters")
    return name


def _checked_vertices(kind: Kind, vertices: Iterable[Vertex]) -> tuple[Vertex, ...]:
    found: Sequence[Vertex] = [(float(x), float(y)) for x, y in vertices]
    if not np.isfinite(np.array(found, dtype=float)).all():
        raise InputError("label", kind, "has a vertex that is no number", "draw it again")
    if kind == "Point" and len(found) == 1:
        return tuple(found)
    if kind == "Polygon":
        ring = found[:-1] if len(found) > 1 and found[0] == found[-1] else found
        if len(set(ring)) >= 3 and len(ring) <= MOST_VERTICES:
            return tuple(_anticlockwise(ring))
    raise InputError("label", kind, f"cannot have {len(found)} vertices", "give a point, or a polygon of three or more")


def _anticlockwise(ring: Sequence[Vertex]) -> Sequence[Vertex]:
    """As RFC 7946 wants an outer ring."""
    x, y = np.array(ring).T
    area = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum()
    return ring if area >= 0 else [ring[0], *ring[:0:-1]]
