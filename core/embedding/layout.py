"""How a result is cut into blocks. A block is computed at once, and is one chunk of the result on disk.

Where the cuts lie decides time and memory, never a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

TILE = 80  # pixels along a block's longest side; a demo site is one tile
BLOCK = 102_400  # pixel-dates of a block with its surroundings: a few seconds of work in the compact model


class Cut(NamedTuple):
    """How large blocks are at most; a preset may have its own."""

    tile: int = TILE  # pixels along a side
    block: int = BLOCK  # pixel-dates with surroundings


CUTS: Mapping[str, Cut] = {  # by preset
    "compact": Cut(),
    # A window's frames serve those before and after it too, so blocks are long in time. A pixel-date takes some
    # hundred times what `compact` takes, so they are small: this one takes a minute or so.
    "paper": Cut(tile=16, block=64 * 30 * 30),
}


class Block(NamedTuple):
    """One block, by its place in the result."""

    name: str
    dates: slice
    rows: slice
    cols: slice

    @property
    def pixel_dates(self) -> int:
        """How many pixels at how many dates, cloudy ones too."""
        dates, rows, cols = (part.stop - part.start for part in self[1:])
        return dates * rows * cols


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A result of this shape in chunks of this shape, both (dates, rows, columns)."""

    shape: tuple[int, int, int]
    chunk: tuple[int, int, int]

    @property
    def pixel_dates(self) -> int:
        """Of all blocks."""
        dates, rows, cols = self.shape
        return dates * rows * cols

    def blocks(self) -> Iterator[Block]:
        """Every block once; those of one place follow each other in time."""
        dates, rows, cols = (_cuts(length, step) for length, step in zip(self.shape, self.chunk, strict=True))
        for row, r in enumerate(rows):
            for col, c in enumerate(cols):
                for date, t in enumerate(dates):
                    yield Block(f"{date}-{row}-{col}", t, r, c)


def layout(shape: tuple[int, int, int], *, radius: int, cut: Cut | None = None) -> Layout:
    """Blocks of about equal tiles, and of as many dates as `cut` allows with `radius` pixels around each tile."""
    cut = cut or Cut()
    dates, rows, cols = shape
    tile = [_even(length, cut.tile) for length in (rows, cols)]
    seen = [side if side == length else side + 2 * radius for side, length in zip(tile, (rows, cols), strict=True)]
    at_once = max(1, cut.block // (seen[0] * seen[1]))
    return Layout(shape=shape, chunk=(min(dates, at_once), tile[0], tile[1]))


def _even(length: int, longest: int) -> int:
    """The side of the fewest equal tiles that cover `length`."""
    tiles = -(-length // longest)
    return -(-length // tiles)


def _cuts(length: int, step: int) -> list[slice]:
    return [slice(first, min(first + step, length)) for first in range(0, length, step)]
