"""What the reader has chosen of a site to be added: kept for the session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st

from core.schema import SiteInfo
from core.sources.places import known_places
from core.sources.stac.providers import DEFAULT
from core.sources.stac.request import usual_name
from core.store import Workspace
from core.ui.state import Key

ARCHIVE, FILES = "From a public archive", "From files of yours"
WAYS = (ARCHIVE, FILES)
OWN_PLACE = ""  # in place of a known tower
OTHER = "other"  # in place of a known archive
BOTH, NONE = "both", "none"
RADAR = {BOTH: "both directions", "ascending": "ascending", "descending": "descending", NONE: "no radar"}
DECIMALS = 5  # of a degree: about a metre


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the panel stands at."""

    open: bool = False
    way: str = ARCHIVE
    name: str = ""  # of the site; "" = the usual one
    weather: Path | None = None  # a file that was uploaded
    awaited: str = ""  # the work begun here, whose site is looked at when it is done
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # site -> what was odd about it
    # from an archive
    tower: str = OWN_PLACE
    lat: float | None = None
    lon: float | None = None
    size_km: float = 1.0
    start: str = ""
    end: str = ""
    archive: str = DEFAULT
    api: str = ""
    radar: str = BOTH
    clicked: tuple[float, float] | None = None  # the last click on the map that was acted on
    looked: str = ""  # the last look: the target of its work
    # from files
    uploaded: Path | None = None  # a folder of the workspace
    path: str = ""
    date: str = ""
    bands: str = ""
    crs: str = ""
    read: str = ""  # the last look: the target of its work
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # layer -> corrections
    shifted_from: str | None = None  # None = as guessed

    @property
    def place(self) -> tuple[float, float] | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


def current() -> Choices:
    if not isinstance(st.session_state.get(Key.OWN_SITE), Choices):
        st.session_state[Key.OWN_SITE] = _fresh()
    chosen: Choices = st.session_state[Key.OWN_SITE]
    return chosen


def change(**changes: Any) -> None:
    """Take over what the reader chose. Another place or other files have another name."""
    if {"lat", "lon", "tower", "path", "uploaded"} & set(changes):
        changes = {"name": ""} | changes
    st.session_state[Key.OWN_SITE] = replace(current(), **changes)


def open_for(info: SiteInfo) -> None:
    """Open the panel; where the site that is looked at has no data, for its place."""
    change(open=True)
    if info.kind == "place" and current().tower != info.id:
        take_tower(info.id)


def take_tower(tower: str) -> None:
    place = next((place for place in known_places() if place.id == tower), None)
    if place is None:
        change(tower=OWN_PLACE)
    else:
        change(tower=tower, lat=place.lat, lon=place.lon)


def take_point(lat: float, lon: float) -> None:
    change(tower=OWN_PLACE, lat=round(lat, DECIMALS), lon=round(lon, DECIMALS))


def name_of(wanted: Choices, workspace: Workspace) -> str:
    """What the site will be called: as the reader says, else by its tower or place, else "my-site"; never taken."""
    if wanted.name:
        return wanted.name
    usual = "my-site"
    if wanted.way == ARCHIVE and wanted.place:
        usual = wanted.tower or usual_name(*wanted.place)
    taken = {info.id for info in workspace.sites()}
    if usual not in taken:
        return usual
    return next(name for turn in range(2, 1000) if (name := f"{usual}-{turn}") not in taken)


def _fresh() -> Choices:
    """The last whole year."""
    year = dt.datetime.now(dt.UTC).year - 1
    return Choices(start=f"{year}-01-01", end=f"{year}-12-31")
