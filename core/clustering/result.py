"""Clusters as a published run: made once for one question, then opened.

run.json          how they were found
clusters.zarr     `labels` (y, x): clusters from 1, 0 = not seen well enough, -1 = noise
clusters.json     specs with everything filled in, the embedding's own words, remarks
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import core
from core.clustering.assign import Clusters, ClusterSpec, find_clusters
from core.clustering.basis import FeatureSpec
from core.clustering.features import read_features
from core.clustering.legend import Edits, edited
from core.clustering.space import principal_space
from core.embedding.result import read_embedding
from core.frames import Grid
from core.schema import NotFoundError, RunSpec
from core.sources.grids import read_zarr, write_zarr
from core.store import Run, Workspace, content_digest, read_json, verify, write_json

if TYPE_CHECKING:
    import xarray as xr

KIND = "clusters"
MAP, FACTS = "clusters.zarr", "clusters.json"
NAMES = "names"  # in the notes of a run: number -> name given by a reader


class Found(NamedTuple):
    """A published run of clusters, and whether it had been there before."""

    run: Run
    clusters: Clusters
    reused: bool


def cluster_run(
    workspace: Workspace, embedding_id: str, features: FeatureSpec | None = None, spec: ClusterSpec | None = None
) -> Found:
    """The clusters of an embedding run in the workspace, found and published first where they are missing."""
    features, spec = features or FeatureSpec(), spec or ClusterSpec()
    made_from = workspace.run(embedding_id)
    asked = RunSpec(
        kind=KIND,
        site=made_from.spec.site,
        input_digest=content_digest(made_from.path),
        version=core.__version__,
        parameters={"embedding": embedding_id, "features": features.to_json(), "clusters": spec.to_json()},
    )
    if any(run.id == asked.id for run in workspace.runs(kind=KIND)):
        return Found(workspace.run(asked.id), open_clusters(workspace, asked.id), reused=True)
    began = time.perf_counter()
    embedding = read_embedding(made_from)
    clusters = find_clusters(principal_space(read_features(embedding, features), seed=spec.seed), spec)
    notes = {"embedding": embedding_id, "k": clusters.spec.k, "seconds": round(time.perf_counter() - began, 3)}
    with workspace.draft_run(asked, notes, resume=False) as folder:
        _write(clusters, folder)
    return Found(workspace.run(asked.id), clusters, reused=False)


def find_kept(workspace: Workspace, embedding: Run, clusters: Clusters, edits: Edits) -> Run | None:
    """The run that holds a map of clusters as a reader keeps it; None if it was not kept."""
    asked = _spec_of_kept(embedding, clusters, edits)
    return next((run for run in workspace.runs(kind=KIND) if run.id == asked.id), None)


def keep_clusters(workspace: Workspace, embedding: Run, clusters: Clusters, edits: Edits) -> Run:
    """Publish clusters as they are on the screen: under the numbers they have there, with merges and names."""
    if (there := find_kept(workspace, embedding, clusters, edits)) is not None:
        return there
    asked, shown = _spec_of_kept(embedding, clusters, edits), edited(clusters, edits)
    names = {str(number): name for number, name in edits.names.items() if number in shown.ids}
    notes = {"embedding": embedding.id, "k": len(shown.ids), NAMES: names}
    with workspace.draft_run(asked, notes, resume=False) as folder:
        _write(shown, folder)
    return workspace.run(asked.id)


def names_of(run: Run) -> dict[int, str]:
    """The names that a reader gave to clusters of a run."""
    return {int(number): str(name) for number, name in run.notes.get(NAMES, {}).items()}


def open_clusters(workspace: Workspace, run_id: str) -> Clusters:
    """The clusters of a whole, undamaged run."""
    run = workspace.run(run_id)
    if run.spec.kind != KIND:
        remedy = "choose one that `python -m core cluster` made"
        raise NotFoundError("run", run_id, f"holds {run.spec.kind}, no clusters", remedy)
    verify(run.path)
    cube, facts = read_zarr(run.path / MAP), read_json(run.path / FACTS)
    return Clusters(
        labels=cube["labels"].values.astype(np.int16),
        spec=ClusterSpec(**facts["clusters"]),
        features=FeatureSpec(**facts["features"]),
        source=dict(facts["source"]),
        grid=Grid.of(cube),
        remarks=tuple(facts["remarks"]),
    )


def _spec_of_kept(embedding: Run, clusters: Clusters, edits: Edits) -> RunSpec:
    """Numbers depend on what was looked at before, so the map itself is part of what it is called by."""
    labels = hashlib.blake2b(np.ascontiguousarray(clusters.labels).tobytes(), digest_size=8).hexdigest()
    how = {"features": clusters.features.to_json(), "clusters": clusters.spec.to_json()}
    return RunSpec(
        kind=KIND,
        site=embedding.spec.site,
        input_digest=content_digest(embedding.path),
        version=core.__version__,
        parameters={"embedding": embedding.id, **how, "edits": edits.to_json(), "map": labels},
    )


def _write(clusters: Clusters, folder: Path) -> None:
    write_zarr(_as_cube(clusters), folder / MAP)
    facts = {"clusters": clusters.spec.to_json(), "features": clusters.features.to_json()}
    write_json(folder / FACTS, facts | {"source": clusters.source, "remarks": list(clusters.remarks)})


def _as_cube(clusters: Clusters) -> xr.Dataset:
    import xarray as xr

    grid = clusters.grid
    coords = {
        "y": grid.y - grid.pixel_height * np.arange(grid.rows),
        "x": grid.x + grid.pixel_width * np.arange(grid.cols),
    }
    attributes = {"crs": grid.crs, "site": clusters.source["site"], "model": clusters.source["model"]}
    return xr.Dataset({"labels": (("y", "x"), clusters.labels)}, coords=coords, attrs=attributes)
