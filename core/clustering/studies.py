"""What takes longer to find out about pixels than a reader waits: made once for one question, then opened.

cluster-number    number.json: how many clusters, and how each number was judged
neighbour-plane   plane.zarr: `across`, `up` (y, x), where each pixel lies among those that behave alike
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import core
from core.clustering.basis import FeatureSpec, completed
from core.clustering.features import read_features
from core.clustering.neighbours import neighbour_plane
from core.clustering.space import Space, principal_space
from core.clustering.suggest import Candidate, Suggestion, suggest_k
from core.embedding.result import read_embedding
from core.progress import Progress
from core.schema import NotFoundError, RunSpec
from core.sources.grids import read_zarr, write_zarr
from core.store import Run, Workspace, content_digest, read_json, verify, write_json

Kind = Literal["cluster-number", "neighbour-plane"]
NUMBER: Kind = "cluster-number"
NEIGHBOURS: Kind = "neighbour-plane"
NUMBER_FILE, PLANE = "number.json", "plane.zarr"
READ = 0.3  # of the work is done when the pixels are read and projected


def find_study(workspace: Workspace, kind: Kind, made_from: Run, features: FeatureSpec) -> Run | None:
    """The published answer to a question whose dates are filled in (`completed`); None as long as there is none."""
    try:
        return workspace.run(_spec(kind, made_from, features).id)
    except NotFoundError:
        return None


def study(
    workspace: Workspace,
    kind: Kind,
    embedding_id: str,
    features: FeatureSpec | None = None,
    *,
    progress: Progress | None = None,
) -> Run:
    """The answer for an embedding run in the workspace, found and published first where it is missing."""
    tell = progress or (lambda fraction, message: None)
    made_from = workspace.run(embedding_id)
    tell(0.0, "Reading the embedding")
    embedding = read_embedding(made_from)
    features = completed(embedding, features or FeatureSpec())
    if (there := find_study(workspace, kind, made_from, features)) is not None:
        return there
    began = time.perf_counter()
    space = principal_space(read_features(embedding, features))
    asked, notes = _spec(kind, made_from, features), {"embedding": embedding_id}
    with workspace.draft_run(asked, notes, resume=False) as folder:
        _write(kind, space, folder, lambda fraction, message: tell(READ + (1 - READ) * fraction, message))
        notes["seconds"] = f"{time.perf_counter() - began:.1f}"
    return workspace.run(asked.id)


def open_number(run: Run) -> Suggestion:
    """How many clusters."""
    found = read_json(verify(_of_kind(run, NUMBER).path) / NUMBER_FILE)
    candidates = tuple(Candidate(**candidate) for candidate in found["candidates"])
    return Suggestion(k=int(found["k"]), candidates=candidates, words=str(found["words"]))


def open_plane(run: Run) -> NDArray[np.float32]:
    """Where each pixel lies (rows, cols, 2), across and up; NaN for those that take no part."""
    cube = read_zarr(verify(_of_kind(run, NEIGHBOURS).path) / PLANE)
    return np.stack([cube[axis].values for axis in ("across", "up")], axis=-1)


# ---------------------------------------------------------------- inside
def _spec(kind: Kind, made_from: Run, features: FeatureSpec) -> RunSpec:
    return RunSpec(
        kind=kind,
        site=made_from.spec.site,
        input_digest=content_digest(made_from.path),
        version=core.__version__,
        parameters={"embedding": made_from.id, "features": features.to_json()},
    )


def _write(kind: Kind, space: Space, folder: Path, tell: Progress) -> None:
    if kind == NUMBER:
        write_json(folder / NUMBER_FILE, asdict(suggest_k(space, progress=tell)))
        return
    import xarray as xr

    tell(0.1, "Arranging the pixels")
    features = space.features
    layers = [features.on_map(values, np.nan) for values in neighbour_plane(space).T]
    grid = features.grid
    coords = {
        "y": grid.y - grid.pixel_height * np.arange(grid.rows),
        "x": grid.x + grid.pixel_width * np.arange(grid.cols),
    }
    named = {axis: (("y", "x"), layer) for axis, layer in zip(("across", "up"), layers, strict=True)}
    write_zarr(xr.Dataset(named, coords=coords, attrs={"crs": grid.crs}), folder / PLANE)


def _of_kind(run: Run, kind: Kind) -> Run:
    if run.spec.kind != kind:
        raise NotFoundError("run", run.id, f"holds {run.spec.kind}, no {kind}", "choose another")
    return run
