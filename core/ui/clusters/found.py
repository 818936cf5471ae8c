"""Clusters on the map and in the scatter, their legend with areas, and what a reader changes of it."""

from __future__ import annotations

import streamlit as st

from core.clustering.assign import MOST, NONE, Clusters
from core.clustering.legend import Entry, edited, legend
from core.clustering.match import keep_numbers
from core.clustering.methods import METHODS
from core.export.classes import ClassLayer, layer_of_clusters
from core.figures.clusters import cluster_areas, number_of_clusters
from core.figures.clusters_map import Picture, class_picture
from core.sources.site import Site
from core.ui import chart, messages
from core.ui.clusters import choices, loaders
from core.ui.clusters.atlas import Mark, Scatter, atlas, scatter_of
from core.ui.clusters.choices import CLUSTERS, change, current, follows
from core.ui.embed.loaders import Embedding


def settle(found: Embedding, *, date: str) -> Clusters | None:
    """The clusters asked for, under the numbers of those before, without a reader's merges; None where there can be
    none, and a word on why.
    """
    with messages.explained():
        asked = current().features(date)
        if current().suggest:
            change(suggest=False)
            change(k=loaders.suggestion(found, asked).k)
        how = current().clusters()
        question = f"{found.digest} {loaders.spec_of(found, asked)} {how}"
        if current().question != question or current().numbered is None:
            _number(question, loaders.clusters(found, asked, how))
        return current().numbered
    return None


def draw_map(found: Embedding, site: Site | None, clusters: Clusters, *, date: str) -> Picture:
    """The clusters over true colour, and beside it all pixels in their principal components; returns their picture."""
    shown, entries = edited(clusters, current().edits), legend(clusters, current().edits)
    chosen = current().chosen or None
    mark, scatter = current().mark(CLUSTERS), scatter_for(found, date=date)
    picture = class_picture(shown.labels, entries, chosen=chosen)
    atlas(
        picture,
        loaders.ground(found, site, date=date),
        key="atlas clusters",
        label="Map of clusters: click a pixel, or drag to draw round an area",
        hint="Click a pixel to choose its cluster; drag round pixels, here or there, to light them up in both.",
        mark=mark,
        on_gesture=take,
        scatter=scatter,
        legend=[(entry.colour, entry.name) for entry in entries],
    )
    if words := lit_words(mark, shown, entries, scatter):
        st.caption(words)
    return picture


def take(mark: Mark) -> None:
    """A pixel chooses its cluster."""
    choices.take_mark(CLUSTERS, mark)
    shown = current().numbered
    if mark.kind == "pixel" and mark.pixel and shown is not None:
        change(chosen=max(0, int(edited(shown, current().edits).labels[mark.pixel])))
    elif mark.kind == "none":
        change(chosen=0)


def scatter_for(found: Embedding, *, date: str) -> Scatter:
    space = loaders.space(found, current().features(date))
    shares = [*space.explained[:2], 0.0, 0.0]
    axes = (f"component 1 ({shares[0]:.0%} of the variance)", f"component 2 ({shares[1]:.0%})")
    return scatter_of(space.scores, space.features.where, axes)


def lit_words(mark: Mark, shown: Clusters, entries: list[Entry], scatter: Scatter) -> str:
    """What lies in the marked area, a sentence; empty where none is."""
    area = mark.area(shown.labels.shape, scatter.points)
    if area is None:
        return ""
    count = int(area.sum())
    if count == 0:
        return "No pixel lies within the line; draw round some."
    parts = {entry.name: float((shown.labels[area] == entry.id).mean()) for entry in entries}
    largest = sorted(parts.items(), key=lambda part: -part[1])[:3]
    size = next((f", {count * entry.area_ha / entry.pixels:.1f} ha" for entry in entries if entry.area_ha), "")
    shares = ", ".join(f"{share:.0%} {name}" for name, share in largest if share >= 0.005)
    return f"{count:,} pixels{size}: {shares}."


