"""A judged model as a run of the workspace, and models on disk.

    run.json, scores.json, predictions.parquet, annual.parquet
    model/model.json           everything but numbers
          arrays.safetensors   interval and area of applicability
          regressor.skops      of a classic regressor; or
          regressor.safetensors, regressor.json   of a sequence model

Nothing is ever unpickled: skops refuses every type that is not on the list below.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import core
from core.gpp.annual import annual_sums
from core.gpp.applicability import Area
from core.gpp.frames import Frames
from core.gpp.intervals import Band, ErrorScale
from core.gpp.judge import Judgement
from core.gpp.model import GppModel
from core.gpp.regressors import REGRESSORS, get_entry
from core.gpp.regressors.classic import Classic
from core.gpp.regressors.sequence import Sequence
from core.gpp.sites import Request
from core.schema import FormatError, NotFoundError, RunSpec
from core.sources.formats import reading
from core.sources.tables import read_parquet
from core.store import Run, Workspace, content_digest, read_json, verify, write_json

if TYPE_CHECKING:
    import pandas as pd

KIND = "gpp"
SCORES, PREDICTIONS, ANNUAL, MODEL = "scores.json", "predictions.parquet", "annual.parquet", "model"
SEVERAL = "SITES"  # stands for the site of a run that was fitted to more than one
TRUSTED = frozenset(
    {
        "core.gpp.regressors.classic.quick_optimum",
        "core.gpp.regressors.light_use.LightUse",
        "core.gpp.regressors.readout.Readout",
        "core.gpp.regressors.some_rows.SomeRows",
        "core.gpp.regressors.unusual.Unusual",
        "numpy.clip",
        "numpy.dtype",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        *(
            f"sklearn.gaussian_process.kernels.{kernel}"
            for kernel in ("ConstantKernel", "DotProduct", "Product", "RBF", "Sum", "WhiteKernel")
        ),
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
    }
)


# ---------------------------------------------------------------- runs
def run_spec(
    workspace: Workspace, request: Request, *, model: str, split: str, window: int, seed: int, how: Mapping[str, Any]
) -> RunSpec:
    """All that decides a fit to sites. `request` names the embedding runs it takes."""
    inputs = [content_digest(workspace.site_path(site)) for site in request.sites]
    inputs += [content_digest(workspace.run(run).path) for run in request.runs.values()]
    return RunSpec(
        kind=KIND,
        site=request.sites[0] if len(request.sites) == 1 else SEVERAL,
        input_digest=" ".join(inputs),
        version=core.__version__,
        parameters={
            **request.to_json(),
            "model": model,
            "split": split,
            "window": window,
            "seed": seed,
            **how,
        },
    )


def publish(workspace: Workspace, spec: RunSpec, judged: Judgement, model: GppModel, found: Any, frames: Frames) -> Run:
    """Store all of a fit as a run; a run that stands already stays."""
    notes = {name: found[name] for name in ("model", "split", "n", "groups", "r2", "rmse", "skill", "coverage")}
    if not any(run.id == spec.id for run in workspace.runs(kind=KIND)):
        with workspace.draft_run(spec, notes, resume=False) as folder:
            fill(folder, judged, model, found, frames)
    return workspace.run(spec.id)


def fill(folder: Path, judged: Judgement, model: GppModel, found: Mapping[str, Any], frames: Frames) -> None:
    """Write the files of a fit into a folder."""
    write_json(folder / SCORES, found)
    judged.table().to_parquet(folder / PREDICTIONS)
    annual_sums(judged, model, frames).to_parquet(folder / ANNUAL)
    save_model(model, folder / MODEL)


def open_predictions(workspace: Workspace, run_id: str) -> pd.DataFrame:
    """One row a held-out day, as `Judgement.table` has it."""
    return read_parquet(_path(workspace, run_id) / PREDICTIONS)


def open_scores(workspace: Workspace, run_id: str) -> dict[str, Any]:
    return read_json(_path(workspace, run_id) / SCORES)


def open_annual(workspace: Workspace, run_id: str) -> pd.DataFrame:
    """One row a tower and year, as `annual_sums` has it."""
    return read_parquet(_path(workspace, run_id) / ANNUAL)


def open_model(workspace: Workspace, run_id: str) -> GppModel:
    return load_model(_path(workspace, run_id) / MODEL)


def _path(workspace: Workspace, run_id: str) -> Path:
    run = workspace.run(run_id)
    if run.spec.kind != KIND:
        raise NotFoundError("run", run_id, f"holds {run.spec.kind}, no GPP model", "choose one of `core gpp fit`")
    return verify(run.path)


# ---------------------------------------------------------------- models
def save_model(model: GppModel, folder: Path) -> None:
    """Write a model so that it can be opened without trusting it."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    area = {name: np.atleast_1d(np.asarray(value, dtype=float)) for name, value in vars(model.area).items()}
    band = {
        "centres": model.band.scale.centres,
        "sizes": model.band.scale.sizes,
        "limit": np.atleast_1d(float(model.band.limit)),
    }
    arrays = {f"area.{k}": v for k, v in area.items()} | {f"band.{k}": v for k, v in band.items()}
    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / "arrays.safetensors")
    told = {
        "name": model.name,
        "parameters": dict(model.regressor.parameters),  # type: ignore[attr-defined]
        "columns": list(model.groups.items()),
        "radiation": model.radiation,
        "window": model.window,
        "request": dict(model.request),
        "version": core.__version__,
    }
    write_json(folder / "model.json", told)
    if isinstance(model.regressor, Sequence):
        from models.gpp import save

        save(model.regressor.model_, folder / "regressor")
    elif isinstance(model.regressor, Classic):
        import skops.io

        skops.io.dump(model.regressor.pipeline_, folder / "regressor.skops")


