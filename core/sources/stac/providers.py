"""Known archives, and what an unknown STAC API calls the two collections."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from core.schema import InputError

COPERNICUS = "Contains modified Copernicus Sentinel data (free, full and open)"


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One sensor of an archive. `assets` is by role; a role that is not in it is found by the asset's own name."""

    id: str
    assets: Mapping[str, str] = field(default_factory=dict)
    scale: float = 1.0  # value = number x scale + offset, where the items state none
    nodata: float | None = None  # number of pixels without a value, where the file states none


@dataclass(frozen=True, kw_only=True)
class Provider:
    name: str
    title: str
    api: str
    optical: Collection | None  # None: to be found among the API's collections
    radar: Collection | None
    signed: bool = False  # hrefs need the Planetary Computer's signature
    searched_radar: bool = True  # whether to look for radar at all
    licence: str = COPERNICUS


OPTICAL_SCALE = 1e-4  # Sentinel-2 Level-2A: reflectance times 10000 (ESA, Sentinel-2 Products Specification)
RADAR_NODATA = -32768.0  # of the Planetary Computer's Sentinel-1 RTC
_BY_COLOUR = {
    "B02": "blue", "B03": "green", "B04": "red", "B05": "rededge1", "B06": "rededge2", "B07": "rededge3",
    "B08": "nir", "B8A": "nir08", "B11": "swir16", "B12": "swir22", "SCL": "scl",
}  # fmt: skip

PROVIDERS: Mapping[str, Provider] = {
    "planetary-computer": Provider(
        name="planetary-computer",
        title="Microsoft Planetary Computer",
        api="https://planetarycomputer.microsoft.com/api/stac/v1",
        optical=Collection(id="sentinel-2-l2a", scale=OPTICAL_SCALE, nodata=0),
        radar=Collection(id="sentinel-1-rtc", assets={"VV": "vv", "VH": "vh"}, nodata=RADAR_NODATA),
        signed=True,
    ),
    "earth-search": Provider(
        name="earth-search",
        title="Earth Search by Element 84",
        api="https://earth-search.aws.element84.com/v1",
        optical=Collection(id="sentinel-2-l2a", assets=_BY_COLOUR, scale=OPTICAL_SCALE, nodata=0),
        radar=None,
        searched_radar=False,  # it has Sentinel-1 without terrain correction alone
    ),
}
DEFAULT = "planetary-computer"

Sign = Callable[[str], str]  # makes an address readable

OPTICAL_IDS = ("sentinel-2-l2a", "sentinel-2-c1-l2a", "sentinel-2-pre-c1-l2a", "sentinel-s2-l2a-cogs", "s2_l2a")
RADAR_IDS = ("sentinel-1-rtc", "sentinel1-rtc", "s1_rtc", "sentinel-1-nrb")
OPTICAL_LIKE = re.compile(r"s(entinel)?[-_ ]?2.*l2a", re.IGNORECASE)
RADAR_LIKE = re.compile(r"s(entinel)?[-_ ]?1.*(rtc|nrb|gamma)", re.IGNORECASE)


def find_provider(name: str | None, api: str | None) -> Provider:
    """The provider of a name, with another address if one is given; an address alone is an unknown archive."""
    if name is not None and name not in PROVIDERS:
        raise InputError("provider", name, "is not known", f"use {', '.join(PROVIDERS)}, or give an address with --api")
    if api is None:
        return PROVIDERS[name or DEFAULT]
    checked = check_address(api)
    if name is not None:
        return replace(PROVIDERS[name], api=checked)
    known = next((one for one in PROVIDERS.values() if one.api.rstrip("/") == checked.rstrip("/")), None)
    return known or Provider(name="", title=urlsplit(checked).netloc, api=checked, optical=None, radar=None)


def check_address(api: str) -> str:
    parts = urlsplit(api)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError("api", api, "is no address of a STAC API", "write it as https://host/path")
    if parts.username or parts.password:
        raise InputError("api", f"{parts.scheme}://{parts.hostname}", "holds a password", "leave it out")
    return api


def choose(provider: Provider, ids: Sequence[str]) -> Provider:
    """An unknown archive with its collections found among those it has."""
    if provider.optical is not None:
        return provider
    optical, radar = _best(ids, OPTICAL_IDS, OPTICAL_LIKE), _best(ids, RADAR_IDS, RADAR_LIKE)
    if optical is None:
        shown = ", ".join(ids[:10]) or "none"
        problem = f"has no collection of Sentinel-2 Level-2A (it has: {shown})"
        raise InputError("api", provider.api, problem, "name one with --collection, or choose another archive")
    return replace(
        provider,
        optical=Collection(id=optical, scale=OPTICAL_SCALE, nodata=0),
        radar=Collection(id=radar, nodata=RADAR_NODATA) if radar else None,
    )


def _best(ids: Sequence[str], usual: Sequence[str], like: re.Pattern[str]) -> str | None:
    exact = next((one for one in usual if one in ids), None)
    return exact or next((one for one in sorted(ids) if like.search(one)), None)


def signer(provider: Provider) -> Sign:
    """What makes an archive's addresses readable; signatures are asked for anew before they expire."""
    if not provider.signed:
        return lambda href: href
    import planetary_computer

    sign: Sign = planetary_computer.sign_url
    return sign
