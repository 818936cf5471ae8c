"""Which places behave alike?"""

import streamlit as st

from core.schema import SiteInfo
from core.sources.site import Site
from core.store import Run
from core.ui import empty, loaders, making, messages, runs, state
from core.ui.clusters import basis, choices, export, found, keep, label, legend, link, profile, similar, webmap
from core.ui.clusters.loaders import grid_of
from core.ui.embed import loaders as embeddings
from core.ui.embed.loaders import Embedding
from core.ui.site_card import badge

LEFT_RIGHT = (11, 9)  # widths of the two columns


def clusters_part(cube: Embedding, site: Site | None, info: SiteInfo, *, date: str) -> None:
    """The map and the scatter, the legend, and what the chosen cluster is."""
    shown = found.settle(cube, date=date)
    picture = found.draw_map(cube, site, shown, date=date) if shown else None
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    with left:
        found.controls(cube, date=date)
        basis.controls(cube)
        if shown:
            found.choose_axes(cube, date=date)
        webmap.draw(picture, grid_of(cube), on_gesture=found.take)
    if shown:
        with right:
            legend.draw(shown)
            with st.container(horizontal=True, gap="small"):
                found.tell_how(cube, shown, date=date)
                keep.draw(cube, shown)
                export.layer_files(cube.run, found.exported(cube, shown), "clusters")
        profile.draw(cube, site, shown, badge=badge(info))


def similar_part(cube: Embedding, site: Site | None, info: SiteInfo, *, date: str) -> None:
    """Everywhere that is like the place that was clicked."""
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    with right:
        known = similar.settle(cube, date=date)
        similar.controls()
        basis.controls(cube)
        if known:
            similar.tell(cube, known)
            similar.other_sites(cube, known, date=date)
            export.similarity_file(cube, known, choices.current().features(date))
    with left:
        picture = similar.draw_map(cube, site, known, date=date)
        webmap.draw(picture, grid_of(cube), on_gesture=similar.take)


def label_part(cube: Embedding, site: Site | None, info: SiteInfo, *, date: str) -> None:
    """The labels, the class map they lead to, and how good it is."""
    left, right = st.columns(LEFT_RIGHT, gap="medium")
    labels = label.load(cube)
    with right:
        label.controls(cube, labels)
        basis.controls(cube)
        classes = label.learnt(cube, labels, date=date)
        if classes:
            label.tell(classes)
            export.layer_files(cube.run, label.exported(cube, classes), "classes", labels=labels)
    with left:
        picture = label.draw_map(cube, site, labels, classes, date=date)
        webmap.draw(picture, grid_of(cube), on_gesture=lambda mark: label.add(mark, cube))


DRAW = {choices.CLUSTERS: clusters_part, choices.SIMILAR: similar_part, choices.LABEL: label_part}


@st.fragment
def body(info: SiteInfo, run: Run) -> None:
    """The chosen part; follows its controls without the rest of the page."""
    cube, site = embeddings.embedding(run), loaders.site(info.id) if info.has_data else None
    link.settle(info.id)
    part = choices.picker(info)
    date = basis.settle(cube)
    with messages.answered():
        if basis.is_ready(cube, date=date):
            DRAW[part](cube, site, info, date=date)
        else:
            basis.controls(cube)
    link.write()


st.title("Which places behave alike?")
info = next(site for site in loaders.sites() if site.id == state.view().site)
with messages.explained():
    if making.is_due(info):
        making.make(info)
    elif run := runs.current(info):
        basis.settle_date(embeddings.embedding(run), info)
        body(info, run)
    else:
        empty.without_embedding(info, why="places are compared by it")
