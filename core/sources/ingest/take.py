"""Files become a site of the workspace: `look` shows the mapping, `ingest` stores by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.progress import Progress
from core.schema import S1_BANDS, S2_BANDS, CubeError, InputError, SiteInfo
from core.simulate.spec import DEMO_SITES
from core.sources.crs import Box, known_crs, name_of
from core.sources.ingest import naming, weather
from core.sources.ingest.account import brought, described, explained, left_out, listed, seldom_seen, weather_remarks
from core.sources.ingest.cube import placed, reached, site_cube, site_grid
from core.sources.ingest.files import gather
from core.sources.ingest.guess import guess
from core.sources.ingest.layers import Layer, read_layers
from core.sources.ingest.mapping import Mapping as Made
from core.sources.ingest.unpack import unpacked
from core.sources.ingest.weather_table import read_weather
from core.sources.ingest.words import is_optical, role_of
from core.sources.site import open_site, write_site
from core.store import Workspace, check_name

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LOOKED = 0.4  # of the time, by the progress shown; the rest is storing


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the user says besides the files."""

    date: str | None = None  # of images that state none
    bands: tuple[str, ...] = ()  # names of bands that are only numbered
    crs: str | None = None  # stands for what the files state
    weather: Path | None = None  # a tower's file, a daily table, or a grid of AgERA5 or ERA5


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """What files hold and what would be made of it; no pixel is stored."""

    layers: tuple[Layer, ...]
    mapping: Made
    climate: tuple[Layer, ...]  # of weather, beside the images
    given: Given
    files: int
    stops: str  # why no site can be made of it as it stands, a sentence; "" where one can

    def weather(self, at: tuple[float, float]) -> pd.DataFrame | None:
        """Daily weather at a place (longitude, latitude), where there is any."""
        if self.given.weather:
            return read_weather(self.given.weather, at=at)
        return weather.from_layers(self.climate, at=at)

    def to_json(self) -> dict[str, Any]:
        """The mapping, and what else a reader wants to know before it is stored."""
        optical = {entry.layer for entry in self.mapping.entries if is_optical(entry.role)}
        times = [layer.stack.times for layer in self.layers if layer.name in optical]
        days = np.unique(np.concatenate(times).astype("datetime64[D]")) if times else np.empty(0, "datetime64[D]")
        return {
            "mapping": self.mapping.to_json(),
            "files": self.files,
            "optical_dates": len(days),
            "start": str(days[0]) if len(days) else "",
            "end": str(days[-1]) if len(days) else "",
            "weather": [layer.name for layer in self.climate],
            "stops": self.stops,
        }


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """A published site, and what is odd about its files, a sentence each."""

    info: SiteInfo
    bands: tuple[str, ...]  # with a value
    remarks: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        info = self.info
        return {
            "site": info.id,
            "optical_dates": info.optical_dates,
            "radar_dates": info.radar_dates,
            "start": info.start,
            "end": info.end,
            "height": info.shape[0],
            "width": info.shape[1],
            "crs": info.crs,
            "bands": list(self.bands),
            "cloud_share": None if info.clear_share is None else round(1 - info.clear_share, 4),
            "pixel_m": info.pixel_m,
            "lat": info.lat,
            "lon": info.lon,
            "remarks": list(self.remarks),
        }


