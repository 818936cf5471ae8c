"""The pixels of an imported embedding, block by block onto the disk, and what was found odd about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.embedding.draft import EMBEDDING, FEATURES, PIXELS
from core.progress import Progress
from core.sources.embeddings.grid import Grid, located, taken, window
from core.sources.embeddings.stack import Floats, Layer, Read, Stack

if TYPE_CHECKING:
    import xarray as xr

TILE = 128  # pixels along a block's side
BLOCK_VALUES = 2**21  # values of a block, 8 MB of float32: of few dates where an embedding is long
FILLS = (0.0, -128.0, -9999.0, -32768.0)  # what programs write for "no value" without saying so
ENORMOUS = 1e30  # beyond it a number is a fill value: the largest of float32 is one
UNIT = (0.95, 1.05)  # length of a vector that is 1 but for its rounding to 8 bits
NOTABLE = 0.01  # share of the pixel-dates from which a departure from unit length is said


class Block(NamedTuple):
    dates: slice
    rows: slice
    cols: slice


@dataclass
class Tally:
    """Counts of pixel-dates."""

    looked_at: int = 0
    embedded: int = 0
    cleaned: Counter[str] = field(default_factory=Counter)  # by what was wrong with them
    odd_length: int = 0

    def remarks(self, *, unit_length: bool) -> Iterator[str]:
        """What to know of the values, a sentence each."""
        for problem, count in self.cleaned.items():
            yield f"{_share(count, self.looked_at)} of the pixel-dates {problem}: taken as missing."
        if unit_length and self.embedded and self.odd_length / self.embedded > NOTABLE:
            share = _share(self.odd_length, self.embedded)
            yield f"{share} of the vectors are not of length 1, as this model's are: averaged or scaled before?"


def fill(
    folder: Path,
    outline: xr.Dataset,
    stacks: Sequence[Stack],
    grid: Grid,
    layers: Mapping[str, Mapping[str, Any]],
    progress: Progress | None = None,
) -> Tally:
    """Write `outline` with its features and the trust layers that every stack has as the Zarr cube of a draft."""
    import zarr

    sizes = tuple(outline.sizes[axis] for axis in ("feature", *PIXELS))
    blocks = list(_blocks(sizes))
    outline.to_zarr(folder / EMBEDDING, mode="w", zarr_format=3, consolidated=False)
    group: Any = zarr.open_group(folder / EMBEDDING, mode="r+")
    for name, attributes in {FEATURES: {"long_name": "embedding", "units": "1"}, **layers}.items():
        _create(group, name, sizes if name == FEATURES else sizes[1:], blocks[0], attributes)
    tally = Tally()
    for index, block in enumerate(blocks):
        if progress:
            progress(index / len(blocks), "Loading")
        values = clean(_joined(stacks, grid, outline["time"].values, block, lambda stack: stack.read, sizes[0]), tally)
        group[FEATURES][(slice(None), *block)] = values
        _weigh(values, tally)
        for name in layers:
            group[name][tuple(block)] = _joined(stacks, grid, outline["time"].values, block, _layer_of(name))
    return tally


def clean(values: Floats, tally: Tally) -> Floats:
    """Values (D, t, h, w) with every pixel-date either whole or missing; what was wrong is counted."""
    known = np.isfinite(values) & (np.abs(np.where(np.isfinite(values), values, 0)) < ENORMOUS)
    first = values[0]
    alike = (values == first).all(axis=0)
    enough = len(values) > 1  # a single value may well be 0 or -128
    wrong = {
        "lack some of their values": known.any(axis=0) & ~known.all(axis=0),
        "are infinite or enormous": (~known & ~np.isnan(values)).all(axis=0),
        **{f"hold nothing but {fill:g}": alike & (first == fill) for fill in FILLS if enough or fill == -9999},
    }
    bad = np.zeros(first.shape, dtype=bool)
    for problem, where in wrong.items():
        count = int((where & ~bad).sum())
        if count:
            tally.cleaned[problem] += count
        bad |= where
    missing = bad | ~known.all(axis=0)
    tally.looked_at += missing.size
    tally.embedded += int((~missing).sum())
    return np.where(missing, np.float32(np.nan), values)


def _weigh(values: Floats, tally: Tally) -> None:
    length = np.sqrt(np.square(values, dtype=np.float64).sum(axis=0))
    tally.odd_length += int(((length < UNIT[0]) | (length > UNIT[1])).sum())


# ---------------------------------------------------------------- blocks
def _blocks(sizes: tuple[int, ...]) -> Iterator[Block]:
    """Every block once: tiles of few dates, each a chunk on the disk."""
    size, dates, rows, cols = sizes
    tile = min(rows, TILE), min(cols, TILE)
    at_once = min(dates, max(1, BLOCK_VALUES // (size * tile[0] * tile[1])))
    for row in range(0, rows, tile[0]):
        for col in range(0, cols, tile[1]):
            for date in range(0, dates, at_once):
                yield Block(
                    slice(date, min(date + at_once, dates)),
                    slice(row, min(row + tile[0], rows)),
                    slice(col, min(col + tile[1], cols)),
                )


def _joined(
    stacks: Sequence[Stack], grid: Grid, times: NDArray[np.datetime64], block: Block, part: Any, *leading: int
) -> Floats:
    """A block of what `part` reads of each stack; where two have a value, the first one's counts."""
    shape = [piece.stop - piece.start for piece in block]
    joined = np.full((*leading, *shape), np.nan, dtype=np.float32)
    wanted = times[block.dates]
    for stack in stacks:
        steps = np.flatnonzero(np.isin(stack.times, wanted))
        if not len(steps):
            continue
        place = located(stack, grid, block.rows, block.cols)
        if place is None:
            continue
        rows, cols = window(place)
        read: Read = part(stack)
        image = read(slice(int(steps[0]), int(steps[-1]) + 1), rows, cols)
        values = taken(stack, place, image, (rows.start, cols.start))
        at = np.searchsorted(wanted, stack.times[steps])
        before = joined[..., at, :, :]
        joined[..., at, :, :] = np.where(np.isnan(before), values, before)
    return joined


def _layer_of(name: str) -> Any:
    def read(stack: Stack) -> Read:
        layer: Layer = stack.layers[name]
        return layer.read

    return read


def _create(group: Any, name: str, shape: tuple[int, ...], block: Block, attributes: Mapping[str, Any]) -> None:
    from zarr.codecs import BloscCodec

    chunk = tuple(piece.stop - piece.start for piece in block)
    leading = ("feature",) if name == FEATURES else ()
    group.create_array(
        name=name,
        shape=shape,
        chunks=(*shape[:1], *chunk) if leading else chunk,
        dtype="float32",
        fill_value=np.nan,
        compressors=BloscCodec(cname="zstd", clevel=3, shuffle="shuffle"),
        dimension_names=(*leading, *PIXELS),
        attributes=dict(attributes),
    )


def _share(count: int, total: int) -> str:
    share = count / max(total, 1)
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{count:,} of {total:,}"
