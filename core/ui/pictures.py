"""Which picture of a site is shown, of which date and which pixel: the controls, and what they stand at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import indices
from core.images import Frames, bands_seen, layers_of
from core.indices import Index
from core.sources.site import Site
from core.ui import loaders, sidebar, state
from core.ui.player import Box, PlayerState, date_player
from core.ui.state import Key, View

INDEX_LAYER = "index"  # the picture shows the chosen spectral index
FIRST_INDEX = "NDVI"
HEIGHT = 350  # CSS px, at most, of a picture
FAR = np.timedelta64(30, "D")  # a picture further from the date asked for is worth a word
PICTURES = (
    "True colour as the eye sees it, false colours with plants in red or by their moisture, radar backscatter, or an "
    "index of the bands."
)
SUMMER = {True: (6, 7, 8), False: (12, 1, 2)}  # months, by whether the site lies north of the equator


class Record(NamedTuple):
    """Optical dates (t,) with their share of clear pixels (t,) 0..1, and radar dates (s,)."""

    times: NDArray[np.datetime64]
    clear_share: NDArray[np.float32]
    s1_times: NDArray[np.datetime64]


def settle(site: Site) -> None:
    """Replace what the view leaves open by something to show; what it asks for in vain too, and then say so."""
    _settle_choice("layer", _layers(site), first_layer(site))
    _settle_choice("index", [index.name for index in _indices(site)], FIRST_INDEX)
    settle_date(loaders.frames(site, picture_of(state.view()), date=state.view().date), north=site.info.lat >= 0)
    _settle_pixel(rows=site.cube.sizes["y"], columns=site.cube.sizes["x"])


def layer_picker(site: Site) -> None:
    """What the picture shows."""
    st.session_state[Key.LAYER_PICKER] = state.view().layer
    st.pills(
        "Picture",
        _layers(site),
        key=Key.LAYER_PICKER,
        required=True,
        wrap=True,
        help=PICTURES,
        on_change=_take,
        args=("layer", Key.LAYER_PICKER),
    )


def index_picker(site: Site) -> None:
    """Which spectral index is looked at over time, and in the picture of the index."""
    st.session_state[Key.INDEX_PICKER] = state.view().index
    names = {index.name: f"{index.name} · {index.long_name}" for index in _indices(site)}
    st.selectbox(
        "Index",
        list(names),
        format_func=names.__getitem__,
        key=Key.INDEX_PICKER,
        help="The spectral index whose course is drawn below; the picture named index shows it too.",
        on_change=_take,
        args=("index", Key.INDEX_PICKER),
    )


def player(
    site: Site, picture: str = "", *, box: Box | None = None, on_box: Callable[[Box], None] | None = None
) -> tuple[str, tuple[int, int]]:
    """The pictures on a date slider; the date shown (ISO) and the chosen pixel. The date stands in the sidebar too.

    `picture`: another one than the view's. With `on_box` a box can be drawn, and `box` is framed.
    """
    view = state.view()
    frames = loaders.frames(site, picture or picture_of(view), date=view.date)
    shown = date_player(
        frames,
        date=view.date,
        pixel=view.pixel,
        key=Key.PLAYER,
        height=HEIGHT,
        box=box,
        on_change=_follow,
        on_box=on_box,
    )
    sidebar.draw_date([str(day) for day in frames.dates], shown=shown.shown)
    return shown.shown, shown.pixel or (0, 0)


def first_layer(site: Site) -> str:
    """The picture to begin with: true colour, where the site has its bands."""
    return _layers(site)[0]


def record(site: Site) -> Record:
    """When the site was seen."""
    cube = site.cube
    radar = cube["s1_time"].values if "s1_time" in cube.coords else np.array([], "datetime64[ns]")
    return Record(cube["time"].values, loaders.frames(site, first_layer(site), date="").clear_share, radar)


def span(site: Site) -> tuple[str, str]:
    """First and last optical date, ISO."""
    return site.info.start, site.info.end


def picture_of(view: View) -> str:
    """The composite or the index that the picture shows."""
    return view.index if view.layer == INDEX_LAYER else view.layer


def settle_date(frames: Frames, *, north: bool) -> None:
    """Replace a date that is not chosen yet by one to begin with; say so where there is none near the one asked for."""
    view = state.view()
    if not view.date:
        state.correct(date=first_date(frames, north=north))
        return
    nearest = frames.dates[frames.nearest(view.date)]
    if abs(nearest - np.datetime64(view.date, "D")) > FAR:
        state.correct(f"There is no picture near {view.date}; the nearest, of {nearest}, is shown.", date=str(nearest))


def first_date(frames: Frames, *, north: bool) -> str:
    """The latest date (ISO) among the clearest of summer: a picture worth beginning with."""
    months = frames.dates.astype("datetime64[M]").astype(int) % 12 + 1
    share = np.where(np.isin(months, SUMMER[north]), frames.clear_share, -1.0)
    if share.max() <= 0:
        share = frames.clear_share
    return str(frames.dates[np.flatnonzero(share >= share.max() - 0.01)[-1]])


# ---------------------------------------------------------------- inside
def _layers(site: Site) -> list[str]:
    return [*layers_of(site.cube), INDEX_LAYER]


def _indices(site: Site) -> list[Index]:
    return indices.available(bands_seen(site.cube))


def _settle_choice(name: str, options: list[str], first: str) -> None:
    wanted = getattr(state.view(), name)
    if wanted not in options:
        state.correct(f"This site has no {name} '{wanted}'; {first} is shown." if wanted else "", **{name: first})


def _settle_pixel(*, rows: int, columns: int) -> None:
    middle = (rows // 2, columns // 2)
    row, column = state.view().pixel or middle
    if row < rows and column < columns:
        state.correct(pixel=(row, column))
        return
    problem = f"Pixel {row},{column} lies outside this site of {rows} × {columns} pixels; the middle one is shown."
    state.correct(problem, pixel=middle)


def _take(name: str, key: str) -> None:
    state.choose(**{name: st.session_state[key]})


def _follow(shown: PlayerState) -> None:
    state.choose(date=shown.date, pixel=shown.pixel or state.view().pixel)
