"""Clusters on the map and in the scatter, how they are sought, and what is known of how they were found."""

from __future__ import annotations

import streamlit as st

from core.clustering.assign import MOST, Clusters
from core.clustering.legend import Entry, edited, legend
from core.clustering.match import keep_numbers
from core.clustering.methods import METHODS
from core.clustering.studies import NEIGHBOURS as PLANE
from core.clustering.studies import NUMBER
from core.export.classes import ClassLayer, layer_of_clusters
from core.figures.clusters import number_of_clusters
from core.figures.clusters_map import Picture, class_picture
from core.sources.site import Site
from core.ui import chart, messages
from core.ui.clusters import choices, loaders, work
from core.ui.clusters.atlas import Mark, Scatter, atlas, scatter_of, tell_ground
from core.ui.clusters.choices import CLUSTERS, change, current, follows
from core.ui.embed.loaders import Embedding

NEIGHBOURS = "neighbours"
AXES = {"components": "where they differ most (PCA)", NEIGHBOURS: "who is alike (t-SNE)"}


def settle(found: Embedding, *, date: str) -> Clusters | None:
    """The clusters asked for, under the numbers of those before, without a reader's merges; None where there can be
    none, and a word on why.
    """
    with messages.answered():
        asked = current().features(date)
        if current().suggest and (suggested := loaders.suggestion(found, asked)):
            change(suggest=False, k=suggested.k)
        how = current().clusters()
        question = f"{found.digest} {loaders.spec_of(found, asked)} {how}"
        if current().question != question or current().numbered is None:
            _number(question, loaders.clusters(found, asked, how))
            _choose_linked()
        return current().numbered
    return None


def draw_map(found: Embedding, site: Site | None, clusters: Clusters, *, date: str) -> Picture:
    """The clusters over true colour, and beside it all pixels in their principal components; returns their picture."""
    shown, entries = edited(clusters, current().edits), legend(clusters, current().edits)
    chosen = current().chosen or None
    mark, scatter = current().mark(CLUSTERS), scatter_for(found, date=date)
    picture = class_picture(shown.labels, entries, chosen=chosen)
    ground = loaders.ground(found, site, current().features(date), date=date)
    atlas(
        picture,
        ground.picture,
        key="atlas clusters",
        label="Map of clusters: click a pixel, or drag to draw round an area",
        hint="Click a pixel to choose its cluster; drag round pixels, here or there, to light them up in both.",
        mark=mark,
        on_gesture=take,
        scatter=scatter,
        legend=[(entry.colour, entry.name) for entry in entries],
    )
    tell_ground(ground, date)
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
    """All pixels in two components, or with those that behave alike side by side, if somebody arranged them."""
    asked = current().features(date)
    space = loaders.space(found, asked)
    plane = loaders.plane(found, asked) if current().axes == NEIGHBOURS else None
    if plane is not None and plane.shape[:2] == space.features.where.shape:
        axes = ("pixels that behave alike lie side by side", "far distances mean nothing")
        return scatter_of(plane[space.features.where], space.features.where, axes)
    shares = [*space.explained[:2], 0.0, 0.0]
    axes = (f"component 1 ({100 * shares[0]:.0f} % of the variance)", f"component 2 ({100 * shares[1]:.0f} %)")
    return scatter_of(space.scores, space.features.where, axes)


def tell_how(found: Embedding, clusters: Clusters, *, date: str) -> None:
    """What a reader should know of the result."""
    with st.popover("How they were found", help="Which pixels took part, and what each number of clusters is worth."):
        st.markdown("\n".join(f"- {remark}" for remark in clusters.remarks) or "Every pixel was seen and takes part.")
        if suggested := loaders.suggestion(found, current().features(date)):
            st.caption(suggested.words)
            chart.draw(number_of_clusters(suggested, used=current().k, theme=chart.theme()), key="number of clusters")
        elif METHODS[current().method].takes_k:
            st.caption("What each number of clusters is worth stands here once Suggest has found out.")


def choose_axes(found: Embedding, *, date: str) -> None:
    """What the scatter shows; to arrange the pixels takes a while, so it waits for its button."""
    asked = current().features(date)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = "How the pixels are laid out beside the map: along what varies most, or with those alike side by side."
        st.selectbox("Scatter by", list(AXES), format_func=AXES.__getitem__, **follows("axes"), width=260, help=words)
        if current().axes != NEIGHBOURS or loaders.plane(found, asked) is not None:
            return
        if work.running(found, PLANE):
            work.watch(found, PLANE)
            return
        words = "Looks for the most alike of each pixel (t-SNE), in the background; it is kept."
        st.button("Arrange, 10 to 30 s", on_click=work.begin, args=(found, PLANE, asked), help=words)
    work.show_failure(found, PLANE)


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
    shares = ", ".join(f"{100 * share:.0f} % {name}" for name, share in largest if share >= 0.005)
    return f"{count:,} pixels{size}: {shares}."


def controls(found: Embedding, *, date: str) -> None:
    """Method and number of clusters."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        labels = {name: method.label for name, method in METHODS.items()}
        method = METHODS[current().method]
        st.selectbox(
            "Method", list(labels), format_func=labels.__getitem__, **follows("method"), help=method.words, width=190
        )
        if method.takes_k:
            words = "Into how many groups the pixels are divided; Suggest finds a good number."
            st.number_input("Number of clusters", 2, MOST, **follows("k"), width=150, help=words)
            _suggest(found, date=date)
        else:
            words = "Least share of the pixels, in percent, that make a cluster; what lies in none is called noise."
            st.number_input("Smallest cluster (%)", 0.1, 50.0, **follows("smallest"), step=0.5, width=150, help=words)
    work.show_failure(found, NUMBER)


def exported(found: Embedding, clusters: Clusters) -> ClassLayer:
    """What is on the screen."""
    return layer_of_clusters(clusters, current().edits, run=found.run.id)


# ---------------------------------------------------------------- inside
def _suggest(found: Embedding, *, date: str) -> None:
    if work.running(found, NUMBER):
        work.watch(found, NUMBER)
        return
    words = "Tries 2 to 12 and takes what comes out again and keeps apart: 5 to 20 s in the background; it is kept."
    st.button("Suggest", on_click=_ask_number, args=(found, date), help=words)


def _ask_number(found: Embedding, date: str) -> None:
    asked = current().features(date)
    change(suggest=True)
    if loaders.suggestion(found, asked) is None:
        work.begin(found, NUMBER, asked)


def _choose_linked() -> None:
    """The cluster of the pixel that a link names."""
    mark, shown = current().mark(CLUSTERS), current().numbered
    if mark.kind == "pixel" and mark.pixel and mark.seq == 0 and shown is not None:
        row, column = (min(place, size - 1) for place, size in zip(mark.pixel, shown.labels.shape, strict=True))
        take(Mark(kind="pixel", pixel=(row, column)))


def _number(question: str, raw: Clusters) -> None:
    """Let clusters take over the numbers of those on the screen."""
    kept = current().numbered
    before = kept.labels if kept is not None and kept.labels.shape == raw.labels.shape else None
    matched = keep_numbers(raw, before)
    chosen = 0 if current().chosen in matched.vanished else current().chosen
    change(question=question, numbered=matched.clusters, chosen=chosen)
