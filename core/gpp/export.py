"""A judged model as files for other programs: predictions (CSV, Parquet, NetCDF), scores, model, report, recipe."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import core
from core.flux.kept import TOWERS
from core.gpp.annual import annual_sums
from core.gpp.frames import Frames
from core.gpp.judge import Judgement
from core.gpp.model import GppModel
from core.gpp.report import report
from core.store import Workspace, explained, write_json

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

STANDARD_NAME = "gross_primary_productivity_of_biomass_expressed_as_carbon"  # CF standard name table
GRAM_PER_DAY = "g m-2 d-1"
COLUMNS: Mapping[str, tuple[str, str]] = {  # what each column of the predictions is, and its unit
    "observed": ("gross primary production measured by the tower", GRAM_PER_DAY),
    "predicted": ("gross primary production predicted by a model that never saw the day", GRAM_PER_DAY),
    "low": ("lower end of the 90 % prediction interval", GRAM_PER_DAY),
    "high": ("upper end of the 90 % prediction interval", GRAM_PER_DAY),
    "climatology": ("mean of the training days around the same day of the year", GRAM_PER_DAY),
    "nirv": ("straight line through NIRv", GRAM_PER_DAY),
    "nirv_radiation": ("straight line through NIRv times radiation", GRAM_PER_DAY),
    "dissimilarity": ("dissimilarity to the training data", "1"),
    "outside": ("1 outside the area of applicability", "1"),
    "quality": ("share of the day that was measured", "1"),
}


def export(
    folder: Path,
    judged: Judgement,
    model: GppModel,
    found: Mapping[str, Any],
    frames: Frames,
    source: Mapping[str, Any],
) -> list[str]:
    """Write all files; their names."""
    from core.gpp.store import save_model

    def save(to: Path) -> None:
        save_model(model, to)

    return _write(folder, judged.table(), annual_sums(judged, model, frames), found, recipe(found, source), save)


def export_run(workspace: Workspace, run_id: str, folder: Path) -> list[str]:
    """Write all files of a stored fit, without fitting again; their names."""
    from core.gpp import store
    from core.gpp.sites import Request

    told = workspace.run(run_id).spec.parameters
    names = ("sites", "kinds", "footprint", "runs", "tower_choice", "min_quality")
    towers = {site: workspace.root / TOWERS / name for site, name in told["towers"].items()}
    wanted = Request(**{name: told[name] for name in names}, towers=towers)
    table, sums = store.open_predictions(workspace, run_id), store.open_annual(workspace, run_id)
    found = store.open_scores(workspace, run_id)
    command = recipe(found, {"request": wanted, "how": told})

    def copy(to: Path) -> None:
        shutil.copytree(workspace.run(run_id).path / store.MODEL, to, dirs_exist_ok=True)

    return _write(folder, table, sums, found, command, copy)


def _write(
    folder: Path,
    table: pd.DataFrame,
    sums: pd.DataFrame,
    found: Mapping[str, Any],
    command: str,
    put_model: Callable[[Path], None],
) -> list[str]:
    folder = folder.expanduser()
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        table.to_csv(folder / "predictions.csv", index=False, float_format="%.5g")
        table.to_parquet(folder / "predictions.parquet")
        as_netcdf(table, found).to_netcdf(folder / "predictions.nc", engine="h5netcdf")
        sums.to_csv(folder / "annual.csv", index=False)
        write_json(folder / "scores.json", found)
        put_model(folder / "model")
        (folder / "report.html").write_text(report(found, sums, command), encoding="utf-8")
        (folder / "repeat.sh").write_text(f"{command}\n", encoding="utf-8")
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def as_netcdf(table: pd.DataFrame, found: Mapping[str, Any]) -> xr.Dataset:
    """Predictions on (site, time), with CF names and units."""
    import xarray as xr

    names = [name for name in COLUMNS if name in table]
    cube = xr.Dataset()
    sites, times = np.unique(table["site"].astype(str)), np.unique(table["time"].to_numpy().astype("datetime64[ns]"))
    place = (np.searchsorted(sites, table["site"].astype(str)), np.searchsorted(times, table["time"].to_numpy()))
    for name in names:
        values = np.full((len(sites), len(times)), np.nan)
        values[place] = table[name].astype(float)
        label, unit = COLUMNS[name]
        cube[name] = (("site", "time"), values, {"long_name": label, "units": unit})
    for name in ("observed", "predicted"):
        cube[name].attrs["standard_name"] = STANDARD_NAME
    cube = cube.assign_coords(site=sites.astype(object), time=times)
    return cube.assign_attrs(
        Conventions="CF-1.11",
        title="Gross primary production, held-out predictions",
        source=f"Fluxscape {core.__version__}, {found['model']}, split {found['split']}",
    )


def recipe(found: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """The command that repeats the fit."""
    request = source.get("request")
    how = ["--split", found["split"], "--model", found["model"], "--window", str(found["window"])]
    how += ["--seed", str(found["seed"]), *_told(found["split"], source.get("how", {}))]
    if request is None:
        return shlex.join(["python", "-m", "core", "gpp", "fit", *source.get("arguments", []), *how])
    kinds = ["--features", ",".join(request.kinds)] if request.kinds else []
    runs = [word for run in request.runs.values() for word in ("--run", run)]
    towers = [word for site, path in request.towers.items() for word in ("--tower", f"{site}={path}")]
    more = [*kinds, *runs, *towers, "--footprint", request.footprint, "--min-quality", f"{request.min_quality:g}"]
    return shlex.join(["python", "-m", "core", "gpp", "fit", *request.sites, *more, *how])


def _told(split: str, how: Mapping[str, Any]) -> list[str]:
    """What a stored fit was told about its split."""
    words = ["--folds", str(how["folds"])] if how.get("folds") else []
    if split == "fixed-years" and how:
        for name in ("train_years", "test_years"):
            words += [f"--{name.replace('_', '-')}", ",".join(str(year) for year in how[name])]
    return words
