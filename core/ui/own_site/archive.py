"""From a public archive by coordinates: what to ask for, what there is, and the fetch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.schema import FluxscapeError, SiteInfo
from core.sources.ingest.take import refuse_taken
from core.sources.places import known_places
from core.sources.stac.providers import PROVIDERS, check_address
from core.sources.stac.request import FIRST_DAY, SIZE_KM, Request
from core.store import check_name
from core.ui import loaders, messages
from core.ui.own_site import weather, work
from core.ui.own_site.choices import (
    BOTH,
    NONE,
    OTHER,
    OWN_PLACE,
    RADAR,
    Choices,
    change,
    current,
    name_of,
    take_tower,
)
from core.ui.own_site.words import TOLD, minutes, worded
from core.ui.widgets import stand_at

ARCHIVES = {name: provider.title for name, provider in PROVIDERS.items()} | {OTHER: "another STAC archive …"}
SAYS = {
    "planetary-computer": "Sentinel-2 and Sentinel-1, worldwide; free, no account.",
    "earth-search": "Sentinel-2 alone, worldwide; free, no account.",
    OTHER: "Any archive with a STAC interface that holds Sentinel-2 L2A as GeoTIFF.",
}
PLACE_WIDTHS = (8, 8, 5)  # five decimals of a degree want room beside their buttons
LOOK, FETCH = "See what there is", "Fetch it"


def form() -> None:
    """The controls, what there is, and the button that fetches it."""
    wanted = current()
    _place(wanted)
    _period(wanted)
    _source(wanted)
    weather.bring()
    st.caption(f"{SAYS[wanted.archive]} Looking downloads no picture.")
    if wanted.place is None:
        st.info("Choose a place: click on the map, type where it is, or take a known tower.")
        return
    try:
        words = _words(wanted, wanted.place)
    except FluxscapeError as problem:
        st.warning(worded(str(problem)))
        return
    _look(wanted, words)


# ---------------------------------------------------------------- controls
def _place(wanted: Choices) -> None:
    towers = {place.id: place for place in known_places()}
    st.session_state["own_tower"] = wanted.tower
    st.selectbox(
        "Known tower",
        [OWN_PLACE, *sorted(towers)],
        format_func=lambda tower: _tower(towers[tower]) if tower else "none: a place of my own",
        key="own_tower",
        help="European flux towers; places and classes as published by ICOS, FLUXNET and the European Fluxes Database.",
        on_change=lambda: take_tower(st.session_state["own_tower"]),
    )
    lat, lon, side = st.columns(PLACE_WIDTHS, gap="small")
    with lat:
        _number("lat", "Latitude (° north)", wanted.lat, (-90.0, 90.0), step=0.001, digits="%.5f")
    with lon:
        _number("lon", "Longitude (° east)", wanted.lon, (-180.0, 180.0), step=0.001, digits="%.5f")
    with side:
        _number("size_km", "Side (km)", wanted.size_km, SIZE_KM, step=0.1, digits="%.1f")


def _tower(place: SiteInfo) -> str:
    return f"{place.id} · {place.class_name}"


def _number(name: str, label: str, value: float | None, span: tuple[float, float], *, step: float, digits: str) -> None:
    key = stand_at(f"own_{name}", value)

    def take() -> None:
        moved = {} if name == "size_km" else {"tower": OWN_PLACE}
        change(**moved, **{name: st.session_state[key]})

    open_value: Any = "min" if name == "size_km" else None  # a place may be open, a size not
    st.number_input(
        label,
        *span,
        value=open_value,
        step=step,
        format=digits,
        key=key,
        placeholder="…",
        help=TOLD[name],
        on_change=take,
    )


def _period(wanted: Choices) -> None:
    first, last, radar = st.columns(3, gap="small")
    for name, label, which, column in (("start", "From", "first", first), ("end", "To", "last", last)):
        key = stand_at(f"own_{name}", dt.date.fromisoformat(getattr(wanted, name)))
        with column:
            st.date_input(
                label,
                min_value=FIRST_DAY,
                max_value=dt.datetime.now(dt.UTC).date(),
                format="YYYY-MM-DD",
                key=key,
                help=f"The {which} day of the pictures.",
                on_change=lambda name=name, key=key: change(**{name: st.session_state[key].isoformat()}),
            )
    with radar:
        _select("radar", "Radar (Sentinel-1)", RADAR, wanted.radar)


def _source(wanted: Choices) -> None:
    archive, name = st.columns((2, 1), gap="small")
    with archive:
        _select("archive", "Archive", ARCHIVES, wanted.archive)
    with name:
        name_input(wanted)
    if wanted.archive == OTHER:
        st.text_input(
            "Address",
            placeholder="https://host/stac/v1",
            key=stand_at("own_api", wanted.api),
            help="Where the archive answers: the address of its STAC interface.",
            on_change=lambda: change(api=st.session_state["own_api"].strip()),
        )


def _select(name: str, label: str, options: dict[str, str], value: str) -> None:
    key = f"own_{name}"
    st.session_state[key] = value
    st.selectbox(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        help=TOLD[name],
        on_change=lambda: change(**{name: st.session_state[key]}),
    )


def name_input(wanted: Choices) -> None:
    """The usual name stands in an empty field, so that it follows the place and is never sent back as one's own."""
    st.text_input(
        "Name of the site",
        placeholder=name_of(replace(wanted, name=""), loaders.workspace()),
        key=stand_at("own_name", wanted.name),
        help="Letters, digits, '-' and '_'; left empty, the name in grey is taken.",
        on_change=lambda: change(name=st.session_state["own_name"].strip()),
    )


