"""Long work on small sites, as the command line does it: embed, fetch, and the fit of GPP. Each can be killed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from core.__main__ import main
from core.embedding.engine import run
from core.embedding.plan import plan
from core.schema import S2_BANDS, SiteInfo
from core.sources.site import write_site
from core.store import Workspace, stored_files
from tests.core.embedding.conftest import cloudy_cube
from tests.core.sources.stac.conftest import MEADOW, Service
from tests.faults.bench import LAT, LON
from tests.small_models import small_weights

CHUNK = (3, 8, 8)  # 12 blocks
# These tell when they were made, the regressor by the times in its archive; what it predicts is in annual.parquet.
DIFFERS = {"run.json", "site.json", "model/regressor.skops"}
HEAVY = (  # imported before any process is split off, so that kills hit work and not imports
    "core.gpp.fit", "core.gpp.regressors.classic", "core.sources.stac.fetch", "core.sources.stac.search",
    "sklearn.linear_model", "sklearn.ensemble", "sklearn.neighbors", "skops.io", "pvlib", "pystac_client",
    "rasterio.warp", "planetary_computer", "zarr.codecs", "pyarrow.parquet",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Work:
    """`prepare` a workspace, then `do` it there; the result is the one thing on `shelf` that was not there before."""

    shelf: str
    prepare: Callable[[Path], Workspace]
    do: Callable[[Workspace], None]

    def result(self, workspace: Workspace, before: set[str]) -> dict[str, str]:
        """The digest of every file of the result, but for those that tell when it was made."""
        (made,) = {path.name for path in (workspace.root / self.shelf).glob("[!.]*")} - before
        files = stored_files(workspace.root / self.shelf / made)
        return {f"{made}/{name}": file["sha256"] for name, file in files.items() if name not in DIFFERS}


def works(folder: Path, service: Service) -> Mapping[str, Work]:
    for name in HEAVY:
        importlib.import_module(name)
    weights = small_weights(folder / "weights")
    lat, lon = MEADOW
    place = ["--lat", str(lat), "--lon", str(lon), "--size", "0.4", "--start", "2021-01-01", "--end", "2022-12-31"]
    fetch = ["fetch", *place, "--api", service.api, "--site", "meadow", "--json"]
    fit = ["gpp", "fit", "GROWN", "--features", "bands,weather", "--model", "ridge", "--split", "blocked", "--json"]
    return {
        "embed": Work(shelf="runs", prepare=_cloudy, do=lambda space: _embed(space, weights)),
        "fetch": Work(shelf="sites", prepare=_empty, do=lambda space: _command(space, fetch)),
        "fit": Work(shelf="runs", prepare=_grown, do=lambda space: _command(space, fit)),
    }


def _embed(workspace: Workspace, weights: Path) -> None:
    run(workspace, plan(workspace, "CLOUDY", model=weights, chunk=CHUNK))


def _command(workspace: Workspace, words: list[str]) -> None:
    code = main([*words, "--workspace", str(workspace.root)])
    assert code == 0, f"{words[0]} ended with {code}"


# ---------------------------------------------------------------- what it works on
def _empty(folder: Path) -> Workspace:
    return Workspace(folder / "workspace")


def _cloudy(folder: Path) -> Workspace:
    workspace = _empty(folder)
    info = SiteInfo(id="CLOUDY", kind="simulated", title="A cloudy site", lat=50.0, lon=9.5, igbp="GRA")
    write_site(workspace, info=info, cube=cloudy_cube())
    return workspace


def _grown(folder: Path) -> Workspace:
    """Two years of a small meadow whose uptake follows its greenness."""
    workspace = _empty(folder)
    dice = np.random.default_rng(4)
    days = pd.date_range("2020-01-01", "2021-12-31", name="time")
    season = (1 - np.cos(2 * np.pi * days.dayofyear.to_numpy() / 365)) / 2
    seen = days[::8]
    green = season[::8, None, None] * dice.uniform(0.8, 1.2, (len(seen), 12, 10))
    layers = {
        name: (("time", "y", "x"), (0.05 + 0.03 * place * green).astype(np.float32))
        for place, name in enumerate(S2_BANDS)
    }
    axes = {"time": seen, "y": 5_538_115.0 - 10 * np.arange(12), "x": 535_825.0 + 10 * np.arange(10)}
    cube = xr.Dataset(layers, coords=axes, attrs={"crs": "EPSG:32632"})
    light, warmth = 4 + 15 * season, 2 + 16 * season
    weather = pd.DataFrame({"temperature": warmth, "precipitation": 1.0, "radiation": light}, index=days)
    gpp = 9 * season**1.5 + dice.normal(0, 0.4, len(days))
    tower = pd.DataFrame({"gpp": gpp, "quality": 1.0, "filled": False}, index=days)
    tower.attrs["column"] = "GPP_NT_VUT_REF"
    info = SiteInfo(id="GROWN", kind="files", title="A meadow", lat=LAT, lon=LON, igbp="GRA", provenance="made by hand")
    write_site(workspace, info=info, cube=cube, weather=weather, tower=tower)
    return workspace
