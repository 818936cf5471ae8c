"""The axes that paths are drawn on: principal components fitted once for a model, so that sites and years share them.

The axes are a run of their own in the workspace, named after the weights they belong to. They are fitted when first
asked for, on equal samples of every embedding of those weights that the workspace then holds, and stay: a run added
later is drawn on the axes that stand. `refit` makes new ones of all runs there are, which then hold for all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import core
from core.embedding.result import KIND as EMBEDDINGS
from core.embedding.result import read_embedding
from core.embedding.sample import draw
from core.schema import InputError, RunSpec
from core.store import Run, Workspace, read_json, verify, write_json
from core.trajectories.paths import FEATURES, Path, source_of

if TYPE_CHECKING:
    import xarray as xr

KIND = "axes"
FILE = "axes.json"
AXES = 3  # a view has two or three
SAMPLE = 6_000  # pixel-dates of each run
MOST_RUNS = 12  # the newest; more would only take longer
REMEDY = "embed a longer period or a larger area"
OUTLIERS = 0.01  # of a sample, the furthest from its middle: leftover cloud decides no axis
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Basis:
    """Principal components of a model's embeddings."""

    weights: str  # digest of the model's weights; "" where the embedding names none
    model: str
    centre: Floats  # (D,)
    axes: Floats  # (D, 3), zero where there are fewer
    explained: Floats  # (3,) share of the variance, 0..1
    fitted_on: tuple[str, ...]  # ids of the runs

    def project(self, values: NDArray[np.floating]) -> Floats:
        """Scores (..., 3) of values (..., D), NaN where a value is missing."""
        return np.asarray((values - self.centre) @ self.axes)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"PC{turn + 1} ({100 * share:.0f} %)" for turn, share in enumerate(self.explained))


def basis_for(workspace: Workspace, run_id: str, *, refit: bool = False) -> Basis:
    """The axes that the embedding of a run is drawn on, fitted and published first where the model has none."""
    run = workspace.run(run_id)
    cube = read_embedding(run)
    source = source_of(cube)
    standing = None if refit else _standing(workspace, source, cube.sizes["feature"])
    if standing is not None:
        return standing
    used = _of_the_same_weights(workspace, run, cube)
    basis = fit(list(used.values()), list(used))
    name = re.sub(r"[^A-Za-z0-9_-]", "-", source["model"] or run.spec.site).strip("-_")[:40] or "model"
    spec = RunSpec(
        kind=KIND,
        site=name,  # axes belong to a model, not to a site
        input_digest=source["weights"],
        version=core.__version__,
        parameters={"runs": list(used), "model": source["model"]},
    )
    if all(axes.id != spec.id for axes in workspace.runs(kind=KIND)):
        with workspace.draft_run(spec, {"model": source["model"]}, resume=False) as folder:
            write_json(folder / FILE, _to_json(basis))
    return basis


def fit(embeddings: Sequence[xr.Dataset], names: Sequence[str]) -> Basis:
    """Axes of embeddings of one model, each counting alike."""
    from sklearn.decomposition import PCA

    samples = [_inner(draw(cube[FEATURES], size=SAMPLE).values.astype(np.float64)) for cube in embeddings]
    values = np.concatenate(samples)
    if len(values) <= AXES:
        raise InputError("embedding", names[0], f"has {len(values)} clear pixel-dates, too few for axes", REMEDY)
    count = min(AXES, values.shape[1])
    least = min(len(sample) for sample in samples)
    alike = np.concatenate([sample[np.linspace(0, len(sample) - 1, least).astype(int)] for sample in samples])
    values = alike if len(alike) > count else values
    found = PCA(count, svd_solver="full").fit(values)
    axes, explained = np.zeros((values.shape[1], AXES)), np.zeros(AXES)
    axes[:, :count], explained[:count] = found.components_.T, np.nan_to_num(found.explained_variance_ratio_)
    tails = (((values - found.mean_) @ axes) ** 3).sum(axis=0)  # an axis points to the longer tail
    source = source_of(embeddings[0])
    return Basis(
        weights=source["weights"],
        model=source["model"],
        centre=found.mean_,
        axes=axes * np.where(tails < 0, -1, 1),
        explained=explained,
        fitted_on=tuple(names),
    )


def scores(basis: Basis, path: Path) -> Floats:
    """A path on the axes (t, 3); refused where it was made by another model."""
    if path.source["weights"] != basis.weights or path.dims != len(basis.centre):
        mine, theirs = path.source["model"] or "another model", basis.model or "an unnamed model"
        problem = f"has axes of its own and cannot be drawn on those of {theirs}"
        raise InputError("model", mine, problem, "align the two first, or choose runs of one model")
    return basis.project(path.values.astype(np.float64))


# ---------------------------------------------------------------- inside
def _inner(values: Floats) -> Floats:
    """The sample but for those furthest from its middle."""
    distance = np.linalg.norm(values - np.median(values, axis=0), axis=1)
    return values[distance <= np.quantile(distance, 1 - OUTLIERS)] if len(values) else values


def _standing(workspace: Workspace, source: dict[str, str], dims: int) -> Basis | None:
    """The newest axes of these weights."""
    for run in workspace.runs(kind=KIND):
        if run.spec.input_digest == source["weights"] and run.spec.parameters.get("model") == source["model"]:
            verify(run.path)
            basis = _from_json(read_json(run.path / FILE))
            if len(basis.centre) == dims:
                return basis
    return None


def _of_the_same_weights(workspace: Workspace, asked: Run, cube: xr.Dataset) -> dict[str, xr.Dataset]:
    """The embedding that was asked for and others of its weights, by the run's id in order."""
    source, found = source_of(cube), {asked.id: cube}
    for run in workspace.runs(kind=EMBEDDINGS):
        if run.id == asked.id or len(found) == MOST_RUNS:
            continue
        if run.spec.parameters.get("weights", "") not in ("", source["weights"]):
            continue
        other, dims = read_embedding(run), cube.sizes["feature"]
        theirs = source_of(other)
        if all(theirs[name] == source[name] for name in ("weights", "model")) and other.sizes["feature"] == dims:
            found[run.id] = other
    return dict(sorted(found.items()))


def _to_json(basis: Basis) -> dict[str, object]:
    return {
        "weights": basis.weights,
        "model": basis.model,
        "centre": basis.centre.tolist(),
        "axes": basis.axes.tolist(),
        "explained": basis.explained.tolist(),
        "fitted_on": list(basis.fitted_on),
    }


def _from_json(data: dict[str, object]) -> Basis:
    return Basis(
        weights=str(data["weights"]),
        model=str(data["model"]),
        centre=np.array(data["centre"], float),
        axes=np.array(data["axes"], float),
        explained=np.array(data["explained"], float),
        fitted_on=tuple(data["fitted_on"]),  # type: ignore[arg-type]
    )
