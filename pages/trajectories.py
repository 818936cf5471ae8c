"""How does this place move through the year?"""

import streamlit as st

from core.schema import SiteInfo
from core.sources.site import Site
from core.store import Run
from core.ui import empty, making, messages, pictures, runs, state
from core.ui import loaders as sites
from core.ui.embed import loaders as embeddings
from core.ui.embed.loaders import PRINCIPAL, Embedding
from core.ui.site_card import badge
from core.ui.trajectories import choices, events, export, loaders, paths, places, seasons, unusual, years

SHOWS = (
    "Its years against each other; when each season began, peaked and ended; which dates were out of the ordinary; "
    "what happened to the vegetation, and where."
)
WIDTHS = (6, 8, 10)  # of the picture, the path and the series


def below(cube: Embedding, site: Site | None, info: SiteInfo, drawn: places.Drawn, *, date: str) -> None:
    """One of: years compared, season dates, how unusual, events."""
    st.pills("Show", choices.PARTS, required=True, **choices.follows("part"), help=SHOWS)
    with messages.answered():
        match choices.current().part:
            case choices.YEARS:
                years.draw(drawn)
            case choices.SEASON:
                seasons.draw(cube, site, here=drawn.words)
            case choices.UNUSUAL:
                unusual.draw(cube, site, drawn.paths[0], here=drawn.words, date=date)
            case choices.EVENTS:
                events.draw(cube, site)


@st.fragment
def body(info: SiteInfo, run: Run) -> None:
    """The place, its path and its series, and one part below; follows its controls without the rest of the page."""
    choices.settle(info.id)
    cube, site = embeddings.embedding(run), sites.site(info.id) if info.has_data else None
    places.settle(cube, site)
    places.pickers(cube, site, badge=badge(info))
    left, middle, right = st.columns(WIDTHS, gap="small")
    with left:
        date = places.player(cube, site)
    drawn = None
    with middle, messages.answered():
        basis = loaders.basis(run, cube.digest)
        drawn = places.drawn(cube, site)
        paths.draw_path(cube, site, drawn, basis, date=date)
    if drawn:
        with right, messages.answered():
            between = paths.draw_series(cube, site, drawn, basis, date=date)
            with middle:
                export.buttons(cube, drawn, basis, between)
        below(cube, site, info, drawn, date=date)
    state.write_link()


st.title("How does this place move through the year?")
info = next(site for site in sites.sites() if site.id == state.view().site)
with messages.explained():
    if making.is_due(info):
        making.make(info)
    elif run := runs.current(info):
        frames = embeddings.frames(embeddings.embedding(run), PRINCIPAL, limits=None, date=state.view().date)
        pictures.settle_date(frames, north=info.lat >= 0)
        body(info, run)
    else:
        empty.without_embedding(info, why="its paths run through one")
