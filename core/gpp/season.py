"""GPP maps of a site through a year: a map every few days, as one file that other programs open (NetCDF, CF)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import core
from core.gpp.export import STANDARD_NAME
from core.gpp.maps import gpp_map
from core.gpp.store import open_model
from core.progress import Progress
from core.schema import InputError
from core.sources.formats import reading
from core.store import Workspace, explained

if TYPE_CHECKING:
    import xarray as xr

LAYERS = ("gpp", "low", "high", "dissimilarity", "outside")
NAMES = {
    "gpp": "gross primary production",
    "low": "lower end of the 90 % prediction interval",
    "high": "upper end of the 90 % prediction interval",
    "dissimilarity": "dissimilarity to the training data",
    "outside": "1 outside the area of applicability",
}


def season_dates(start: str, end: str, every: int) -> list[str]:
    """Dates (ISO) from `start` to `end`, `every` so many days."""
    import pandas as pd

    if every < 1:
        raise InputError("--every", every, "is no number of days", "give 1 or more")
    for argument, text in (("--start", start), ("--end", end)):
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            raise InputError(argument, text, "is no date", "write it as 2021-07-14") from None
    days = pd.date_range(start, end, freq=f"{every}D")
    if not len(days):
        raise InputError("--end", end, f"lies before {start}", "give a later date")
    return [str(day.date()) for day in days]


def season_maps(
    workspace: Workspace, run_id: str, site: str, dates: Sequence[str], *, progress: Progress | None = None
) -> xr.Dataset:
    """`gpp`, `low`, `high`, `dissimilarity`, `outside` (time, y, x) of a site by a stored fit."""
    import pandas as pd
    import xarray as xr

    model = open_model(workspace, run_id)
    parts = []
    for turn, date in enumerate(dates):
        if progress:
            progress(turn / len(dates), f"Map of {date} ({turn + 1} of {len(dates)})")
        parts.append(gpp_map(workspace, model, site, date))
    times = xr.Variable("time", pd.DatetimeIndex(list(dates)).to_numpy())
    cube = xr.concat(parts, dim="time", combine_attrs="override").assign_coords(time=times)
    for name, label in NAMES.items():
        cube[name].attrs |= {"long_name": label}
    cube["gpp"].attrs["standard_name"] = STANDARD_NAME
    told = {"Conventions": "CF-1.11", "run": run_id, "source": f"Fluxscape {core.__version__}, {model.name}"}
    del cube.attrs["date"]
    return cube.assign_attrs(told, simulated=int(workspace.site(site).simulated))


def write_season(cube: xr.Dataset, path: Path) -> None:
    """Write maps as one NetCDF file, whole or not at all."""
    with explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.part")
        packed = {name: {"zlib": True, "complevel": 3} for name in LAYERS}
        cube.to_netcdf(draft, engine="h5netcdf", encoding=packed)
        draft.replace(path)


def open_season(path: Path) -> xr.Dataset:
    """What `write_season` wrote, in memory."""
    import xarray as xr

    with reading(path, "NetCDF of GPP maps"), xr.open_dataset(path, engine="h5netcdf") as cube:
        return cube.load()
