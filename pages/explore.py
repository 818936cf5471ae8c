"""What is at this place, and when was it seen?"""

from functools import partial

import streamlit as st

from core import pixel
from core.figures import acquisition_calendar, pixel_series, site_strips, spectrum
from core.schema import SiteInfo, WorkspaceError
from core.ui import chart, loaders, making, messages, pictures, state
from core.ui.own_site import choices, panel, work
from core.ui.site_card import badge, site_card
from core.ui.site_map import site_map

LEFT_RIGHT = (11, 9)  # widths of the two columns
TITLE_BUTTON = (9, 2)


@st.fragment
def observations(site_id: str) -> None:
    """The pictures, the chosen pixel and the record of a site; follows the date without the rest of the page."""
    site, theme = loaders.site(site_id), chart.theme()
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    with left:
        pictures.layer_picker(site)
        date, place = pictures.player(site)
    with right:
        pictures.index_picker(site)
        point, index = pixel.at(site.cube, place), state.view().index
        chart.draw(spectrum(*pixel.spectra(point), cursor=date, theme=theme), key=f"spectrum {site_id}", height=208)
        series = partial(pixel_series, label=index, cursor=date, theme=theme)
        chart.draw(
            lambda: series(*pixel.index_series(point, index), radar=pixel.backscatter(point)),
            of=(site.digest, place, index),
            key=f"series {site_id}",
            height=218,
        )

    st.subheader(f"When it was seen {badge(site.info)}")
    chart.draw(
        lambda: acquisition_calendar(*pictures.record(site), cursor=date, theme=theme),
        of=site.digest,
        key=f"calendar {site_id}",
        on_click=lambda chosen: state.choose(date=chosen),
    )
    st.subheader(f"Weather and tower {badge(site.info)}")
    chart.draw(
        lambda: site_strips(site.weather, site.tower, cursor=date, span=pictures.span(site), theme=theme),
        of=site.digest,
        key=f"strips {site_id}",
    )
    state.write_link()


def look_at(info: SiteInfo, sites: list[SiteInfo]) -> None:
    """The map of all sites, and all that is known of one."""
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    with right:
        site_card(info)
    with messages.explained():
        if making.is_due(info):
            making.make(info)
        elif info.has_data:
            try:
                pictures.settle(loaders.site(info.id))
                observations(info.id)
                making.offer_renewal(info)
            except WorkspaceError as damage:
                making.offer_renewal(info, damage)
    with left:
        site_map(sites)  # last: what maps are drawn with is still being loaded when a server's first page is asked for


title, button = st.columns(TITLE_BUTTON, gap="small", vertical_alignment="center")
title.title("What is at this place, and when was it seen?")
every = loaders.sites()
looked_at = next(site for site in every if site.id == state.view().site)
with messages.explained():
    work.show()
if choices.current().open:
    panel.panel(every)
else:
    with button:
        panel.button(looked_at)
    look_at(looked_at, every)
