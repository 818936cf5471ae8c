"""Start, peak and end of the season as maps: of each year, and how far a year differs from the mean of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.progress import Report
from core.schema import InputError
from core.trajectories.find import READING, read_vigour
from core.trajectories.season import FEWEST, SeasonMap, difference_to_mean, season_map
from core.trajectories.vigour import VigourAxis

if TYPE_CHECKING:
    import xarray as xr

SeasonMaps = Mapping[int, SeasonMap]  # by year
ACROSS = 0.15  # of a pixel's own yearly span: a flatter one, as of water and roofs, has no season to date
SPAN = (5.0, 95.0)  # %


def season_maps(embedding: xr.Dataset, axis: VigourAxis, *, report: Report = lambda share: None) -> SeasonMaps:
    """The season of every pixel in every year in which any pixel can tell one.

    Pixels that swing less than `ACROSS` of the site's widest swing have none.
    """
    days = embedding["time"].values
    vigour = read_vigour(embedding, axis, report=lambda share: report(READING * share))
    enough = np.isfinite(vigour).sum(axis=0) >= FEWEST
    if not enough.any():
        problem = f"has no pixel seen on {FEWEST} dates, so that none can tell a season"
        raise InputError("embedding", str(embedding.attrs.get("site", "")), problem, "embed a longer period")
    swing = np.full(enough.shape, np.nan)
    low, high = np.nanpercentile(vigour[:, enough], SPAN, axis=0)
    swing[enough] = high - low
    steady = ~(swing >= ACROSS * np.nanmax(swing))
    vigour = np.where(steady, np.float32(np.nan), vigour)
    years = np.unique(days.astype("datetime64[Y]")).astype(int) + 1970
    found = {}
    for turn, year in enumerate(years.tolist()):
        report(READING + (1 - READING) * turn / len(years))
        found[year] = season_map(vigour, days, year)
    told = {year: one for year, one in found.items() if np.isfinite(one.peak).any()}
    if not told:
        problem = f"has no year with {FEWEST} clear dates of any pixel, spread over it"
        raise InputError("embedding", str(embedding.attrs.get("site", "")), problem, "embed a longer period")
    return told


def later_than_usual(maps: SeasonMaps, year: int) -> SeasonMap | None:
    """Days by which a year's dates are later than the mean of the other years; None where there is no other year."""
    return difference_to_mean(dict(maps), year) if len(maps) > 1 else None
