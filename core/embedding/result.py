"""A finished embedding cube, as every later step opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.embedding.draft import EMBEDDING
from core.schema import NotFoundError
from core.sources.grids import read_zarr
from core.store import Workspace, verify

if TYPE_CHECKING:
    import xarray as xr

KIND = "embedding"


def open_embedding(workspace: Workspace, run_id: str) -> xr.Dataset:
    """The embedding cube of a whole, undamaged run, read from disk as it is indexed.

    `features` (feature, time, y, x) with NaN where a pixel was not seen; beside it the trust layers (time, y, x).
    """
    run = workspace.run(run_id)
    if run.spec.kind != KIND:
        remedy = "choose one that `python -m core embed` made"
        raise NotFoundError("run", run_id, f"holds {run.spec.kind}, no embedding", remedy)
    verify(run.path)
    return read_zarr(run.path / EMBEDDING)
