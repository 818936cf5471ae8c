"""Which pixels the labels give a class: what a classifier learns from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clustering.agreement import transform_of
from core.clustering.features import PixelFeatures
from core.frames import Grid
from core.labelling.labels import Label, Labels
from core.schema import InputError

MOST_PIXELS = 200  # of one label that count: a large polygon must not drown the others


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """Labelled pixels that were seen well enough."""

    values: NDArray[np.float32]  # (n, d)
    classes: NDArray[np.int64]  # (n,), place in `names`
    label_ids: NDArray[np.int64]  # (n,), which label a pixel is of
    rows: NDArray[np.int64]  # (n,)
    cols: NDArray[np.int64]  # (n,)
    names: tuple[str, ...]  # classes with at least one pixel, by name
    labels_by_class: tuple[int, ...]  # labels each of them rests on
    remarks: tuple[str, ...]


def training_pixels(labels: Labels, features: PixelFeatures) -> Training:
    """The pixels of all labels. Where two lie on one pixel the later counts, as with paint."""
    owner = _painted(labels, features.grid)
    usable = (owner > 0) & features.where
    owner = _thinned(np.where(usable, owner, 0))
    rows, cols = np.nonzero(owner)
    ids = owner[rows, cols]
    class_of = {label.id: label.class_name for label in labels.items}
    counted = Counter(class_of[label_id] for label_id in np.unique(ids).tolist())
    names = tuple(sorted(counted))
    if len(names) < 2:
        problem = "is one class only" if len(names) == 1 else "are no labels on pixels that were seen well enough"
        shown = names[0] if names else f"{len(labels.items)} labels"
        raise InputError("labels", shown, problem, "label pixels of at least two classes")
    place = np.full(features.where.shape, -1, np.int64)
    place[features.where] = np.arange(features.count)
    return Training(
        values=features.values[place[rows, cols]],
        classes=np.array([names.index(class_of[label_id]) for label_id in ids.tolist()]),
        label_ids=ids,
        rows=rows,
        cols=cols,
        names=names,
        labels_by_class=tuple(counted[name] for name in names),
        remarks=_remarks(labels, names, np.unique(ids)),
    )


def label_pixels(label: Label, grid: Grid) -> NDArray[np.bool_]:
    """Pixels (rows, cols) of a label: the one a point lies in; those whose centre lies in a polygon, or, where it holds
    no centre, those it touches.
    """
    from rasterio.features import geometry_mask

    if label.kind == "Point":
        x, y = label.vertices[0]
        found = np.zeros((grid.rows, grid.cols), bool)
        row = int(np.floor((grid.y - y) / grid.pixel_height + 0.5))
        column = int(np.floor((x - grid.x) / grid.pixel_width + 0.5))
        if 0 <= row < grid.rows and 0 <= column < grid.cols:
            found[row, column] = True
        return found
    shape = {"type": "Polygon", "coordinates": [[*label.vertices, label.vertices[0]]]}
    for touched in (False, True):
        found = geometry_mask([shape], (grid.rows, grid.cols), transform_of(grid), invert=True, all_touched=touched)
        if found.any():
            break
    return np.asarray(found)


def _painted(labels: Labels, grid: Grid) -> NDArray[np.int64]:
    """The label that each pixel belongs to, 0 = none."""
    owner = np.zeros((grid.rows, grid.cols), np.int64)
    for label in sorted(labels.items, key=lambda label: label.id):
        owner[label_pixels(label, grid)] = label.id
    return owner


def _thinned(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most `MOST_PIXELS` of each label, evenly spread."""
    kept = np.zeros_like(owner)
    for label_id in np.unique(owner[owner > 0]):
        places = np.argwhere(owner == label_id)
        chosen = places[np.unique(np.linspace(0, len(places) - 1, min(MOST_PIXELS, len(places))).astype(int))]
        kept[chosen[:, 0], chosen[:, 1]] = label_id
    return kept


def _remarks(labels: Labels, names: tuple[str, ...], used: NDArray[np.int64]) -> tuple[str, ...]:
    remarks = []
    lost = len(labels.items) - len(used)
    if lost:
        words = "1 label does" if lost == 1 else f"{lost} labels do"
        remarks.append(f"{words} not count: not on this embedding's clear pixels, or under a later label.")
    gone = [name for name in labels.classes if name not in names]
    if gone:
        remarks.append(f"No pixel is left of {', '.join(gone)}.")
    return tuple(remarks)
