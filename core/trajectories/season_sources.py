"""What the season of a place is read from, next to each other: its embedding, NDVI and NIRv, and its tower's GPP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.trajectories.paths import Path
from core.trajectories.season import Season, seasons
from core.trajectories.sensors import Seen, index_of
from core.trajectories.vigour import VigourAxis

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from core.trajectories.places import Place

EMBEDDING, TOWER = "embedding", "tower GPP"
INDICES = ("NDVI", "NIRv")
GPP_STEP = 10  # days: a tower's season is read from means of so many, else one cloudy day would end it


def tower_gpp(tower: pd.DataFrame | None) -> Seen | None:
    """Measured daily GPP, gC m-2 d-1; filled days are missing."""
    if tower is None:
        return None
    measured = tower["gpp"].where(~tower["filled"].astype(bool))
    return Seen(tower.index.to_numpy().astype("datetime64[D]"), measured.to_numpy(np.float32))


def index_series(images: xr.Dataset, embedding: xr.Dataset, place: Place) -> dict[str, Seen]:
    """The indices of a place that the images tell."""
    read = {name: index_of(images, embedding, place, name) for name in INDICES}
    return {name: seen for name, seen in read.items() if seen is not None and np.isfinite(seen.values).any()}


def seasons_by_source(
    path: Path, axis: VigourAxis, indices: Mapping[str, Seen], gpp: Seen | None
) -> tuple[list[Season], list[str]]:
    """Every year of a place by every source there is, and a sentence on each year that a source cannot tell.

    The tower's years are those of the path.
    """
    series = {EMBEDDING: Seen(path.days, axis.read(path.values.T))}
    series |= {name: indices[name] for name in INDICES if name in indices}
    if gpp is not None:
        means = stepped(gpp)
        mine = np.isin(means.days.astype("datetime64[Y]"), path.days.astype("datetime64[Y]"))
        if np.isfinite(means.values[mine]).any():
            series[TOWER] = Seen(means.days[mine], means.values[mine])
    told: list[Season] = []
    remarks: list[str] = []
    for source, (days, values) in series.items():
        dated, said = seasons(values, days, source=source)
        told += dated
        remarks += said
    return told, remarks


def stepped(series: Seen) -> Seen:
    """Means of the measured days of each `GPP_STEP` days, at least half of them, at their middle."""
    step = series.days.astype(np.int64) // GPP_STEP
    starts, member = np.unique(step, return_inverse=True)
    known = np.isfinite(series.values)
    count = np.bincount(member, known, len(starts))
    total = np.bincount(member, np.where(known, series.values, 0), len(starts))
    mean = np.where(count >= GPP_STEP / 2, total / np.maximum(count, 1), np.nan)
    return Seen((starts * GPP_STEP + GPP_STEP // 2).astype("datetime64[D]"), mean.astype(np.float32))
