"""From labels to a map: a class for every pixel, with its confidence, and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clustering.features import PixelFeatures
from core.frames import Grid
from core.labelling.classifiers import find_classifier
from core.labelling.judge import WINDOW_PIXELS, Judgement, judge
from core.labelling.labels import Labels
from core.labelling.training import Training, training_pixels

ROWS = 20_000  # pixels classified at once: bounds memory
FEW = 20  # labels; with fewer, each weighs heavily


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassMap:
    """`classes` (rows, cols): 0 = none, else the place in `names` + 1; `confidence` 0..1, NaN where none."""

    classes: NDArray[np.int16]
    confidence: NDArray[np.float32]
    names: tuple[str, ...]
    judgement: Judgement
    classifier: str
    seed: int
    reminder: str  # how few labels it rests on, a sentence
    source: dict[str, str]  # of the embedding
    grid: Grid
    remarks: tuple[str, ...]


def class_map(
    labels: Labels, features: PixelFeatures, *, classifier: str = "logistic", window: int = WINDOW_PIXELS, seed: int = 0
) -> ClassMap:
    """Learn from the labels and map every pixel that was seen well enough."""
    way, training = find_classifier(classifier), training_pixels(labels, features)
    judgement = judge(training, way, window=window, seed=seed)
    model = way.make(training.classes, seed).fit(training.values, training.classes)
    classes, confidence = np.empty(features.count, np.int16), np.empty(features.count, np.float32)
    for first in range(0, features.count, ROWS):
        shares = model.predict_proba(features.values[first : first + ROWS])
        best = shares.argmax(axis=1)
        classes[first : first + ROWS] = model.classes_[best] + 1
        confidence[first : first + ROWS] = shares[np.arange(len(best)), best]
    return ClassMap(
        classes=features.on_map(classes, 0),
        confidence=features.on_map(confidence, np.nan),
        names=training.names,
        judgement=judgement,
        classifier=classifier,
        seed=seed,
        reminder=reminder(training, judgement),
        source=dict(features.source),
        grid=features.grid,
        remarks=(*features.remarks, *training.remarks, *judgement.remarks),
    )


def reminder(training: Training, judgement: Judgement) -> str:
    """How few labels a map rests on."""
    total, pixels = sum(training.labels_by_class), len(training.classes)
    fewest, rarest = min(zip(training.labels_by_class, training.names, strict=True))
    rests = (
        f"Rests on {_count(total, 'label')} ({_count(pixels, 'pixel')}) in {_count(judgement.blocks, 'block')} of land"
    )
    least = f"the fewest are of {rarest}: {fewest}"
    if total < FEW:
        return f"{rests}; {least}. With so few, a single one changes the map."
    return f"{rests}; {least}."


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