def load_model(folder: Path) -> GppModel:
    """Open what `save_model` wrote; FormatError for anything else."""
    from safetensors.numpy import load_file

    told = read_json(folder / "model.json")
    with reading(folder, "a GPP model"):
        arrays = load_file(folder / "arrays.safetensors")
        area = {name.partition(".")[2]: value for name, value in arrays.items() if name.startswith("area.")}
        scalars = {name: float(area.pop(name)[0]) for name in ("unit", "threshold")}
        band = Band(ErrorScale(arrays["band.centres"], arrays["band.sizes"]), float(arrays["band.limit"][0]))
        if told["name"] not in REGRESSORS:
            raise FormatError("model", told["name"], "is no regressor known here", "update Fluxscape")
        return GppModel(
            name=told["name"],
            regressor=_regressor(told, folder),
            groups=dict(told["columns"]),
            radiation=told["radiation"],
            window=told["window"],
            area=Area(**area, **scalars),  # type: ignore[arg-type]
            band=band,
            request=told["request"],
        )


def _regressor(told: Mapping[str, Any], folder: Path) -> Any:
    regressor: Any = get_entry(told["name"]).make(told["parameters"], 0)
    if isinstance(regressor, Sequence):
        from models.gpp import load

        regressor.model_ = load(folder / "regressor")
        return regressor
    import skops.io

    path = folder / "regressor.skops"
    trusted = TRUSTED | get_entry(told["name"]).types
    strange = set(skops.io.get_untrusted_types(file=path)) - trusted
    if strange:
        problem = f"holds types that a GPP model has no use for: {', '.join(sorted(strange)[:3])}"
        raise FormatError("model", path.name, problem, "do not trust this file")
    regressor.pipeline_ = skops.io.load(path, trusted=sorted(trusted))
    return regressor


def leaderboard(workspace: Workspace) -> list[dict[str, Any]]:
    """Every fit in the workspace, the most skilful first."""
    rows = [
        {
            "run": run.id,
            "sites": list(run.spec.parameters["sites"]),
            "features": list(run.spec.parameters["kinds"]),
            "made": run.made.isoformat(timespec="seconds"),
            **run.notes,
        }
        for run in workspace.runs(kind=KIND)
    ]
    return sorted(rows, key=lambda row: -(row["skill"] if row["skill"] is not None else -1e9))
