"""Thirty simulated flux towers as daily tables: what GPP models are fitted to and judged by, site against site."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from core.progress import Progress
from core.schema import S1_BANDS, S2_BANDS
from core.simulate.arrays import Floats
from core.simulate.site import SimulatedSite, simulate
from core.simulate.spec import SiteSpec
from core.simulate.variants import tower_specs

SIZE = 32  # pixels: the footprint and little more
SEED = 12  # with it the yearly sums of all thirty stay within what their classes are known to take up
LEAST_CLEAR = 0.5  # share of the footprint that must be clear for a date to count


@dataclass(frozen=True, kw_only=True)
class TowerTable:
    """`sites` has one row a tower; `daily` one row a tower and day; `truth` the same days, never for features.

    `daily` columns: site, time, the weather, the ten Sentinel-2 bands (footprint mean, NaN without a clear view),
    clear_share (of the footprint, NaN without an overpass), VV and VH (dB, NaN without an acquisition), gpp, quality,
    filled. `truth` columns: site, time, gpp, leaf_area, water_stress, capacity.
    """

    sites: pd.DataFrame
    daily: pd.DataFrame
    truth: pd.DataFrame


def simulate_towers(progress: Progress | None = None, *, specs: Mapping[str, SiteSpec] | None = None) -> TowerTable:
    """All thirty towers (or those of `specs`), 2019 to 2022; the same for everyone, for ever."""
    specs = tower_specs() if specs is None else specs
    daily, truth = [], []
    for turn, spec in enumerate(specs.values()):
        if progress:
            progress(turn / len(specs), f"Simulating tower {spec.id} ({turn + 1} of {len(specs)})")
        site = simulate(spec, seed=SEED, size=SIZE)
        daily.append(_labelled(tower_days(site), spec.id))
        truth.append(_labelled(_true_days(site), spec.id))
    if progress:
        progress(1.0, "Done")
    return TowerTable(
        sites=_site_table(specs),
        daily=pd.concat(daily, ignore_index=True),
        truth=pd.concat(truth, ignore_index=True),
    )


def tower_days(site: SimulatedSite) -> pd.DataFrame:
    """Daily table of one site: weather, footprint means of both sensors, tower."""
    weights = site.truth["footprint"].values.astype(np.float64)
    optical = footprint_means(site.cube, weights, S2_BANDS)
    radar = site.cube[list(S1_BANDS)]
    backscatter = footprint_means(10 ** (radar / 10), weights, S1_BANDS).drop(columns="clear_share")
    for band in S1_BANDS:
        backscatter[band] = 10 * np.log10(backscatter[band])
    table = site.weather.join(optical).join(backscatter).join(site.tower)
    hidden = table["clear_share"] < LEAST_CLEAR
    table.loc[hidden, list(S2_BANDS)] = np.nan
    return table


def footprint_means(cube: xr.Dataset, weights: Floats, bands: tuple[str, ...]) -> pd.DataFrame:
    """Means of `bands` over the clear part of the footprint `weights` (y, x), and how large that part is, by date."""
    valid = np.isfinite(cube[bands[0]].values)
    clear = (valid * weights).sum(axis=(1, 2))
    columns = {}
    for band in bands:
        seen = np.where(valid, cube[band].values, 0.0)
        columns[band] = (seen * weights).sum(axis=(1, 2)) / np.where(clear > 0, clear, np.nan)
    dates = cube[bands[0]].dims[0]
    index = pd.DatetimeIndex(cube[dates].values, name="time")
    return pd.DataFrame(columns | {"clear_share": clear / weights.sum()}, index=index)


def _true_days(site: SimulatedSite) -> pd.DataFrame:
    """Hidden state at the tower: of the patch it stands in, but the uptake of its whole footprint."""
    middle = site.cube.sizes["y"] // 2
    own = site.truth.sel(patch=int(site.truth["patch_map"][middle, middle]))
    columns = {name: own[name].values for name in ("leaf_area", "water_stress", "capacity")}
    index = pd.DatetimeIndex(site.truth["day"].values, name="time")
    return pd.DataFrame({"gpp": site.truth["tower_gpp"].values} | columns, index=index)


def _labelled(table: pd.DataFrame, site_id: str) -> pd.DataFrame:
    table = table.reset_index()
    table.insert(0, "site", site_id)
    return table


def _site_table(specs: Mapping[str, SiteSpec]) -> pd.DataFrame:
    columns = ("id", "title", "igbp", "lat", "lon", "elevation_m")
    rows = [{name: getattr(spec, name) for name in columns} for spec in specs.values()]
    return pd.DataFrame(rows).rename(columns={"id": "site"})
