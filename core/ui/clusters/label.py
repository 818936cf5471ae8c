"""Label a few, map the rest: labels by click or drawing, the class map they lead to, and how far to trust it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import streamlit as st

from core.clustering.legend import colour_of
from core.export.classes import ClassLayer, layer_of_classes
from core.figures.clusters import cluster_areas
from core.figures.clusters_map import Picture, class_picture, similarity_picture
from core.frames import Grid
from core.labelling.classifiers import CLASSIFIERS
from core.labelling.classmap import ClassMap
from core.labelling.files import import_labels, load_labels, save_labels
from core.labelling.labels import Label, Labels, Vertex
from core.schema import InputError
from core.sources.site import Site
from core.ui import chart, messages
from core.ui import loaders as sites
from core.ui.clusters import choices, loaders
from core.ui.clusters.atlas import ALONE, Mark, Pin, Quantity, atlas, tell_ground
from core.ui.clusters.choices import LABEL, change, current, follows
from core.ui.embed.loaders import Embedding

CONFIDENCE = "clusters_confidence"
ACCURACY = (
    "Share of labelled pixels that the map gets right, each judged by a map learnt from other blocks of the site."
)
MAJORITY = "Share that would be right by calling every pixel the commonest class; a map is worth what lies above it."
FIRST = ("A", "B")  # classes that are offered before there is any


def load(found: Embedding) -> Labels:
    """The labels of the site, as they are kept in the workspace."""
    return load_labels(sites.workspace(), found.run.spec.site, crs=loaders.grid_of(found).crs)


def learnt(found: Embedding, labels: Labels, *, date: str) -> ClassMap | None:
    """The class map; None, and a word on what is missing, as long as there are too few labels."""
    if len(labels.classes) < 2:
        there = f"There is one class so far, {labels.classes[0]}" if labels.items else "There is no label yet"
        st.info(f"{there}: choose a class, click a place on the map that is of it, and do so for two classes or more.")
        return None
    try:
        return loaders.classes(found, current().features(date), labels, current().classifier)
    except InputError as error:
        st.info(messages.sentence(str(error)))
        return None


def draw_map(found: Embedding, site: Site | None, labels: Labels, classes: ClassMap | None, *, date: str) -> Picture:
    """Labels, and under them the classes everywhere, over true colour."""
    grid, colours = loaders.grid_of(found), colours_of(labels, classes)
    picture = _picture(grid, classes)
    ground = loaders.ground(found, site, current().features(date), date=date)
    atlas(
        picture,
        ground.picture,
        key="atlas label",
        label="Map of labels: click a pixel to label it, or drag to label an area",
        hint=f"Click a pixel, or drag round an area, to label it {current().class_name}.",
        mark=Mark(seq=current().mark(LABEL).seq),
        on_gesture=lambda mark: add(mark, found),
        legend=[(colour, name) for name, colour in colours.items()],
        quantity=None if classes is None else Quantity("confidence", classes.confidence),
        height=ALONE,
        pins=[_pin(label, grid, colours[label.class_name]) for label in labels.items],
    )
    tell_ground(ground, date)
    return picture


def add(mark: Mark, found: Embedding) -> None:
    """A pixel or an area becomes a label of the class that is chosen."""
    choices.take_mark(LABEL, Mark(seq=mark.seq))
    grid = loaders.grid_of(found)
    with messages.explained():
        if mark.kind == "pixel" and mark.pixel:
            centre = _vertex((mark.pixel[0] + 0.5, mark.pixel[1] + 0.5), grid)
            _save(load(found).add(current().class_name, "Point", [centre], grid=grid))
        elif mark.kind == "area":
            corners = [_vertex(corner, grid) for corner in mark.path]
            _save(load(found).add(current().class_name, "Polygon", corners, grid=grid))


def controls(found: Embedding, labels: Labels) -> None:
    """The class to label with, what learns from it, undo."""
    offered = [*labels.classes, *(name for name in FIRST if name not in labels.classes)]
    if not current().class_name:
        change(class_name=offered[0])
    if current().class_name not in offered:
        offered.append(current().class_name)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = "What the next click on the map stands for: choose a class, or write the name of a new one."
        st.selectbox(
            "Label with class", offered, **follows("class_name"), accept_new_options=True, help=words, width=190
        )
        names = {name: way.label for name, way in CLASSIFIERS.items()}
        words = CLASSIFIERS[current().classifier].words
        st.selectbox(
            "Learn by", list(names), format_func=names.__getitem__, **follows("classifier"), help=words, width=190
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = "Takes back the last change of the labels."
        st.button("Undo", on_click=_undo, args=(labels,), disabled=not labels.past, key="labels_undo", help=words)
        words = "Removes every label of this site; Undo brings them back."
        st.button("Clear all", on_click=_save, args=(labels.clear(),), disabled=not labels.items, help=words)
        with st.popover("More", help="Renames a class, or brings labels from a file."):
            _more(labels, loaders.grid_of(found))
    if labels.items:
        counts = {name: sum(label.class_name == name for label in labels.items) for name in labels.classes}
        st.caption("Labels: " + ", ".join(f"{count} {name}" for name, count in counts.items()))


def tell(classes: ClassMap) -> None:
    """How good the map is, beside saying the commonest class everywhere; how little it rests on; the areas."""
    judgement = classes.judgement
    if judgement.accuracy is None or judgement.majority is None:
        st.markdown("**Accuracy: not judged.**")
    else:
        gain = f"{100 * (judgement.accuracy - judgement.majority):+.0f} points over the baseline"
        left, right = st.columns(2)
        left.metric("Accuracy on held-out blocks", f"{100 * judgement.accuracy:.0f} %", gain, help=ACCURACY)
        right.metric("Baseline: commonest class", f"{100 * judgement.majority:.0f} %", help=MAJORITY)
        st.caption(f"{judgement.judged:,} labelled pixels judged; {judgement.split}.")
    st.markdown(classes.reminder)
    for remark in judgement.remarks:
        st.caption(remark)
    layer = layer_of_classes(classes)
    chart.draw(cluster_areas(list(layer.entries), theme=chart.theme()), key="class areas")
    words = "Shows how sure the classifier is of each pixel: pale is a guess, dark green is sure."
    st.toggle("Show confidence instead of classes", key=CONFIDENCE, help=words)
    way = CLASSIFIERS[classes.classifier]
    mean = float(np.nanmean(classes.confidence))
    st.caption(f"Mean confidence {100 * mean:.0f} %: {way.confidence}, which is not the chance that it is right.")


def exported(found: Embedding, classes: ClassMap) -> ClassLayer:
    """What is on the screen."""
    return layer_of_classes(classes, run=found.run.id)


def colours_of(labels: Labels, classes: ClassMap | None) -> dict[str, str]:
    """A colour for each class: those of the map, then those that the map has no pixel of."""
    names = list(classes.names) if classes else []
    names += [name for name in labels.classes if name not in names]
    return {name: colour_of(place) for place, name in enumerate(names, start=1)}


# ---------------------------------------------------------------- inside
def _picture(grid: Grid, classes: ClassMap | None) -> Picture:
    if classes is None:
        return np.zeros((grid.rows, grid.cols, 4), np.uint8)
    if st.session_state.get(CONFIDENCE):
        return similarity_picture(classes.confidence, threshold=0.0, lowest=1 / len(classes.names))
    return class_picture(classes.classes, layer_of_classes(classes).entries)


def _save(labels: Labels) -> None:
    with messages.explained():
        save_labels(sites.workspace(), labels)


def _undo(labels: Labels) -> None:
    _save(labels.undo())


def _more(labels: Labels, grid: Grid) -> None:
    with st.form("labels_rename", border=False, clear_on_submit=True):
        st.selectbox("Class", labels.classes, key="labels_old", index=None, help="The class that gets another name.")
        words = "Its labels keep their places; the name of another class makes one of both."
        st.text_input("New name", key="labels_new", help=words)
        words = "Gives all labels of the class the new name."
        st.form_submit_button("Rename", on_click=_rename, args=(labels,), disabled=not labels.classes, help=words)
    words = "Points or polygons with a property `class` that names what they are of."
    st.file_uploader("Labels from a GeoJSON file", ["geojson", "json"], key="labels_file", help=words)
    there, words = st.session_state.get("labels_file"), "Adds the labels of the file to those of the site."
    st.button("Add them", on_click=_import, args=(labels, grid), disabled=not there, help=words)


def _rename(labels: Labels) -> None:
    old, new = st.session_state["labels_old"], st.session_state["labels_new"]
    if old:
        with messages.explained():
            _save(labels.rename_class(old, new))


def _import(labels: Labels, grid: Grid) -> None:
    file = st.session_state["labels_file"]
    with messages.explained(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.geojson"
        path.write_bytes(file.getvalue())
        _save(import_labels(labels, path, grid=grid)[0])


def _vertex(corner: tuple[float, float], grid: Grid) -> Vertex:
    """x, y of a place (row, column) counted in pixels from the outer corner of the map."""
    row, column = corner
    return grid.x + (column - 0.5) * grid.pixel_width, grid.y - (row - 0.5) * grid.pixel_height


def _pin(label: Label, grid: Grid, colour: str) -> Pin:
    path = [
        ((grid.y - y) / (grid.pixel_height or 1) + 0.5, (x - grid.x) / (grid.pixel_width or 1) + 0.5)
        for x, y in label.vertices
    ]
    return Pin(path, colour)
