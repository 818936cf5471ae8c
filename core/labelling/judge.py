"""How good a map from labels is, judged on places that it did not learn from.

Neighbouring pixels are nearly the same measurement, and an embedding looks at the pixels around its own. So whole
blocks of land are held out, and what lies too near to them does not train either. Never random pixels.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.labelling.classifiers import Classifier
from core.labelling.training import Training

BLOCK_PIXELS = 20  # side of a block; larger than the window an embedding looks at
WINDOW_PIXELS = 15  # side of that window where an embedding does not state it
FOLDS = 5
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Accuracy on held-out blocks. None where nothing could be held out."""

    accuracy: float | None  # share of the judged pixels that are right
    balanced: float | None  # mean over the classes
    majority: float | None  # accuracy of always saying the commonest class of the judged pixels
    recall: dict[str, float]  # share of each judged class that was found
    confusion: NDArray[np.int64]  # (classes, classes): rows are the labels, columns the answers
    judged: int  # pixels
    blocks: int
    split: str  # what was held out, in words
    remarks: tuple[str, ...]


def judge(training: Training, classifier: Classifier, *, window: int = WINDOW_PIXELS, seed: int = 0) -> Judgement:
    """Cross-validation by blocks of `BLOCK_PIXELS` or, if that is larger, of the embedding's `window` of pixels."""
    side, buffer = max(BLOCK_PIXELS, window), window // 2
    blocks = _blocks(training, side)
    names, count = training.names, len(np.unique(blocks))
    answers = np.full(len(training.classes), -1)
    for held, learn in _folds(training, blocks, buffer, seed):
        known = np.isin(training.classes[held], training.classes[learn])
        rows = np.flatnonzero(held)[known]
        if len(np.unique(training.classes[learn])) < 2 or rows.size == 0:
            continue
        model = classifier.make(training.classes[learn], seed).fit(training.values[learn], training.classes[learn])
        answers[rows] = model.predict(training.values[rows])
    judged = answers >= 0
    confusion = np.zeros((len(names), len(names)), np.int64)
    np.add.at(confusion, (training.classes[judged], answers[judged]), 1)
    recall = {
        name: float(confusion[place, place] / confusion[place].sum())
        for place, name in enumerate(names)
        if confusion[place].any()
    }
    right = float(np.trace(confusion) / confusion.sum()) if judged.any() else None
    return Judgement(
        accuracy=right,
        balanced=float(np.mean(list(recall.values()))) if recall else None,
        majority=float(confusion.sum(axis=1).max() / confusion.sum()) if judged.any() else None,
        recall=recall,
        confusion=confusion,
        judged=int(judged.sum()),
        blocks=count,
        split=f"blocks of {side} x {side} pixels held out in turn, without the {buffer} pixels around them",
        remarks=_remarks(training, recall, count),
    )


def window_of(attributes: dict[str, object]) -> int:
    """Pixels along the side of what an embedding looks at, as its attributes say it."""
    stated = [re.search(r"(\d+) pixels", str(value)) for key, value in attributes.items() if key.startswith("window_")]
    return max((int(found[1]) for found in stated if found), default=WINDOW_PIXELS)


def _blocks(training: Training, side: int) -> NDArray[np.int64]:
    """The block (n,) each pixel lies in."""
    rows, cols = training.rows // side, training.cols // side
    return np.asarray(np.unique(np.stack([rows, cols]), axis=1, return_inverse=True)[1]).ravel()


def _folds(training: Training, blocks: NDArray[np.int64], buffer: int, seed: int) -> Iterator[tuple[Bools, Bools]]:
    """Pixels held out and pixels learnt from, so that each block is held out once."""
    from sklearn.model_selection import StratifiedGroupKFold

    count = min(FOLDS, len(np.unique(blocks)), int(np.bincount(training.classes).max()))
    if count < 2:
        return
    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # classes in fewer blocks than folds: told by `_remarks`
        for _, test in folds.split(training.values, training.classes, blocks):
            held = np.zeros(len(blocks), bool)
            held[test] = True
            yield held, ~held & ~_near(training, held, buffer)


def _near(training: Training, held: Bools, buffer: int) -> Bools:
    """Pixels that look at some of what held-out ones look at."""
    from sklearn.neighbors import NearestNeighbors

    places = np.stack([training.rows, training.cols], axis=1)
    index = NearestNeighbors(n_neighbors=1, metric="chebyshev").fit(places[held])
    return np.asarray(index.kneighbors(places)[0][:, 0] <= buffer)


def _remarks(training: Training, recall: dict[str, float], blocks: int) -> tuple[str, ...]:
    if blocks < 2:
        return ("All labels lie in one block: nothing can be held out. Label places further apart.",)
    lacking = [name for name in training.names if name not in recall]
    if lacking:
        return (f"{', '.join(lacking)} cannot be judged: label it in places further apart.",)
    return ()
