"""What the page reads of stored fits and towers, kept between reruns and sessions under run id or digest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from core.flux.kept import TOWERS, open_kept
from core.gpp import store
from core.gpp.baselines import tower_climatology
from core.schema import SiteInfo
from core.store import Run, content_digest
from core.ui import loaders, state

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

FITS_KEPT = 8


class Fit(NamedTuple):
    """A stored fit, without its model: that stays where it can be loaded without this process."""

    run: Run
    scores: dict[str, Any]
    predictions: pd.DataFrame
    annual: pd.DataFrame

    @property
    def sites(self) -> list[str]:
        return list(self.run.spec.parameters["sites"])


def fits_of(info: SiteInfo) -> list[Run]:
    """Stored fits that a site takes part in, the newest first."""
    runs = loaders.workspace().runs(kind=store.KIND)
    return [run for run in runs if info.id in run.spec.parameters.get("sites", ())]


def settle(info: SiteInfo) -> Run | None:
    """The fit that is looked at; one that the view asks for in vain is replaced by the newest, and that is said."""
    found = {run.id: run for run in fits_of(info)}
    wanted = state.view().fit
    if wanted in found:
        return found[wanted]
    first = next(iter(found), "")
    other = "the newest is shown" if first else "it has none yet"
    state.correct(f"{info.id} has no fit '{wanted}'; {other}." if wanted else "", fit=first)
    return found.get(first)


def fit(run: Run) -> Fit:
    """A whole, undamaged fit."""
    return _fit(run, content_digest(run.path))


def board() -> list[dict[str, Any]]:
    """Every fit of the workspace, the most skilful first."""
    return store.leaderboard(loaders.workspace())


def tower(site_id: str, run: Run | None = None) -> pd.DataFrame | None:
    """The daily series that a fit was judged by: the site's own, or the one that was brought for it."""
    brought = {} if run is None else run.spec.parameters.get("towers", {})
    if site_id in brought:
        path = loaders.workspace().root / TOWERS / brought[site_id]
        return brought_series(path) if path.is_file() else None
    known = next((site for site in loaders.sites() if site.id == site_id), None)
    return loaders.site(site_id).tower if known is not None and known.has_data else None


def brought_series(path: Path) -> pd.DataFrame:
    """A series as `core.ui.gpp.tower` keeps it: gpp, quality, filled."""
    return _brought(str(path), path.stat().st_mtime)


def climatology(series: pd.DataFrame) -> pd.Series:
    return tower_climatology(series)


def maps(path: Path) -> xr.Dataset:
    """Stored maps of a year."""
    return _maps(str(path), path.stat().st_mtime)


# ---------------------------------------------------------------- kept
@st.cache_resource(max_entries=FITS_KEPT, show_spinner=False)
def _fit(_run: Run, digest: str) -> Fit:
    space = loaders.workspace()
    return Fit(
        run=_run,
        scores=store.open_scores(space, _run.id),
        predictions=store.open_predictions(space, _run.id),
        annual=store.open_annual(space, _run.id),
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _brought(path: str, changed: float) -> pd.DataFrame:
    return open_kept(Path(path))


@st.cache_resource(max_entries=2, show_spinner=False)
def _maps(path: str, changed: float) -> xr.Dataset:
    from core.gpp.season import open_season

    return open_season(Path(path))
