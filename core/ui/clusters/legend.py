"""The legend of the clusters: name, area and share of each, and what a reader changes of it: names and merges."""

from __future__ import annotations

import streamlit as st

from core.clustering.assign import NONE, Clusters
from core.clustering.legend import legend
from core.figures.clusters import cluster_areas
from core.ui import chart, messages
from core.ui.clusters import choices
from core.ui.clusters.choices import change, current, follows

MERGED = "They become one cluster, with the colour of the first; it can be split again."


def draw(clusters: Clusters) -> None:
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
            help="The cluster that stands out on the map and is described below.",
        )
        with st.popover("Rename or merge", help="Gives a cluster a name of yours, or makes one of several."):
            _edit(real)
        words, past = "Takes back the last name, merge or split.", current().undone_to
        st.button("Undo", on_click=choices.undo_edit, disabled=not past, key="clusters_undo", help=words)


# ---------------------------------------------------------------- inside
def _toggle(cluster: str) -> None:
    number = int(cluster)
    change(chosen=number if number > NONE and number != current().chosen else 0)


def _edit(real: dict[int, str]) -> None:
    with st.form("clusters_name", border=False, clear_on_submit=True):
        words = "The cluster that gets a name."
        st.selectbox("Cluster", list(real), format_func=real.__getitem__, key="clusters_renamed", help=words)
        words = "What it is called from now on, in files too."
        st.text_input("Name", placeholder="wet meadow", key="clusters_new_name", help=words)
        st.form_submit_button("Rename", on_click=_rename, help="Gives the cluster this name.")
    with st.form("clusters_merge", border=False, clear_on_submit=True):
        st.multiselect("Make one of", list(real), format_func=real.__getitem__, key="clusters_merged", help=MERGED)
        st.form_submit_button("Merge", on_click=_merge, help="Makes one cluster of those chosen.")
    for target in sorted(set(current().edits.merged.values()) & set(real)):
        words, key = "Makes the clusters of it that it was merged from.", f"clusters_split_{target}"
        st.button(f"Split {real[target]} again", key=key, on_click=_split, args=(target,), help=words)


def _rename() -> None:
    with messages.explained():
        name = st.session_state["clusters_new_name"]
        choices.edit(current().edits.rename(st.session_state["clusters_renamed"], name))


def _merge() -> None:
    with messages.explained():
        choices.edit(current().edits.merge(st.session_state["clusters_merged"]))


def _split(target: int) -> None:
    choices.edit(current().edits.split(target))
