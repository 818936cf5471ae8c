"""A map for each dimension at the date shown, and what it goes with; twelve at a time."""

from __future__ import annotations

import streamlit as st

from core.embedding.meaning import Meaning
from core.sources.site import Site
from core.ui.embed import loaders
from core.ui.embed.loaders import Embedding
from core.ui.multiples import small_multiples
from core.ui.state import Key

A_PAGE = 12  # maps: two rows at 1300 px


def draw(found: Embedding, site: Site | None, *, date: str) -> None:
    """The maps of the chosen page."""
    dims = found.sample.dims
    first = min(st.session_state[Key.MAPS_PAGE], (dims - 1) // A_PAGE) * A_PAGE
    shown = tuple(range(first, min(first + A_PAGE, dims)))
    if dims > A_PAGE:
        _page_picker(dims)
    found_meaning = meaning(found, site)
    bars = [found_meaning.strongest(dim) if found_meaning else [] for dim in shown]
    small_multiples(loaders.maps(found, shown, date=date), bars, date=date, key="multiples")
    st.caption(_words(found_meaning))


def meaning(found: Embedding, site: Site | None) -> Meaning | None:
    """What the dimensions go with; None where nothing is known of what the sensors saw there."""
    known = loaders.meaning_of(found, site) if site else None
    return known if known and known.count else None


def _words(found: Meaning | None) -> str:
    white = "Colours go by rank in the whole embedding: white is its middle, brown the lowest, blue-green the highest."
    if found is None:
        return f"{white} There are no Sentinel images under this embedding to compare its dimensions with."
    return (
        f"{white} Under each map: rank correlation with what the sensors saw, over {found.count:,} clear pixel-dates "
        "drawn at random from all dates; the strongest indices, band and backscatter."
    )


def _page_picker(dims: int) -> None:
    pages = range(-(-dims // A_PAGE))
    st.session_state["maps_page_picker"] = min(st.session_state[Key.MAPS_PAGE], len(pages) - 1)
    st.pills(
        "Dimensions",
        pages,
        format_func=lambda page: f"{page * A_PAGE + 1}–{min((page + 1) * A_PAGE, dims)}",
        key="maps_page_picker",
        required=True,
        wrap=True,
        help="Which values of the embedding have their maps below: twelve at a time.",
        on_change=_take_page,
    )


def _take_page() -> None:
    st.session_state[Key.MAPS_PAGE] = st.session_state["maps_page_picker"]
