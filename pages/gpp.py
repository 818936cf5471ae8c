"""How much carbon, and how far can I trust the number?"""

import streamlit as st

from core.schema import SiteInfo
from core.ui import empty, loaders, making, messages, pictures, state
from core.ui.gpp import choices, export, form, judged, maps, parts, scores
from core.ui.gpp import loaders as fits
from core.ui.gpp.loaders import Fit
from core.ui.site_card import badge

LEFT_RIGHT = (13, 7)  # widths of the two columns
SHOWS = "What else there is to know of the fit above: one part at a time."


@st.fragment
def details(info: SiteInfo, fit: Fit, date: str) -> None:
    """What else there is to know of a fit, one part at a time; another date than `date` concerns the whole page."""
    if state.view().date != date:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = choices.follows("part", among=choices.PARTS)
        st.pills("Show", choices.PARTS, required=True, wrap=True, width="content", **chosen, help=SHOWS)
        st.markdown(badge(info), width="content")
    part = choices.current().part
    with messages.explained():
        if part == choices.MATTERS:
            parts.what_matters(fit)
        elif part == choices.BY_PART:
            parts.by_part(fit)
        elif part == choices.BOARD:
            parts.board(fit)
        elif part == choices.MAP:
            maps.draw(info, fit)
        elif part == choices.SUMS:
            parts.annual(fit)
        else:
            export.draw(fit)
    state.write_link()


@st.fragment
def over_time(info: SiteInfo, fit: Fit) -> None:
    """A tower's days, observed and predicted; another tower is chosen without the rest of the page."""
    judged.series(info, fit)


def result(info: SiteInfo, fit: Fit) -> None:
    """A fit, judged: the scores first."""
    scores.draw(fit, badge=badge(info))
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    with left:
        over_time(info, fit)
    with right:
        judged.beside(fit)


st.title("How much carbon, and how far can I trust the number?")
info = next(site for site in loaders.sites() if site.id == state.view().site)
with messages.explained():
    if making.is_due(info):
        making.make(info)
    elif not info.has_data:
        empty.without_pictures(info)
    else:
        choices.settle(info)
        pictures.settle(loaders.site(info.id))
        run = fits.settle(info)
        maps.draw_date(info, run)
        if run:
            with messages.explained():
                result(info, fits.fit(run))
        else:
            judged.invitation(info)
        st.subheader(f"{'Fit another model' if run else 'Fit a model'} {badge(info)}")
        form.form(info)
        if run:
            with messages.explained():
                details(info, fits.fit(run), state.view().date)