def look(
    workspace: Workspace,
    paths: Sequence[Path | str],
    *,
    given: Given | None = None,
    changes: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Look:
    """What the files hold, and the mapping that would be used; `changes` correct it."""
    with unpacked(workspace, _expanded(paths)) as open_paths:
        return _look(open_paths, given or Given(), changes, progress)


def ingest(
    workspace: Workspace,
    paths: Sequence[Path | str],
    *,
    site: str,
    given: Given | None = None,
    changes: Mapping[str, Any] | None = None,
    box: Box | None = None,
    progress: Progress | None = None,
) -> Ingested:
    """Publish what the files hold as a new site.

    `changes` correct the mapping, as `Mapping.corrected` takes them. `box` is west, south, east, north in metres of the
    site's CRS. Nothing stays behind when it fails.
    """
    check_name(site, argument="site")
    refuse_taken(workspace, site)
    with unpacked(workspace, _expanded(paths)) as open_paths:
        found = _look(open_paths, given or Given(), changes, progress)
        layers, _ = placed(found.layers, found.mapping)
        grid = site_grid(layers, found.mapping, box=box)
        cube = site_cube(layers, found.mapping, grid)
        info, climate = described(site, layers, grid), found.weather(grid.centre)
        if progress:
            progress(LOOKED, f"Storing {cube.sizes['time']} dates of {len(grid.y)} x {len(grid.x)} pixels")
        try:
            share = reached(layers, found.mapping, grid)
            info = write_site(workspace, info=info, cube=cube, weather=climate, reached=share)
        except CubeError as error:
            raise explained(error, layers, found.mapping) from error
    stored = open_site(workspace, site).cube
    bands = tuple(band for band in (*S2_BANDS, *S1_BANDS) if band in stored and _has_value(stored[band]))
    remarks = (*found.mapping.remarks, *weather_remarks(climate), *seldom_seen(info))
    return Ingested(info=info, bands=bands, remarks=remarks)


def _look(paths: Sequence[Path], given: Given, changes: Mapping[str, Any] | None, progress: Progress | None) -> Look:
    day = _day(given.date)
    if given.crs is not None:
        known_crs(given.crs)
    found, left = gather(paths)
    layers: list[Layer] = []
    for turn, item in enumerate(found):
        if progress:
            progress(LOOKED * turn / len(found), f"Looking at {item.path.name}")
        layers += read_layers(item, day=day, bands=given.bands)
    _check_names_used(layers, given.bands)
    climate = [layer for layer in layers if weather.is_weather(layer) and not role_of(layer.name)]
    images = [_in(given.crs, layer) for layer in layers if layer not in climate]
    if not images:
        remedy = "give rasters or cubes with bands named B02 to B12, or blue, green, red ..."
        raise InputError("path", ", ".join(str(path) for path in paths), "holds no image with a date", remedy)
    mapping = guess(images)
    mapping = replace(mapping, crs=given.crs or "", remarks=(*mapping.remarks, *left_out(mapping, left)))
    if changes:
        mapping = mapping.corrected(changes)
    moves, stops = _moves(images, mapping)
    mapping = replace(mapping, remarks=(*mapping.remarks, *moves))
    return Look(
        layers=tuple(images),
        mapping=mapping,
        climate=tuple(climate),
        given=given,
        files=len(found),
        stops=stops,
    )


def _in(crs: str | None, layer: Layer) -> Layer:
    """The layer in the CRS that the user gives, if any."""
    return layer if crs is None else replace(layer, stack=replace(layer.stack, crs=name_of(crs)))


def _moves(layers: Sequence[Layer], mapping: Made) -> tuple[tuple[str, ...], str]:
    """How images are turned and brought onto one grid, a sentence each; and what keeps them from it, if anything."""
    try:
        found, turned = placed(layers, mapping)
        return (*turned, *brought(found, site_grid(found, mapping))), ""
    except InputError as problem:
        return (), str(problem)


def _check_names_used(layers: Sequence[Layer], bands: Sequence[str]) -> None:
    """Refuse names for bands where every band carries one of its own: they would change nothing."""
    if not bands or not layers or any(layer.named_by_you for layer in layers):
        return
    own = listed([layer.name for layer in layers])
    problem = f"are not used: the files name their bands themselves ({own})"
    raise InputError("bands", ",".join(bands), problem, "leave them out, or say what a layer is taken as by --mapping")


def _day(text: str | None) -> np.datetime64 | None:
    if text is None:
        return None
    day = naming.day_in(text)
    if day is None:
        raise InputError("date", text, "is no date", "write it as 2021-07-14")
    return day


def _expanded(paths: Sequence[Path | str]) -> list[Path]:
    if not paths:
        raise InputError("path", "", "is missing", "give files or folders")
    return [Path(path).expanduser() for path in paths]


def refuse_taken(workspace: Workspace, site: str) -> None:
    """Refuse the name of a site that stands, or that a demo site has."""
    if any(info.id == site for info in workspace.sites()):
        raise InputError("site", site, "is in the workspace already", "remove it first or choose another name")
    if site in DEMO_SITES:
        raise InputError("site", site, "is the name of a simulated demo site", "choose another name")


def _has_value(layer: xr.DataArray) -> bool:
    return any(bool(np.isfinite(layer.isel({layer.dims[0]: index}).values).any()) for index in range(layer.shape[0]))
