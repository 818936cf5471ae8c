"""The frame of adding a site: which of the two ways, and a way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.schema import SiteInfo
from core.sources.stac.request import Request
from core.ui import messages
from core.ui.own_site import archive, files
from core.ui.own_site.choices import ARCHIVE, FILES, WAYS, change, current, open_for, take_point
from core.ui.site_map import place_map

LEFT_RIGHT = (11, 10)  # widths of the columns
ADD = "Add a site"
TWO_WAYS = "By its coordinates, from a public archive on the internet; or from files that you have."


def button(info: SiteInfo) -> None:
    """The way in."""
    words = "Brings a site of your own: from a public archive by its coordinates, or from files."
    st.button(ADD, icon=":material/add_location_alt:", on_click=open_for, args=(info,), width="stretch", help=words)


def panel(sites: Sequence[SiteInfo]) -> None:
    """The whole panel."""
    wanted = current()
    head, ways, back = st.columns((2, 6, 2), gap="small", vertical_alignment="center")
    head.subheader(ADD, help=TWO_WAYS)
    with ways:
        st.session_state["own_way"] = wanted.way
        st.segmented_control(ADD, WAYS, key="own_way", on_change=_take_way, help=TWO_WAYS, label_visibility="collapsed")
    words = "Leaves what you have chosen here as it is, to go on with later."
    back.button("Back to the site", on_click=change, kwargs={"open": False}, width="stretch", help=words)
    with messages.explained():
        if wanted.way == FILES:
            files.form()
        else:
            _archive(sites)


def _archive(sites: Sequence[SiteInfo]) -> None:
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    with right:
        archive.form()
    with left:
        st.caption(
            "Zoom in and click where your site is. Satellite pictures (online) can be chosen at the upper right."
        )
        place_map(sites, current().place, _corners(), on_click=_take_click, seen=current().clicked)


def _corners() -> tuple[float, float, float, float] | None:
    """West, south, east, north of the box in degrees, where there is one."""
    wanted = current()
    if wanted.place is None:
        return None
    try:
        lat, lon = wanted.place
        return Request.of(lat=lat, lon=lon, size=wanted.size_km, start=wanted.start, end=wanted.end).box()
    except messages.FluxscapeError:
        return None


def _take_click(lat: float, lon: float) -> None:
    take_point(lat, lon)
    change(clicked=(lat, lon))


def _take_way() -> None:
    change(way=st.session_state["own_way"] or ARCHIVE, name="")
