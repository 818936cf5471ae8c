"""A finished embedding cube, as every later step opens it: one that Fluxscape made, or one that was loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.embedding.draft import EMBEDDING
from core.schema import NotFoundError
from core.sources.grids import read_zarr
from core.store import Run, Workspace, verify

if TYPE_CHECKING:
    import xarray as xr

KIND = "embedding"


def open_embedding(workspace: Workspace, run_id: str) -> xr.Dataset:
    """The embedding cube of a whole, undamaged run, read from disk as it is indexed.

    `features` (feature, time, y, x) with NaN where a pixel was not seen; beside it the trust layers (time, y, x).
    """
    return read_embedding(workspace.run(run_id))


def read_embedding(run: Run) -> xr.Dataset:
    """The embedding cube of a run at hand, as `open_embedding` gives it."""
    if run.spec.kind != KIND:
        remedy = "choose one that `python -m core embed` or `python -m core load` made"
        raise NotFoundError("run", run.id, f"holds {run.spec.kind}, no embedding", remedy)
    verify(run.path)
    return read_zarr(run.path / EMBEDDING)
