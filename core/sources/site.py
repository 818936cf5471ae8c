"""One site, opened from the workspace or published into it.

    sites/<site id>/site.json            what is known without opening anything (SiteInfo)
                    cube.zarr            the site cube
                    weather.parquet      daily weather, where there is some
                    tower.parquet        daily tower series, where there is one
                    truth/               only of simulated sites: the hidden state and the list of events

Truth has functions of its own and never comes with a `Site`, so that no code can take it for a feature by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, Unpack

import numpy as np

import core
from core.schema import (
    InputError,
    NotFoundError,
    SiteInfo,
    check_site_cube,
    check_tower,
    check_weather,
    clear_share,
)
from core.sources.grids import read_zarr, write_zarr
from core.sources.tables import read_parquet
from core.store import SITE_FILE, Workspace, content_digest, read_json, verify, write_json

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

CUBE = "cube.zarr"
WEATHER = "weather.parquet"
TOWER = "tower.parquet"
TRUTH = "truth/state.zarr"
EVENTS = "truth/events.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """A site as everything else uses it. The cube is read from disk as it is indexed."""

    info: SiteInfo
    digest: str  # of all the site's files: what results name as their input
    cube: xr.Dataset
    weather: pd.DataFrame | None
    tower: pd.DataFrame | None


# ---------------------------------------------------------------- opening
def open_site(workspace: Workspace, site_id: str) -> Site:
    """Open a whole, undamaged site; anything else is a one-sentence error and leaves the files as they are."""
    return read_site(workspace.site_path(site_id))


def read_site(folder: Path) -> Site:
    """Open the published site in `folder`."""
    verify(folder)
    if not (folder / CUBE).exists():
        raise NotFoundError("site", folder.name, "holds embeddings, no images", "choose a site with images")
    return Site(
        info=SiteInfo.from_json(read_json(folder / SITE_FILE)),
        digest=content_digest(folder),
        cube=check_site_cube(read_zarr(folder / CUBE), name=f"cube of {folder.name}"),
        weather=_read_daily(folder / WEATHER, check_weather),
        tower=_read_daily(folder / TOWER, check_tower),
    )


def open_truth(workspace: Workspace, site_id: str) -> xr.Dataset:
    """The hidden state that drove a simulated site, to compare results with; never an input of a model."""
    return read_zarr(_truth_path(workspace, site_id, TRUTH))


def open_events(workspace: Workspace, site_id: str) -> pd.DataFrame:
    """What happened at a simulated site, one row an event: type, first and last day, patches struck, their pixels."""
    import pandas as pd

    events = pd.DataFrame(read_json(_truth_path(workspace, site_id, EVENTS))["events"])
    return events.assign(**{day: pd.to_datetime(events[day]) for day in ("date", "end") if day in events})


def _truth_path(workspace: Workspace, site_id: str, part: str) -> Path:
    path = verify(workspace.site_path(site_id)) / part
    if not path.exists():
        raise NotFoundError("site", site_id, "comes with no truth", "choose a simulated site")
    return path


def _read_daily(path: Path, check: Callable[..., pd.DataFrame]) -> pd.DataFrame | None:
    return check(read_parquet(path), name=f"{path.stem} of {path.parent.name}") if path.exists() else None


# ---------------------------------------------------------------- publishing
class SiteParts(TypedDict):
    """What a site is made of, besides what is known of it."""

    cube: xr.Dataset  # keeps the site-cube contract
    weather: NotRequired[pd.DataFrame | None]
    reached: NotRequired[float]  # share of the pixels that lie on an image at all, 1 where not said
    tower: NotRequired[pd.DataFrame | None]
    truth: NotRequired[xr.Dataset | None]  # only of simulated sites
    events: NotRequired[Sequence[Mapping[str, Any]]]  # only of simulated sites; JSON values


def write_site(workspace: Workspace, *, info: SiteInfo, **parts: Unpack[SiteParts]) -> SiteInfo:
    """Publish a new site; returns `info` with what the data say filled in.

    An entry of that id without images, as loaded embeddings leave one, gives way to it.
    """
    there = next((site for site in workspace.sites() if site.id == info.id), None)
    if there is not None and there.has_data:
        raise InputError("site", info.id, "is in the workspace already", "remove it first or choose another id")
    if there is not None:
        workspace.remove_site(info.id, again=True)
    with workspace.draft("sites", info.id) as folder:
        return fill_site(folder, info=info, **parts)


def fill_site(folder: Path, *, info: SiteInfo, **parts: Unpack[SiteParts]) -> SiteInfo:
    """Check the parts of a site and write them into a draft of the workspace."""
    cube, truth, events = parts["cube"], parts.get("truth"), parts.get("events")
    weather, tower = parts.get("weather"), parts.get("tower")
    check_site_cube(cube, name=f"cube of {info.id}")
    if weather is not None:
        check_weather(weather, name=f"weather of {info.id}").to_parquet(folder / WEATHER)
    if tower is not None:
        check_tower(tower, name=f"tower of {info.id}").to_parquet(folder / TOWER)
    info = _with_facts(info, cube, tower, parts.get("reached", 1.0))
    write_zarr(cube.assign_attrs(_attributes(info)), folder / CUBE)
    if truth is not None:
        write_zarr(truth, folder / TRUTH)
    if events is not None:
        write_json(folder / EVENTS, {"events": list(events)})
    write_json(folder / SITE_FILE, info.to_json())
    return info


def _with_facts(info: SiteInfo, cube: xr.Dataset, tower: pd.DataFrame | None, reached: float) -> SiteInfo:
    """`info` with what can be read off the data: grid, dates, clear share, tower days."""
    dates = np.datetime_as_string(cube["time"].values, unit="D")
    info = replace(
        info,
        crs=str(cube.attrs["crs"]),
        shape=(cube.sizes["y"], cube.sizes["x"]),
        pixel_m=_pixel_size(cube),
        start=str(dates[0]),
        end=str(dates[-1]),
        optical_dates=cube.sizes["time"],
        radar_dates=cube.sizes.get("s1_time", 0),
        clear_share=round(clear_share(cube) / reached, 4),
    )
    return info if tower is None else _with_tower_days(info, tower)


def _pixel_size(cube: xr.Dataset) -> float:
    """Distance of neighbouring pixel centres, m; a cube one pixel wide and high does not tell: 0."""
    axes = [cube[axis].values for axis in ("x", "y") if cube.sizes[axis] > 1]
    return round(float(abs(axes[0][1] - axes[0][0])), 3) if axes else 0.0


def _with_tower_days(info: SiteInfo, tower: pd.DataFrame) -> SiteInfo:
    measured = tower.index[tower["gpp"].notna() & ~tower["filled"].astype(bool)]
    if not len(measured):
        return info
    first, last = measured[0].date().isoformat(), measured[-1].date().isoformat()
    return replace(info, tower_start=first, tower_end=last, tower_days=len(measured))


def _attributes(info: SiteInfo) -> dict[str, Any]:
    """What a cube says of itself when it is opened alone."""
    return {
        "site": info.id,
        "title": info.title,
        "simulated": int(info.simulated),
        "licence": info.licence,
        "provenance": info.provenance,
        "version": core.__version__,
    }
