"""Files that hold embeddings become a published run, which everything later opens like one of our own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import core
from core.embedding.result import KIND
from core.progress import Progress
from core.schema import InputError, RunSpec
from core.sources.crs import Box
from core.sources.embeddings.fill import Tally, fill
from core.sources.embeddings.grid import VALUES_AT_MOST, Grid
from core.sources.embeddings.look import gather
from core.sources.embeddings.place import Home, add_entry
from core.sources.embeddings.settle import settle
from core.sources.embeddings.stack import Source
from core.store import Run, Workspace, verify

if TYPE_CHECKING:
    import xarray as xr


class Loaded(NamedTuple):
    """The published run, whether it had been there before, and what is odd about the files, a sentence each."""

    run: Run
    reused: bool
    remarks: tuple[str, ...]


def look(paths: Sequence[Path | str], *, model: str | None = None, date: str | None = None) -> Source:
    """What the files hold, before anything is made of them; quick, no pixel is read."""
    return gather(paths, model=model, date=date)


def load_embedding(
    workspace: Workspace,
    paths: Sequence[Path | str],
    *,
    site: str | None = None,
    model: str | None = None,
    date: str | None = None,
    crs: str | None = None,
    bbox: Box | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Publish the embedding in `paths` as a run of `site`.

    Without `site` it is the one site of the workspace that lies there. A name that no site has makes a site that holds
    embeddings alone. `model` names the model where the files do not; `date` the day ("2021-07-14") or year ("2021") of
    files that state none; `crs` the CRS where they state none or a wrong one. `bbox` is west, south, east, north in
    metres of the result's CRS; at a site with images of its own, what lies beyond them is left out anyway.
    """
    source = gather(paths, model=model, date=date)
    own = _own_run(workspace, paths)
    if own is not None and site in (None, own.spec.site) and bbox is None:
        return Loaded(own, reused=True, remarks=(f"{own.id} is in this workspace already.",))
    placed = settle(workspace, source, site=site, crs=crs, bbox=bbox)
    source, home, grid = placed.source, placed.home, placed.grid
    _check_size(source, grid)
    spec = _spec(source, home, grid)
    stored = next((found for found in workspace.runs(kind=KIND) if found.id == spec.id), None)
    if stored is not None:
        verify(stored.path)
        return Loaded(stored, reused=True, remarks=tuple(stored.notes.get("remarks", ())))
    notes: dict[str, Any] = {}
    began = time.perf_counter()
    with workspace.draft_run(spec, notes, resume=False) as folder:
        tally = fill(folder, _outline(source, home, grid), source.stacks, grid, _layers(source), progress)
        _check_anything_there(source, tally)
        remarks = (*source.remarks, *placed.remarks, *tally.remarks(unit_length=source.stacks[0].unit_length))
        notes.update(_notes(source, grid, tally, time.perf_counter() - began, remarks))
        if not home.stored:
            add_entry(workspace, home, grid)
    return Loaded(workspace.run(spec.id), reused=False, remarks=remarks)


def _own_run(workspace: Workspace, paths: Sequence[Path | str]) -> Run | None:
    """The run of this very workspace that is given as a folder, if it is."""
    folders = {Path(path).expanduser().absolute() for path in paths}
    return next((run for run in workspace.runs(kind=KIND) if folders == {run.path}), None)


def _check_size(source: Source, grid: Grid) -> None:
    values = source.size * len(source.times) * len(grid.y) * len(grid.x)
    if values > VALUES_AT_MOST:
        shown = f"{len(grid.y)} x {len(grid.x)} pixels, {len(source.times)} dates, {source.size} values"
        raise InputError("area", shown, f"takes {values * 4 / 1e9:.0f} GB", "load a part of it with --bbox")


def _check_anything_there(source: Source, tally: Tally) -> None:
    if not tally.embedded:
        said = " ".join(tally.remarks(unit_length=False)) or "Every value is missing."
        problem = f"holds no embedding in this area ({said.rstrip('.')})"
        raise InputError("path", source.stacks[0].name, problem, "check the file, the area and the CRS")


def _spec(source: Source, home: Home, grid: Grid) -> RunSpec:
    west, south, east, north = grid.bounds
    return RunSpec(
        kind=KIND,
        site=home.info.id,
        input_digest=source.digest,
        version=core.__version__,
        parameters={
            "loaded": source.form,
            "model": source.maker.model,
            "model_version": source.maker.version,
            "dates": [str(day) for day in (source.times[0], source.times[-1])],
            "crs": grid.crs,
            "bounds": [west, south, east, north],
            "pixel_m": grid.pixel_m,
        },
    )


def _outline(source: Source, home: Home, grid: Grid) -> xr.Dataset:
    """The coordinates of the result, and what it says of itself."""
    import xarray as xr

    first = source.stacks[0]
    return xr.Dataset(
        coords={"feature": np.arange(source.size), "time": source.times, "y": grid.y, "x": grid.x},
        attrs={
            "licence": "",
            "provenance": "",
            "input_digest": source.digest,
            **first.attrs,
            "site": home.info.id,
            "title": home.info.title,
            "crs": grid.crs,
            "simulated": int(any(stack.simulated for stack in source.stacks)),
            "model": source.maker.model,
            "preset": source.maker.preset,
            "weights_digest": source.maker.weights_digest,
            "version": source.maker.version,
            "loaded_from": source.form,
            "loaded_by": core.__version__,
            "whole_years": int(first.years),
        },
    )


def _layers(source: Source) -> dict[str, dict[str, Any]]:
    """The trust layers that every stack has."""
    shared = set.intersection(*(set(stack.layers) for stack in source.stacks))
    return {name: dict(layer.attrs) for name, layer in source.stacks[0].layers.items() if name in shared}


def _notes(source: Source, grid: Grid, tally: Tally, seconds: float, remarks: Sequence[str]) -> dict[str, Any]:
    """As the engine's notes of a run it has made."""
    days = np.datetime_as_string(source.times, unit="D")
    seconds = max(round(seconds, 3), 0.001)
    return {
        "model": source.maker.model,
        "start": str(days[0]),
        "end": str(days[-1]),
        "dates": len(days),
        "rows": len(grid.y),
        "cols": len(grid.x),
        "pixel_dates": tally.embedded,
        "seconds": seconds,
        "pixel_dates_per_second": round(tally.embedded / seconds, 1),
        "loaded": source.form,
        "files": [stack.name for stack in source.stacks][:20],
        "remarks": list(remarks),
    }