def controls(found: Embedding, clusters: Clusters | None, *, date: str) -> None:
    """Method and number of clusters, and what a reader should know of the result."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        labels = {name: method.label for name, method in METHODS.items()}
        method = METHODS[current().method]
        st.selectbox(
            "Method", list(labels), format_func=labels.__getitem__, **follows("method"), help=method.words, width=190
        )
        if method.takes_k:
            st.number_input("Number of clusters", 2, MOST, **follows("k"), width=150)
            words = "Tries 2 to 12 and takes what comes out again and keeps apart; takes some seconds"
            st.button("Suggest", on_click=change, kwargs={"suggest": True}, help=words)
        else:
            st.number_input("Smallest cluster (%)", 0.1, 50.0, **follows("smallest"), step=0.5, width=150)
    if clusters is None:
        return
    with st.popover("How they were found"):
        st.markdown("\n".join(f"- {remark}" for remark in clusters.remarks) or "Every pixel was seen and takes part.")
        if st.toggle("What each number of clusters is worth", key="clusters_worth"):
            suggested = loaders.suggestion(found, current().features(date))
            st.caption(suggested.words)
            chart.draw(number_of_clusters(suggested, used=current().k, theme=chart.theme()), key="number of clusters")


def draw_legend(clusters: Clusters) -> None:
    """Name, area and share of each cluster; a click on a bar chooses it. And names, merges, undo."""
    entries = legend(clusters, current().edits)
    figure = cluster_areas(entries, chosen=current().chosen or None, theme=chart.theme())
    chart.draw(figure, key="cluster areas", on_click=_toggle)
    real = {entry.id: entry.name for entry in entries if entry.id > NONE}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if current().chosen not in (0, *real):
            change(chosen=0)
        st.selectbox(
            "Look at",
            [0, *real],
            format_func=lambda cluster: real.get(cluster, "all clusters"),
            **follows("chosen"),
            width=180,
        )
        with st.popover("Rename or merge"):
            _edit(real)
        st.button("Undo", on_click=choices.undo_edit, disabled=not current().undone_to, key="clusters_undo")


def exported(found: Embedding, clusters: Clusters) -> ClassLayer:
    """What is on the screen."""
    return layer_of_clusters(clusters, current().edits, run=found.run.id)


# ---------------------------------------------------------------- inside
def _number(question: str, raw: Clusters) -> None:
    """Let clusters take over the numbers of those on the screen."""
    kept = current().numbered
    before = kept.labels if kept is not None and kept.labels.shape == raw.labels.shape else None
    matched = keep_numbers(raw, before)
    chosen = 0 if current().chosen in matched.vanished else current().chosen
    change(question=question, numbered=matched.clusters, chosen=chosen)


def _toggle(cluster: str) -> None:
    number = int(cluster)
    change(chosen=number if number > NONE and number != current().chosen else 0)


def _edit(real: dict[int, str]) -> None:
    with st.form("clusters_name", border=False, clear_on_submit=True):
        st.selectbox("Cluster", list(real), format_func=real.__getitem__, key="clusters_renamed")
        st.text_input("Name", placeholder="wet meadow", key="clusters_new_name")
        st.form_submit_button("Rename", on_click=_rename)
    with st.form("clusters_merge", border=False, clear_on_submit=True):
        st.multiselect("Make one of", list(real), format_func=real.__getitem__, key="clusters_merged")
        st.form_submit_button("Merge", on_click=_merge)
    for target in sorted(set(current().edits.merged.values()) & set(real)):
        st.button(f"Split {real[target]} again", key=f"clusters_split_{target}", on_click=_split, args=(target,))


def _rename() -> None:
    with messages.explained():
        name = st.session_state["clusters_new_name"]
        choices.edit(current().edits.rename(st.session_state["clusters_renamed"], name))


def _merge() -> None:
    with messages.explained():
        choices.edit(current().edits.merge(st.session_state["clusters_merged"]))


def _split(target: int) -> None:
    choices.edit(current().edits.split(target))
