"""What each kind of feature is at a site, in daily columns: of the footprint, the weather, place and date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.gpp import footprint as footprints
from core.gpp.clearsky import NAME as CLEARSKY
from core.gpp.clearsky import clear_sky
from core.gpp.columns import INDICES, indices_of
from core.schema import S1_BANDS, S2_BANDS, InputError
from core.sources.site import Site
from core.store import Run, Workspace

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

EMBEDDING = "embedding"
KINDS: Mapping[str, str] = {  # kind: what it is for a reader
    EMBEDDING: "embedding",
    "bands": "bands",
    "indices": "indices",
    "backscatter": "backscatter",
    "weather": "weather",
    CLEARSKY: "clear-sky radiation",
    "season": "season",
    "tower": "tower",
}
WEATHER_FEATURES = ("temperature", "radiation", "vpd", "precipitation")  # columns of a site's weather that are taken
RADIATION = "radiation"  # of the weather, MJ m-2 d-1


@dataclass(frozen=True)
class Views:
    """A site as its tower's footprint sees it; what is read once serves every kind."""

    site: Site
    weight: xr.DataArray

    @cached_property
    def bands(self) -> pd.DataFrame:
        layers = self.site.cube[list(S2_BANDS)].to_dataarray("layer")
        return _series(footprints.means(layers, self.weight), S2_BANDS).dropna(how="all")


def _series(means: xr.DataArray, names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    index = pd.DatetimeIndex(means[means.dims[1]].values, name="time")
    return pd.DataFrame(means.values.T, index=index, columns=list(names))


def _bands(views: Views) -> pd.DataFrame:
    return views.bands


def indices(views: Views) -> pd.DataFrame:
    """Of the footprint's mean reflectance, which is what the sensor would see of it."""
    return indices_of(views.bands, {band: band for band in S2_BANDS}, INDICES)


def _backscatter(views: Views) -> pd.DataFrame:
    """dB of the mean power."""
    import pandas as pd

    present = [band for band in S1_BANDS if band in views.site.cube]
    if not present:
        return pd.DataFrame()
    power = 10 ** (views.site.cube[present].to_dataarray("layer") / 10)
    seen = _series(footprints.means(power, views.weight), present).dropna(how="all")
    return seen.apply(lambda column: 10 * np.log10(column))


def weather(views: Views) -> pd.DataFrame:
    import pandas as pd

    table = views.site.weather
    if table is None:
        return pd.DataFrame()
    return table[[name for name in WEATHER_FEATURES if name in table]].dropna(how="all", axis=1)


def _clear_sky(views: Views) -> pd.DataFrame:
    import pandas as pd

    site = views.site
    ends = site.cube["time"].values[[0, -1]]
    days = pd.date_range(pd.Timestamp(ends[0]).floor("D"), pd.Timestamp(ends[1]).floor("D"), freq="D", name="time")
    if site.tower is not None:
        days = pd.DatetimeIndex(days.union(pd.DatetimeIndex(site.tower.index)))
    return clear_sky(site.info.lat, site.info.lon, site.info.elevation_m, days).to_frame()


def season(days: pd.DatetimeIndex) -> pd.DataFrame:
    """Where in the year a day lies, as a point on a circle."""
    import pandas as pd

    angle = 2 * np.pi * days.dayofyear.to_numpy() / 365.25
    return pd.DataFrame({"season sin": np.sin(angle), "season cos": np.cos(angle)}, index=days)


def indicators(site: str, sites: Sequence[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    """A 0/1 column for each tower."""
    import pandas as pd

    return pd.DataFrame({f"tower {name}": float(name == site) for name in sites}, index=days)


def embedded(workspace: Workspace, run: Run, weight: xr.DataArray) -> pd.DataFrame:
    """The footprint's mean of a run's embeddings."""
    from core.embedding.result import open_embedding

    cube = open_embedding(workspace, run.id)
    own = weight.reindex(y=cube["y"], x=cube["x"], method="nearest", tolerance=1.0).fillna(0.0)
    if not float(own.sum()) > 0:
        raise InputError("run", run.id, "does not cover the tower's footprint", "embed the whole site")
    names = [f"embedding {turn + 1}" for turn in range(cube.sizes["feature"])]
    return _series(footprints.means(cube["features"], own / own.sum()), names).dropna(how="all")


LAYERS: Mapping[str, Callable[[Views], pd.DataFrame]] = {
    "bands": _bands,
    "indices": indices,
    "backscatter": _backscatter,
    "weather": weather,
    CLEARSKY: _clear_sky,
}
