"""The frame around every page: the page table, the sidebar and the link of the view."""

import streamlit as st

from core.assets import STATIC
from core.ui import STYLE, messages, sidebar, startup, state

SIDEBAR_PX = 234
ICON = str(STATIC / "icon.svg")

st.set_page_config(page_title="Fluxscape", page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_PX)
st.html(STYLE)

# A new page is one line here.
PAGES = [
    st.Page("../explore.py", title="Explore", icon=":material/satellite_alt:"),
    st.Page("../embed.py", title="Embed", icon=":material/blur_on:"),
    st.Page("../clusters.py", title="Clusters", icon=":material/category:"),
    st.Page("../trajectories.py", title="Trajectories", icon=":material/timeline:"),
    st.Page("../gpp.py", title="GPP", icon=":material/eco:"),
]


def home() -> None:
    """The bare address leads to the first page, under the name it has in links."""
    st.switch_page(PAGES[0], query_params=st.query_params.to_dict())


page = st.navigation([st.Page(home, default=True, visibility="hidden"), *PAGES])
state.initialise()
if not page.url_path:
    page.run()
with messages.explained():
    sidebar.draw()
    notices = st.container()
    page.run()
    sidebar.draw_link()
    sidebar.draw_left_over()
    state.write_link()
    with notices:
        messages.show_problems()
startup.settle(page.url_path)
