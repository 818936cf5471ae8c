"""What does the model see here?"""

import streamlit as st

from core.figures import meaning_matrix
from core.schema import SiteInfo
from core.store import Run
from core.ui import chart, empty, loaders, making, messages, pictures, runs, state
from core.ui.embed import form, maps, request, table
from core.ui.embed import loaders as embeddings
from core.ui.embed import pictures as views
from core.ui.site_card import badge

LEFT_RIGHT = (11, 9)  # widths of the two columns


@st.fragment
def result(info: SiteInfo, run: Run) -> None:
    """An embedding beside true colour and its dimensions; follows the date without the rest of the page."""
    found, site = embeddings.embedding(run), loaders.site(info.id) if info.has_data else None
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    with left:
        views.pickers(found)
        date = views.player(found, site)
        request.show_drawn_box()
    with right:
        views.hatch_picker(found)
        views.note(found)
        if known := maps.meaning(found, site):
            chart.draw(meaning_matrix(known, theme=chart.theme()), key=f"meaning {run.id}", height=390)
        else:
            st.info(
                "No Sentinel images lie under this embedding, so there is no true colour and nothing to compare with."
            )
    st.subheader(f"Its dimensions {badge(info)}")
    maps.draw(found, site, date=date)
    state.write_link()


@st.fragment
def invitation(info: SiteInfo) -> None:
    """True colour alone, until there is an embedding."""
    site = loaders.site(info.id)
    st.markdown("No embedding of this site yet: **Run** makes one. Until then, its true colour:")
    pictures.player(site, pictures.first_layer(site), box=request.current(info).box, on_box=request.take_box)
    request.show_drawn_box()
    state.write_link()


st.title("What does the model see here?")
info = next(site for site in loaders.sites() if site.id == state.view().site)
with messages.explained():
    if making.is_due(info):
        making.make(info)
    else:
        run = runs.current(info)
        if run:  # before the site, whose dates may lie far from the run's
            views.settle(embeddings.embedding(run), north=info.lat >= 0)
        if info.has_data:
            pictures.settle(loaders.site(info.id))
            form.form(loaders.site(info.id))
        if run:
            result(info, run)
        elif info.has_data:
            invitation(info)
        else:
            empty.without_pictures(info)
        table.table(info)
