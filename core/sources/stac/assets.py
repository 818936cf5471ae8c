"""What a STAC item holds: an asset for each role, how its numbers become values, and from which processing it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import numpy as np

from core.schema import S1_BANDS, S2_BANDS
from core.sources.ingest.naming import BASELINE, SHIFTED_FROM
from core.sources.ingest.words import SCENE_CLASSES, role_of
from core.sources.stac.providers import Collection

if TYPE_CHECKING:
    import pystac

SHIFT = -0.1  # reflectance: -1000 of 10000, since processing baseline 04.00 (ESA, Sentinel-2 Products Specification)
TILE = re.compile(r"(?<![A-Za-z0-9])T?(\d{1,2}[C-X][A-Z]{2})(?![A-Za-z0-9])")
JP2 = ("jp2", "jpeg2000", "image/jp2")
OPTICAL_ROLES = (*S2_BANDS, SCENE_CLASSES)


@dataclass(frozen=True, kw_only=True)
class Source:
    """One asset."""

    href: str
    scale: float = 1.0
    offset: float = 0.0
    nodata: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """One item: what was taken over one tile in one overpass."""

    item: pystac.Item
    time: np.datetime64  # UTC
    sources: Mapping[str, Source]  # by role
    crs: str  # "" where the item does not say
    tile: str  # of Sentinel-2's grid; "" where nothing tells
    baseline: float  # of processing; 0 where nothing tells
    made: str  # when it was processed, as the item writes it

    @property
    def id(self) -> str:
        return str(self.item.id)

    @property
    def day(self) -> np.datetime64:
        return self.time.astype("datetime64[D]")


def scene_of(item: pystac.Item, collection: Collection, roles: tuple[str, ...]) -> Scene | None:
    """The item as a scene; None where it lacks a date or all bands."""
    moment = item.datetime or item.common_metadata.start_datetime
    if moment is None:
        return None
    baseline = _baseline(item)
    sources = {}
    for role in roles:
        key = _key(item, collection, role)
        if key is not None and (href := _href(item, item.assets[key].href)):
            sources[role] = _source(item, key, href, role, collection, baseline)
    if not any(role in sources for role in (*S2_BANDS, *S1_BANDS)):
        return None
    return Scene(
        item=item,
        time=np.datetime64(moment.replace(tzinfo=None), "ns"),
        sources=sources,
        crs=_crs(item),
        tile=_tile(item),
        baseline=baseline,
        made=str(item.properties.get("s2:generation_time") or item.properties.get("created") or ""),
    )


# ---------------------------------------------------------------- which asset
def _key(item: pystac.Item, collection: Collection, role: str) -> str | None:
    """The asset of a role: as the archive's table has it, else by name or stated band, the finest of several."""
    named = collection.assets.get(role)
    if named in item.assets:
        return named
    fitting = [key for key, asset in item.assets.items() if role_of(key) == role or _band(asset) == role]
    tiffs = [key for key in fitting if not _is_jp2(key, item.assets[key])]
    return min(
        tiffs, key=lambda key: (key != role, role_of(key) != role, _size(key, item.assets[key]), key), default=None
    )


def _band(asset: pystac.Asset) -> str:
    """The role by the one band that the asset states."""
    bands = asset.extra_fields.get("eo:bands") or asset.extra_fields.get("bands") or []
    if len(bands) != 1 or "overview" in (asset.roles or []) or "thumbnail" in (asset.roles or []):
        return ""
    band = bands[0]
    names = (band.get("name"), band.get("common_name"), band.get("eo:common_name"))
    return next((role for name in names if name and (role := role_of(str(name)))), "")


def _is_jp2(key: str, asset: pystac.Asset) -> bool:
    path = urlsplit(asset.href).path.lower()
    return path.endswith(".jp2") or any(word in f"{key} {asset.media_type or ''}".lower() for word in JP2)


def _size(key: str, asset: pystac.Asset) -> float:
    stated = asset.extra_fields.get("gsd") or asset.extra_fields.get("raster:spatial_resolution")
    metres = re.search(r"(\d+)m\b", key)
    return float(stated) if isinstance(stated, int | float) else float(metres[1]) if metres else np.inf


def _href(item: pystac.Item, href: str) -> str:
    """The whole address; "" where it is no address of a file on the web."""
    own = item.get_self_href() or ""
    whole = href if urlsplit(href).scheme else urljoin(own, href)
    parts = urlsplit(whole)
    return whole if parts.scheme in ("http", "https") and parts.hostname else ""


# ---------------------------------------------------------------- numbers to values
def _source(item: pystac.Item, key: str, href: str, role: str, collection: Collection, baseline: float) -> Source:
    if role == SCENE_CLASSES:
        return Source(href=href, nodata=0)
    stated = _stated(item.assets[key].extra_fields)
    scale, offset = stated.get("scale"), stated.get("offset")
    nodata = stated.get("nodata", collection.nodata)
    if role in S1_BANDS:
        return Source(href=href, scale=scale or 1.0, offset=offset or 0.0, nodata=nodata)
    applied = item.properties.get("earthsearch:boa_offset_applied")
    if applied is True:  # stated beside the -0.1 in the items, and the pixels have it already
        offset = 0.0
    elif offset is None:
        offset = SHIFT if baseline >= SHIFTED_FROM else 0.0
    return Source(href=href, scale=scale or collection.scale, offset=offset, nodata=nodata)


def _stated(extra: Mapping[str, Any]) -> dict[str, float]:
    """Scale, offset and nodata as the raster extension states them, in its old or its new place."""
    old = (extra.get("raster:bands") or [{}])[0]
    new = (extra.get("bands") or [{}])[0]
    found = {}
    for name in ("scale", "offset", "nodata"):
        for place, key in ((old, name), (new, f"raster:{name}"), (extra, f"raster:{name}"), (new, name), (extra, name)):
            value = place.get(key) if isinstance(place, Mapping) else None
            if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
                found[name] = float(value)
                break
    return found


def _baseline(item: pystac.Item) -> float:
    for name in ("s2:processing_baseline", "processing:version", "sentinel:processing_baseline"):
        text = str(item.properties.get(name, "")).strip().lstrip("Nn")
        if re.fullmatch(r"\d\d\d\d", text):
            text = f"{text[:2]}.{text[2:]}"
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
    for text in (item.id, str(item.properties.get("s2:product_uri", ""))):
        if found := BASELINE.search(text.replace("_", " ")):
            return float(f"{found[1]}.{found[2]}")
    return 0.0


# ---------------------------------------------------------------- where
def _crs(item: pystac.Item) -> str:
    code = item.properties.get("proj:code") or item.properties.get("proj:epsg")
    return "" if code is None else str(code) if str(code).startswith("EPSG:") else f"EPSG:{code}"


def _tile(item: pystac.Item) -> str:
    stated = item.properties.get("s2:mgrs_tile") or str(item.properties.get("grid:code", "")).removeprefix("MGRS-")
    if stated:
        return str(stated)
    found = TILE.search(item.id.replace("_", " "))
    return found[1] if found else ""
