"""What is said of a site from files: what it was made of, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.schema import CubeError, InputError, SiteInfo
from core.sources.crs import label_of
from core.sources.embeddings.grid import Grid
from core.sources.ingest.cube import is_kept
from core.sources.ingest.layers import Layer
from core.sources.ingest.mapping import Mapping
from core.sources.places import known_places

if TYPE_CHECKING:
    import pandas as pd

FILES_SHOWN, LAYERS_SHOWN = 3, 8
PLACE_KM = 20.0  # farthest from a known place for its class to hold


def described(site: str, layers: Sequence[Layer], grid: Grid) -> SiteInfo:
    lon, lat = grid.centre
    attributes = [layer.stack.attrs for layer in layers]
    licence = next((text for attrs in attributes for key in ("licence", "license") if (text := attrs.get(key))), "")
    title = next((text for attrs in attributes if (text := attrs.get("title"))), "") or site
    info = SiteInfo(
        id=site,
        kind="files",
        title=str(title),
        lat=round(lat, 6),
        lon=round(lon, 6),
        igbp="",
        licence=str(licence),
        provenance=f"From files: {shown(layers)}.{_from_crss(layers, grid)}",
    )
    return as_known_place(info)


def shown(layers: Sequence[Layer]) -> str:
    return listed([layer.stack.name for layer in layers])


def as_known_place(info: SiteInfo) -> SiteInfo:
    """The site with the class of the known place of its name, if it lies there."""
    from pyproj import Geod

    place = next((place for place in known_places() if place.id == info.id), None)
    if place is None or Geod(ellps="WGS84").inv(info.lon, info.lat, place.lon, place.lat)[2] > PLACE_KM * 1000:
        return info
    return replace(info, title=place.title, igbp=place.igbp)


def brought(layers: Sequence[Layer], grid: Grid) -> tuple[str, ...]:
    """How images in other CRS than that of a site's grid come onto it, a sentence for each."""
    target = f"square pixels of {grid.pixel_m:g} m in {grid.crs} (UTM)"
    how = "each takes the nearest pixel of an image, and values are not mixed"
    return tuple(
        f"Images in {label_of(crs)} ({listed(files)}) are brought onto {target}: {how}."
        for crs, files in _not_kept(layers, grid).items()
    )


def _from_crss(layers: Sequence[Layer], grid: Grid) -> str:
    """The same in short."""
    others = ", ".join(map(label_of, _not_kept(layers, grid)))
    return f" Brought from {others} onto pixels of {grid.pixel_m:g} m, each the nearest one." if others else ""


def _not_kept(layers: Sequence[Layer], grid: Grid) -> dict[str, list[str]]:
    """The files whose pixels are not those of the grid, by their CRS."""
    names: dict[str, list[str]] = {}
    for stack in (layer.stack for layer in layers):
        if not is_kept(stack, grid.crs):
            names.setdefault(stack.crs, []).append(stack.name)
    return names


def listed(names: Sequence[str], *, at_most: int = FILES_SHOWN) -> str:
    """The first names, and how many more there are."""
    once = list(dict.fromkeys(names))
    more = len(once) - at_most
    return ", ".join(once[:at_most]) + (f" and {more} more" if more > 0 else "")


def left_out(mapping: Mapping, left: Sequence[Path]) -> Iterator[str]:
    names = [entry.layer for entry in mapping.entries if not entry.role]
    if names:
        yield f"Left out: {listed(names, at_most=LAYERS_SHOWN)}."
    if left:
        yield f"{len(left)} files of other kinds were passed over, such as '{left[0].name}'."


def weather_remarks(table: pd.DataFrame | None) -> Iterator[str]:
    """Which weather was taken; called where a site is about to be stored."""
    if table is not None:
        first, last = table.index[0].date(), table.index[-1].date()
        yield f"Weather of {len(table)} days, {first} to {last}: {', '.join(table.columns)}."


def seldom_seen(info: SiteInfo) -> Iterator[str]:
    if info.clear_share is not None and info.clear_share < 0.05:
        yield f"The ground is seen in only {100 * info.clear_share:.1f} % of the pixel-dates."


def explained(error: CubeError, layers: Sequence[Layer], mapping: Mapping) -> InputError:
    """What the cube's own check says, in the words of files and mapping."""
    if error.value == "B04" and "no valid pixel" in error.problem:
        role = mapping.cloud_role
        rests = f"clouds are told by {role}" if role else "there is no cloud mask"
        problem = f"show the ground in red (B04) in no pixel of any date ({rests})"
        return InputError("images", shown(layers), problem, "check mask, missing value and scale with --look")
    return error
