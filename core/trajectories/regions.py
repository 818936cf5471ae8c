"""From pixels that each changed between two of their own clear views to events: neighbours that changed together.

Pixels are seen on different days, so each says only between which two days it changed. Neighbours (eight of them) whose
spans overlap belong to one event; its date is the middle of the span they mostly agree on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST = 20  # pixels of an event
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))  # the other four are found from the other side

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """What single pixels say: pixel (n,) by its place in the flattened grid, the days between, and how strongly."""

    pixel: Ints
    after: Ints  # (n,) day of the last view before the change, days since 1970
    before: Ints  # (n,) day of the first view with it
    strength: Floats  # (n,)

    def of(self, kept: NDArray[np.bool_]) -> Marks:
        """Those that are kept."""
        return Marks(
            pixel=self.pixel[kept], after=self.after[kept], before=self.before[kept], strength=self.strength[kept]
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Event:
    """Neighbouring pixels that changed together."""

    kind: str
    date: str  # ISO, the middle of the span
    first: str  # ISO, last view before the change (median of its pixels)
    last: str  # ISO, first view with it
    pixels: int
    area_ha: float | None  # None where the pixel size is unknown
    strength: float  # median of its pixels; what it counts stands with the kind
    mask: NDArray[np.bool_]  # (rows, cols)

    def to_json(self) -> dict[str, Any]:
        """All but the mask."""
        return {
            name: getattr(self, name) for name in ("kind", "date", "first", "last", "pixels", "area_ha", "strength")
        }


def events(
    marks: Marks, shape: tuple[int, int], *, kind: str, pixel_m: float = 0.0, smallest: int = SMALLEST
) -> list[Event]:
    """Events of `smallest` pixels or more, by date."""
    found = []
    for members in _together(marks, shape):
        pixels = np.unique(marks.pixel[members])
        if len(pixels) < smallest:
            continue
        first, last = (int(np.median(part[members])) for part in (marks.after, marks.before))
        mask = np.zeros(shape, bool)
        mask.ravel()[pixels] = True
        found.append(
            Event(
                kind=kind,
                date=_iso((first + last) // 2),
                first=_iso(first),
                last=_iso(last),
                pixels=len(pixels),
                area_ha=round(len(pixels) * pixel_m**2 / 10_000, 3) if pixel_m else None,
                strength=round(float(np.median(marks.strength[members])), 3),
                mask=mask,
            )
        )
    return sorted(found, key=lambda event: (event.date, -event.pixels))


def _iso(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _together(marks: Marks, shape: tuple[int, int]) -> Iterator[Ints]:
    """Which marks belong to one event."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(marks.pixel)
    if count == 0:
        return
    order = np.argsort(marks.pixel, kind="stable")
    sorted_marks = Marks(
        pixel=marks.pixel[order], after=marks.after[order], before=marks.before[order], strength=marks.strength[order]
    )
    one, two = _joined(sorted_marks, shape)
    links = coo_array((np.ones(len(one), np.int8), (one, two)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    by_label = np.argsort(label, kind="stable")
    for members in np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1):
        yield order[members]


def _joined(marks: Marks, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """Pairs of marks of neighbouring pixels whose spans overlap; `marks` are sorted by pixel."""
    rows, cols = shape
    row, col = np.divmod(marks.pixel, cols)
    begins = np.searchsorted(marks.pixel, np.arange(rows * cols + 1))
    ones, twos = [], []
    for down, right in NEIGHBOURS:
        inside = (row + down < rows) & (col + right < cols) & (col + right >= 0)
        there = np.where(inside, (row + down) * cols + col + right, 0)
        how_many = np.where(inside, begins[there + 1] - begins[there], 0)
        one = np.repeat(np.arange(len(row)), how_many)
        turn = np.arange(how_many.sum()) - np.repeat(np.cumsum(how_many) - how_many, how_many)
        two = begins[there][one] + turn
        overlap = (marks.after[one] < marks.before[two]) & (marks.after[two] < marks.before[one])
        ones.append(one[overlap])
        twos.append(two[overlap])
    return np.concatenate(ones), np.concatenate(twos)
