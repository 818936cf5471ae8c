"""The narrow column beside every page: product name, site, embedding, date, and a link to what is on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.assets import STATIC
from core.embedding.unfinished import is_described
from core.schema import SiteInfo
from core.ui import loaders, runs, state
from core.ui.copy_link import copy_link
from core.ui.messages import sentence
from core.ui.site_card import badge
from core.ui.state import Key

COPY_LINK = "Copy link to this view"


def draw() -> None:
    """Name, site picker and embedding picker. Afterwards the view's site and embedding are ones that exist."""
    st.logo(str(STATIC / "logo.svg"), size="large")
    sites = {site.id: site for site in loaders.sites()}
    _settle(sites)
    st.session_state[Key.SITE_PICKER] = state.view().site
    with st.sidebar:
        st.selectbox(
            "Site",
            options=list(sites),
            format_func=lambda site_id: _label(sites[site_id]),
            key=Key.SITE_PICKER,
            help="The place that every page looks at. More can be added on Explore.",
            on_change=lambda: state.choose(site=st.session_state[Key.SITE_PICKER]),
        )
        site = sites[state.view().site]
        st.caption(f"{site.class_name} {badge(site)}")
    _draw_run(site)


def draw_date(dates: Sequence[str], *, shown: str) -> None:
    """Picker of the acquisition date, for pages (and fragments of pages) that show one."""
    st.session_state[Key.DATE_PICKER] = shown
    with st.sidebar:
        st.selectbox(
            "Date",
            options=dates,
            key=Key.DATE_PICKER,
            help="The acquisition dates on which enough of the place was seen.",
            on_change=lambda: state.choose(date=st.session_state[Key.DATE_PICKER]),
        )


def draw_link() -> None:
    """A button that copies the address of this very view."""
    with st.sidebar:
        copy_link(COPY_LINK)


def draw_left_over() -> None:
    """What lies in the workspace and is neither a whole site nor a whole run, with a way to be rid of drafts."""
    workspace = loaders.workspace()
    with st.sidebar:
        for problem in workspace.problems():
            st.warning(sentence(str(problem)))
        for draft in workspace.drafts():
            if not draft.live and not is_described(draft):  # the Embed page offers to go on with the others
                size = f"{draft.size_bytes / 1e6:.1f} MB"
                st.warning(f"An unfinished {draft.shelf[:-1]}, {draft.name}, was left behind ({size}).")
                st.button(
                    "Discard it",
                    key=f"discard {draft.name}",
                    on_click=workspace.discard,
                    args=(draft,),
                    help=f"Removes what is there of {draft.name}, and frees {size}.",
                )


# ---------------------------------------------------------------- inside
def _draw_run(site: SiteInfo) -> None:
    """Picker of the embedding, where the site has any."""
    found = {run.id: run for run in runs.of(site)}
    runs.settle(site, list(found.values()))
    if not found:
        return
    st.session_state[Key.RUN_PICKER] = state.view().run
    with st.sidebar:
        st.selectbox(
            "Embedding",
            options=list(found),
            format_func=lambda run_id: runs.label(found[run_id]),
            key=Key.RUN_PICKER,
            help="The model and the years of the embedding that the pages look at. More can be made on Embed.",
            on_change=lambda: state.choose(run=st.session_state[Key.RUN_PICKER]),
        )


def _settle(sites: dict[str, SiteInfo]) -> None:
    """Replace a site that does not exist by the first one, and say so."""
    wanted = state.view().site
    if wanted in sites:
        return
    first = next(iter(sites))
    state.correct(f"There is no site '{wanted}'; {first} is shown instead." if wanted else "", site=first)


def _label(site: SiteInfo) -> str:
    """Short enough for the narrow column; the class where the name does not tell it."""
    return site.id if site.igbp in site.id else f"{site.id} · {site.igbp}"
