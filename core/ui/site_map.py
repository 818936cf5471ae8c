"""The map of all sites, with its clicks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.schema import SiteInfo
from core.ui import state
from core.ui.state import Key

HEIGHT = 285  # CSS px
PLACE_HEIGHT = 430
PLACE = "last_clicked"
CLICKED, COUNT = "last_object_clicked", "last_object_clicked_count"  # names of streamlit-folium


@st.fragment
def site_map(sites: Sequence[SiteInfo]) -> None:
    """All sites on a map that needs no network; a click on a marker chooses its site."""
    from streamlit_folium import st_folium  # late: with leafmap 2 to 3 s, which the rest of the page need not wait for

    from core import maps

    chosen = next((site for site in sites if site.id == state.view().site), None)
    answer = st_folium(
        maps.site_map(sites),
        feature_group_to_add=maps.chosen_site(chosen),
        returned_objects=[CLICKED, COUNT],
        height=HEIGHT,
        use_container_width=True,
        key="site_map",
    )
    if clicked := new_click(answer, seen=st.session_state[Key.CLICKS]):
        st.session_state[Key.CLICKS] = answer[COUNT]
        if site := maps.site_at(sites, lat=clicked["lat"], lon=clicked["lng"]):
            state.choose(site=site.id)
            st.rerun()


@st.fragment
def place_map(
    sites: Sequence[SiteInfo],
    place: tuple[float, float] | None,
    corners: tuple[float, float, float, float] | None,
    *,
    on_click: Callable[[float, float], None],
    seen: tuple[float, float] | None,
) -> None:
    """All sites, and the place (latitude, longitude) that is chosen for a new one; a click anywhere chooses it.

    `corners` are west, south, east, north of its box in degrees; `seen` is the last click that was acted on.
    """
    from streamlit_folium import st_folium

    from core import maps

    answer = st_folium(
        maps.site_map(sites),
        feature_group_to_add=maps.asked_place(place, corners),
        returned_objects=[PLACE],
        height=PLACE_HEIGHT,
        use_container_width=True,
        wrap_longitude=True,
        center=place,
        key="place_map",
    )
    clicked = (answer or {}).get(PLACE)
    if clicked and (clicked["lat"], clicked["lng"]) != seen:
        on_click(clicked["lat"], clicked["lng"])
        st.rerun()


def new_click(answer: dict | None, *, seen: int) -> dict[str, float] | None:
    """Where a marker was clicked since `seen` clicks, as {"lat", "lng"} in degrees; None if there was no new click.

    The map counts its clicks from 0 again when it is drawn anew.
    """
    if not answer or not answer.get(CLICKED) or answer.get(COUNT) in (None, 0, seen):
        return None
    return answer[CLICKED]