def site_asked() -> str:
    """What the site will be called, by what stands in the field now; refused where that cannot be."""
    workspace = loaders.workspace()
    site = name_of(replace(current(), name=st.session_state["own_name"].strip()), workspace)
    refuse_taken(workspace, check_name(site, argument="name"))
    return site


# ---------------------------------------------------------------- what there is
def _words(wanted: Choices, place: tuple[float, float]) -> list[str]:
    """The request as the command line knows it; refused where it is wrong."""
    lat, lon = place
    orbit = BOTH if wanted.radar == NONE else wanted.radar
    Request.of(lat=lat, lon=lon, size=wanted.size_km, start=wanted.start, end=wanted.end, orbit=orbit)
    words = ["fetch", f"--lat={lat!r}", f"--lon={lon!r}", "--size", f"{wanted.size_km:g}"]
    words += ["--start", wanted.start, "--end", wanted.end]
    words += ["--no-radar"] if wanted.radar == NONE else ["--orbit", orbit]
    if wanted.archive == OTHER:
        return [*words, "--api", check_address(wanted.api)]
    return [*words, "--provider", wanted.archive]


def _look(wanted: Choices, words: list[str]) -> None:
    """The estimate of just this request, else the button that asks for it."""
    looked = wanted.looked == work.target_of(words, kind="look")
    if looked:
        work.show_look(wanted.looked, "Asking the archive")
        if there := work.found(wanted.looked):
            st.markdown(estimate(there))
            _fetch()
            return
        if work.is_running(wanted.looked):
            return
    told = "Asks the archive for its dates and how much there is to download."
    st.button(LOOK, type="primary", width="stretch", on_click=_begin_look, help=told)
    if looked:
        work.show_failure(wanted.looked)


def _begin_look() -> None:
    """Of what is asked now: a number may have been typed a moment before the click."""
    wanted = current()
    if wanted.place is None:
        return
    with messages.explained():
        change(looked=work.look(_words(wanted, wanted.place), kind="look", option="--estimate"))


def estimate(there: dict[str, Any]) -> str:
    """What an archive has, and what fetching it takes, as Markdown."""
    optical, radar = there["dates"]["optical"], there["dates"]["radar"]
    when = f"Optical {_span(optical)}" + (f", radar {_span(radar)}" if radar else "")
    lines = [
        f"**{len(optical)} optical and {len(radar)} radar dates**, about **{there['megabytes']:,.0f} MB** to download, "
        f"about **{minutes(there['seconds'])}** on a usual line.",
        f"{when}; {there['height']} × {there['width']} pixels of 10 m. How much of it is cloud shows when it is here.",
    ]
    return "\n\n".join([*lines, *there["remarks"]])


def _span(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _fetch() -> None:
    try:
        site_asked()
    except FluxscapeError as problem:
        st.warning(worded(str(problem)))
        return
    told = "Downloads the pictures in the background; it can be stopped."
    st.button(FETCH, type="primary", width="stretch", on_click=_begin_fetch, help=told)


def _begin_fetch() -> None:
    """Of what is asked now, as with a look; what was typed since the look is looked at first."""
    wanted = current()
    if wanted.place is None:
        return
    with messages.explained():
        words = _words(wanted, wanted.place)
        if work.target_of(words, kind="look") == wanted.looked:
            more = ["--weather", str(wanted.weather)] if wanted.weather else []
            site = site_asked()
            work.begin([*words, *more, "--site", site], kind=work.FETCH, site=site)
