"""The table of 30 simulated flux towers, kept as a run of the workspace: what GPP models are fitted to and judged by.

Its truth is opened by a function of its own, so that no code can take it for a feature by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import core
from core.progress import Progress
from core.schema import NotFoundError, RunSpec
from core.simulate.spec import SIMULATOR_VERSION
from core.sources.demo import until_stored
from core.sources.tables import read_parquet
from core.store import Run, Workspace, verify

if TYPE_CHECKING:
    import pandas as pd

    from core.simulate import TowerTable

KIND = "tower-table"
SITES = "sites.parquet"
DAILY = "daily.parquet"
TRUTH = "truth/daily.parquet"


@dataclass(frozen=True, kw_only=True, eq=False)
class TowerRecords:
    """`sites`: one row a tower (site, title, igbp, lat, lon, elevation_m); `daily`: one row a tower and day."""

    run: Run
    sites: pd.DataFrame
    daily: pd.DataFrame  # site, time, weather, bands, backscatter, gpp, quality, filled; see core.simulate.TowerTable


def table_spec() -> RunSpec:
    """What makes the table: the simulator's version and nothing else."""
    return RunSpec(
        kind=KIND, site="SIM-TOWERS", input_digest=f"simulator {SIMULATOR_VERSION}", version=core.__version__
    )


def ensure_tower_table(workspace: Workspace, *, progress: Progress | None = None) -> Run:
    """The table of this simulator's version; simulated and published first (a minute or two) where it is missing."""
    stored = _stored(workspace)
    if stored is not None:
        return stored
    with workspace.draft_run(table_spec(), {}, resume=False) as folder:
        from core.simulate import simulate_towers

        fill_tower_table(folder, simulate_towers(progress=until_stored(progress)))
    return workspace.run(table_spec().id)


def fill_tower_table(folder: Path, table: TowerTable) -> None:
    """Write the table's files into a draft of the workspace."""
    (folder / TRUTH).parent.mkdir()
    for part, name in ((table.sites, SITES), (table.daily, DAILY), (table.truth, TRUTH)):
        part.to_parquet(folder / name)


def open_tower_table(workspace: Workspace) -> TowerRecords:
    """The table as it is stored; NotFoundError if it is still to be made."""
    run = _needed(workspace)
    return TowerRecords(run=run, sites=read_parquet(run.path / SITES), daily=read_parquet(run.path / DAILY))


def open_tower_truth(workspace: Workspace) -> pd.DataFrame:
    """The hidden state at each tower and day, to compare results with; never an input of a model."""
    return read_parquet(_needed(workspace).path / TRUTH)


def _stored(workspace: Workspace) -> Run | None:
    """The table of this simulator, whichever version of Fluxscape stored it."""
    wanted = table_spec().input_digest
    return next((run for run in workspace.runs(kind=KIND) if run.spec.input_digest == wanted), None)


def _needed(workspace: Workspace) -> Run:
    run = _stored(workspace)
    if run is None:
        remedy = "make it with: python -m core simulate --towers"
        raise NotFoundError("tower table", KIND, f"is not in the workspace {workspace.root}", remedy)
    verify(run.path)
    return run
