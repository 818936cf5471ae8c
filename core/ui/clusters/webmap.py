"""The same picture on a web map, with an opacity of its own; a click there is a click on the pixel."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.figures.clusters_map import Picture, overlay
from core.frames import Grid
from core.ui.clusters.atlas import Mark
from core.ui.clusters.choices import change, current, follows

HEIGHT = 420  # CSS px
CLICKED = "last_clicked"  # a name of streamlit-folium


def draw(picture: Picture | None, grid: Grid, *, on_gesture: Callable[[Mark], None]) -> None:
    """A switch, and where it is on the map: country outlines, or online maps for whoever chooses them there."""
    st.toggle(
        "On a web map", **follows("webmap"), help="Shows the picture in its place on the globe; needs no network."
    )
    if not current().webmap or picture is None:
        return
    from streamlit_folium import st_folium  # late: with leafmap 2 to 3 s, which the rest of the page need not wait for

    from core import overlays

    words = "How strongly the picture covers the map under it: 0 is not at all."
    st.slider("Overlay on the web map (%)", 0, 100, step=5, help=words, **follows("webmap_opacity"))
    shown = overlay(picture, grid)
    answer = st_folium(
        overlays.place_map(shown),
        feature_group_to_add=overlays.picture_layer(shown, opacity=current().webmap_opacity / 100),
        returned_objects=[CLICKED],
        height=HEIGHT,
        use_container_width=True,
        pixelated=True,
        key=f"webmap {current().part}",
    )
    clicked = (answer or {}).get(CLICKED)
    if not clicked or clicked == current().webmap_click:
        return
    change(webmap_click=clicked)
    pixel = overlays.clicked_pixel(grid, lat=clicked["lat"], lon=clicked["lng"])
    if pixel is not None:
        on_gesture(Mark(seq=current().mark(current().part).seq + 1, kind="pixel", pixel=pixel))
        st.rerun()
