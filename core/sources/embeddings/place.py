"""The site that an embedding belongs to: one of the workspace that lies there, or a new entry for it.

An entry without images is a folder with its description alone. Runs name their site by its id, so that everything that
works on a run works on one of such a site too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.schema import InputError, SiteInfo
from core.simulate.spec import DEMO_SITES
from core.sources.crs import Box, carried, transformer
from core.sources.embeddings.grid import Grid, common
from core.sources.grids import read_zarr
from core.sources.places import known_places
from core.sources.site import CUBE
from core.store import SITE_FILE, Workspace, check_name, write_json

WGS84 = "EPSG:4326"


@dataclass(frozen=True, kw_only=True, eq=False)
class Home:
    """A site as an embedding sees it."""

    info: SiteInfo
    grid: Grid | None = None  # of its images, if it has any
    stored: bool = True  # in the workspace


def find_home(workspace: Workspace, site: str | None, box: Box, crs: str, *, hint: str = "") -> Home:
    """The site named `site`, or else the one that lies in the box; a name that nothing has is a site to be made.

    `hint` is the site that the files name themselves; it counts if it is in the workspace and lies there.
    """
    if site is not None:
        return _named(workspace, check_name(site, argument="site"), box, crs)
    there = [home for home in _homes(workspace) if _overlaps(home, box, crs)]
    hinted = [home for home in there if home.info.id == hint]
    if len(there) > 1 and not hinted:
        ids = ", ".join(home.info.id for home in there)
        raise InputError("site", ids, "all lie where the embedding does", "choose one of them with --site")
    if not there:
        lon, lat = _middle(box, crs)
        remedy = "name a new one with --site NAME"
        raise InputError("place", f"{lat:.4f} N, {lon:.4f} E", "has no site in the workspace", remedy)
    return (hinted or there)[0]


def open_home(workspace: Workspace, site: str) -> Home | None:
    """A site of the workspace by its id."""
    info = next((info for info in workspace.sites() if info.id == site), None)
    return _home(workspace, info) if info else None


def add_entry(workspace: Workspace, home: Home, grid: Grid) -> None:
    """Put a new site, which has embeddings alone, into the workspace."""
    info = replace(home.info, crs=grid.crs, shape=(len(grid.y), len(grid.x)), pixel_m=grid.pixel_m)
    with workspace.draft("sites", info.id) as folder:
        write_json(folder / SITE_FILE, info.to_json())


# ---------------------------------------------------------------- inside
def _named(workspace: Workspace, site: str, box: Box, crs: str) -> Home:
    home = open_home(workspace, site) or _known(site)
    if home is None:
        lon, lat = _middle(box, crs)
        info = SiteInfo(
            id=site,
            kind="files",
            title=site,
            lat=round(lat, 6),
            lon=round(lon, 6),
            igbp="",
            description="Embeddings without images.",
        )
        return Home(info=info, stored=False)
    if not _overlaps(home, box, crs):
        lon, lat = _middle(box, crs)
        away = _distance_km((home.info.lon, home.info.lat), (lon, lat))
        problem = f"lies {away:.0f} km from the middle of the embedding (latitude {lat:.4f}, longitude {lon:.4f})"
        raise InputError("site", site, problem, "choose another site, or give the true CRS with --crs")
    return home


def _known(site: str) -> Home | None:
    """A place on the map that has no folder yet."""
    if site in DEMO_SITES:
        remedy = f"make it first: python -m core simulate {site}"
        raise InputError("site", site, "is a demo site that is not made yet", remedy)
    place = next((info for info in known_places() if info.id == site), None)
    return Home(info=replace(place, description="Embeddings without images."), stored=False) if place else None


def _homes(workspace: Workspace) -> list[Home]:
    return [_home(workspace, info) for info in workspace.sites()]


def _home(workspace: Workspace, info: SiteInfo) -> Home:
    if not info.has_data:
        return Home(info=info)
    cube = read_zarr(workspace.site_path(info.id) / CUBE)
    y, x = (np.asarray(cube[axis].values, dtype=float) for axis in ("y", "x"))
    return Home(info=info, grid=Grid(crs=info.crs, y=y, x=x))


def _overlaps(home: Home, box: Box, crs: str) -> bool:
    if home.grid is not None:
        return common(home.grid.bounds, carried(box, crs, home.grid.crs)) is not None
    info = home.info
    place = info.crs or WGS84
    x, y = transformer(WGS84, place).transform(info.lon, info.lat)
    half = [side * info.pixel_m / 2 for side in info.shape]
    own = (x - half[1] - 1e-6, y - half[0] - 1e-6, x + half[1] + 1e-6, y + half[0] + 1e-6)
    return common(own, carried(box, crs, place)) is not None


def _middle(box: Box, crs: str) -> tuple[float, float]:
    west, south, east, north = box
    lon, lat = transformer(crs, WGS84).transform((west + east) / 2, (south + north) / 2)
    return float(lon), float(lat)


def _distance_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    from pyproj import Geod

    return float(Geod(ellps="WGS84").inv(*first, *second)[2]) / 1000
