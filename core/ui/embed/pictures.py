"""The embedding beside true colour: what is shown of it, what is hatched, and the date player with its line."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.embedding.doubt import Limits
from core.frames import Grid
from core.schema import InputError
from core.sources.site import Site
from core.ui import pictures as site_pictures
from core.ui import sidebar, state
from core.ui.embed import loaders, request
from core.ui.embed.loaders import PRINCIPAL, Embedding
from core.ui.player import Box, PlayerState, date_player
from core.ui.state import Key
from core.ui.widgets import stand_at

DIMS = "dims"  # how a picture of three dimensions begins: "dims 1 2 3"
NAMES = {PRINCIPAL: "principal components", DIMS: "three dimensions"}
COLOURS = ("Red", "Green", "Blue")
PICTURES = (
    "What the right of the picture shows: the embedding in colours that set most places apart, three of its values as "
    "red, green and blue, or how far each pixel can be trusted."
)
HATCHED = (
    "Draws lines over pixels with little seen around them, not seen clear for long, or far in time from a radar view."
)
LIMITS = {  # words, lowest, highest, step and factor of each limit
    "context_share": ("Context seen, at least (%)", 0, 100, 5, 100),
    "days_since_clear": ("Days since last clear, at most", 0, 365, 5, 1),
    "sensor_gap": ("Days between the sensors, at most", 0, 60, 1, 1),
}
LIMITED = {
    "context_share": "A pixel is hatched where less of what the model looks at, around it and before, was clear.",
    "days_since_clear": "A pixel is hatched where its last clear view lies longer back.",
    "sensor_gap": "A pixel is hatched where the nearest radar view lies further from the date.",
}


class Corner(NamedTuple):
    """Where the first pixel of an embedding lies in its site."""

    row: int
    column: int


def settle(found: Embedding, *, north: bool) -> None:
    """Replace what the view leaves open by something to show; what it asks for in vain too, and then say so."""
    wanted = state.view().picture
    try:
        _check(found, wanted)
    except (InputError, ValueError):
        problem = f"This embedding has no picture '{wanted}'; its principal components are shown."
        state.correct(problem if wanted else "", picture=PRINCIPAL)
    site_pictures.settle_date(loaders.frames(found, PRINCIPAL, limits=None, date=state.view().date), north=north)


def pickers(found: Embedding) -> None:
    """What is shown of the embedding, and whether doubtful pixel-dates are hatched."""
    kinds = [PRINCIPAL, DIMS, *found.layers]
    st.session_state["embed_picture"] = _kind(state.view().picture)
    st.pills(
        "Picture",
        kinds,
        format_func=lambda kind: NAMES.get(kind, loaders.label_of(kind)),
        key="embed_picture",
        required=True,
        wrap=True,
        help=PICTURES,
        on_change=_take_kind,
        args=(found,),
    )
    if _kind(state.view().picture) == DIMS:
        _dims_pickers(found)


def player(found: Embedding, site: Site | None) -> str:
    """True colour left of the line, the embedding right of it; the date shown (ISO)."""
    view = state.view()
    frames = loaders.frames(found, view.picture, limits=_limits(view.picture), date=view.date)
    left = loaders.true_colour(found, site, date=view.date)
    corner = _corner(found, site)
    pixel = view.pixel and (view.pixel[0] - corner.row, view.pixel[1] - corner.column)
    shown = date_player(
        frames,
        left=left,
        date=view.date,
        pixel=pixel,
        key=Key.PLAYER,
        height=site_pictures.HEIGHT,
        on_change=lambda now: _follow(now, corner),
        on_box=(lambda box: _take_box(box, corner)) if site else None,
        box=_box(site, corner, frames.grid),
    )
    sidebar.draw_date([str(day) for day in frames.dates], shown=shown.shown)
    return shown.shown


def note(found: Embedding) -> None:
    """What the colours are, or the trust layer."""
    picture = state.view().picture
    words = found.layers[picture] if picture in found.layers else loaders.colours_of(found, picture).note
    if words:
        st.caption(f"{words[:1].upper()}{words[1:].rstrip('.')}.")


def hatch_picker(found: Embedding) -> None:
    """Whether low trust is hatched, and from where on trust is low."""
    if not LIMITS.keys() & found.layers.keys():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.session_state["embed_hatch"] = st.session_state[Key.HATCH]
        st.toggle("Hatch low trust", key="embed_hatch", help=HATCHED, on_change=_take_hatch)
        with st.popover("Limits", help="From where on a pixel counts as of low trust."):
            for name in (name for name in LIMITS if name in found.layers):
                _limit(name)


# ---------------------------------------------------------------- inside
def _kind(picture: str) -> str:
    return picture.split()[0] if picture else PRINCIPAL


def _check(found: Embedding, picture: str) -> None:
    if picture == PRINCIPAL or picture in found.layers:
        return
    dims = loaders.dims_of(picture)
    if _kind(picture) != DIMS or len(dims) != 3 or not all(0 <= dim < found.sample.dims for dim in dims):
        raise ValueError(picture)


def _take_kind(found: Embedding) -> None:
    kind, most = st.session_state["embed_picture"], found.sample.dims
    state.choose(picture=" ".join([DIMS, *(str(min(dim, most)) for dim in (1, 2, 3))]) if kind == DIMS else kind)


def _dims_pickers(found: Embedding) -> None:
    dims = loaders.dims_of(state.view().picture)
    for place, (column, name) in enumerate(zip(st.columns(3, gap="small"), COLOURS, strict=True)):
        key = f"embed_dim_{place}"
        st.session_state[key] = dims[place] + 1
        with column:
            words = f"Which value of the embedding is drawn in {name.lower()}."
            st.selectbox(name, range(1, found.sample.dims + 1), key=key, help=words, on_change=_take_dims)


def _take_dims() -> None:
    state.choose(picture=" ".join([DIMS, *(str(st.session_state[f"embed_dim_{place}"]) for place in range(3))]))


def _limits(picture: str) -> Limits | None:
    """The trust layers themselves are not hatched."""
    hatched = st.session_state[Key.HATCH] and _kind(picture) in NAMES
    return st.session_state[Key.LIMITS] if hatched else None


def _take_hatch() -> None:
    st.session_state[Key.HATCH] = st.session_state["embed_hatch"]


def _limit(name: str) -> None:
    words, low, high, step, factor = LIMITS[name]
    key = stand_at(f"embed_limit_{name}", round(asdict(st.session_state[Key.LIMITS])[name] * factor))
    st.number_input(
        words, low, high, step=step, key=key, help=LIMITED[name], on_change=_take_limit, args=(name, factor)
    )


def _take_limit(name: str, factor: int) -> None:
    changes = {name: st.session_state[f"embed_limit_{name}"] / factor}
    st.session_state[Key.LIMITS] = replace(st.session_state[Key.LIMITS], **changes)
    st.session_state[Key.HATCH] = True


def _corner(found: Embedding, site: Site | None) -> Corner:
    if site is None:
        return Corner(0, 0)
    own, whole = found.features, site.cube
    row = int(np.argmin(np.abs(whole["y"].values - own["y"].values[0])))
    return Corner(row, int(np.argmin(np.abs(whole["x"].values - own["x"].values[0]))))


def _follow(shown: PlayerState, corner: Corner) -> None:
    pixel = shown.pixel and (shown.pixel[0] + corner.row, shown.pixel[1] + corner.column)
    state.choose(date=shown.date, pixel=pixel or state.view().pixel)


def _take_box(box: Box, corner: Corner) -> None:
    top, left, bottom, right = box
    request.take_box((top + corner.row, left + corner.column, bottom + corner.row, right + corner.column))


def _box(site: Site | None, corner: Corner, grid: Grid) -> Box | None:
    """The box of the form, as far as the picture shows it."""
    wanted = request.current(site.info).box if site else None
    if wanted is None:
        return None
    top, left, bottom, right = wanted
    rows = sorted(min(max(row - corner.row, 0), grid.rows) for row in (top, bottom))
    columns = sorted(min(max(column - corner.column, 0), grid.cols) for column in (left, right))
    inside = rows[0] < rows[1] and columns[0] < columns[1]
    return (rows[0], columns[0], rows[1], columns[1]) if inside else None
