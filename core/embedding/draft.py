"""The unfinished result on disk: a Zarr cube, and beside it a small file for each block that is done.

    embedding.zarr/       features (feature, time, y, x), and the trust layers (time, y, x)
    done/layout.json      how the result is cut; a draft that is cut in another way is not taken up
    done/<block>.json     {"pixel_dates": ..., "seconds": ...}, written after all of the block's values

A block is a chunk of its own in every layer, so that blocks can be written in any order and by any process. The files
in `done` go when all is done. A draft at an address differs in how it is stored: see `core.embedding.remote`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.embedding.layout import Block, Layout
from core.schema import WorkspaceError
from core.store import read_json, write_json

if TYPE_CHECKING:
    import xarray as xr

EMBEDDING = "embedding.zarr"
FEATURES = "features"
DONE, LAYOUT = "done", "layout.json"
PIXELS = ("time", "y", "x")


class Done(NamedTuple):
    """What a finished block says of itself."""

    pixel_dates: int  # embedded
    seconds: float


class EmbeddingDraft:
    """The draft in `folder`, as it was left if it is one of this layout, else empty."""

    def __init__(
        self,
        folder: Path,
        layout: Layout,
        outline: xr.Dataset,
        layers: Mapping[str, Mapping[str, str]],
        *,
        resume: bool,
    ) -> None:
        """`outline` holds the coordinates and attributes; `layers` the attributes of each layer by its name."""
        import zarr

        self.folder, self.layout, self._layers = folder, layout, list(layers)
        cut = {"shape": list(layout.shape), "chunk": list(layout.chunk)}
        if not (resume and self._was_cut_as(cut)):
            self._clear()
            self._create(outline, layers)
            self._store(LAYOUT, cut)
        self._tidy()
        self._group = zarr.open_group(str(folder / EMBEDDING), mode="r+")

    def done(self) -> dict[str, Done]:
        """The finished blocks by name; one whose embeddings were lost since its mark was set is not done."""
        found = {}
        for block in self.layout.blocks():
            with suppress(WorkspaceError, KeyError):  # not there, or spoilt: not done
                said = read_json(self.folder / DONE / f"{block.name}.json")
                done = Done(said["pixel_dates"], said["seconds"])
                if not done.pixel_dates or self._chunk(FEATURES, block).is_file():
                    found[block.name] = done
        return found

    def write(self, block: Block, layers: Mapping[str, NDArray[np.float32]], done: Done) -> None:
        """Store a block's layers, then mark it as done."""
        write_block(self._group, block, layers)
        self._flush(block)
        self._store(f"{block.name}.json", done._asdict())

    def finish(self) -> None:
        """Leave nothing but the result."""
        shutil.rmtree(self.folder / DONE)

    # ------------------------------------------------------------ inside
    def _store(self, name: str, data: Mapping[str, Any]) -> None:
        (self.folder / DONE).mkdir(exist_ok=True)
        write_json(self.folder / DONE / name, data)

    def _tidy(self) -> None:
        for leftover in (self.folder / EMBEDDING).rglob("*.partial"):  # of a write that was cut off
            leftover.unlink()

    def _was_cut_as(self, cut: Mapping[str, object]) -> bool:
        try:
            return read_json(self.folder / DONE / LAYOUT) == cut
        except WorkspaceError:
            return False

    def _clear(self) -> None:
        for name in (DONE, EMBEDDING):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def _create(self, outline: xr.Dataset, layers: Mapping[str, Mapping[str, str]]) -> None:
        import zarr
        from zarr.codecs import BloscCodec

        where = str(self.folder / EMBEDDING)
        outline.to_zarr(where, mode="w", zarr_format=3, consolidated=False)
        group = zarr.open_group(where, mode="r+")
        for name, attributes in layers.items():
            leading = ("feature",) if name == FEATURES else ()
            sizes = tuple(outline.sizes[axis] for axis in leading)
            group.create_array(
                name=name,
                shape=(*sizes, *self.layout.shape),
                chunks=(*sizes, *self.layout.chunk),
                dtype="float32",
                fill_value=np.nan,
                compressors=BloscCodec(cname="zstd", clevel=3, shuffle="shuffle"),
                dimension_names=(*leading, *PIXELS),
                attributes=dict(attributes),
            )

    def _flush(self, block: Block) -> None:
        """Have the disk hold the block before its mark: a mark that outlives a power cut must not lie."""
        for name in self._layers:
            with suppress(FileNotFoundError):  # Zarr stores none where there are no values
                handle = os.open(self._chunk(name, block), os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def _chunk(self, layer: str, block: Block) -> Path:
        """The file of a block in a layer."""
        places = zip((block.dates, block.rows, block.cols), self.layout.chunk, strict=True)
        chunk = "/".join(str(part.start // step) for part, step in places)
        return self.folder / EMBEDDING / layer / "c" / (f"0/{chunk}" if layer == FEATURES else chunk)


def write_block(group: Any, block: Block, layers: Mapping[str, NDArray[np.float32]]) -> None:
    """Store a block's layers (..., dates, rows, columns) in an open Zarr group."""
    for name, values in layers.items():
        group[name][(..., block.dates, block.rows, block.cols)] = values
