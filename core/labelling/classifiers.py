"""What learns a map from a few labels, all scikit-learn's own. A further one is one function and one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.schema import InputError

NEIGHBOURS = 5
TREES = 100


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """One way. `make(classes, seed)` returns an unfitted estimator; `classes` (n,) are those it will learn from."""

    label: str
    words: str  # when to take it, half a sentence
    confidence: str  # what its confidence is a share of
    make: Callable[[np.ndarray, int], Any]


def _neighbours(classes: np.ndarray, seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rarest = int(np.unique(classes, return_counts=True)[1].min())
    count = max(1, min(NEIGHBOURS, 2 * rarest - 1))  # else a class of one pixel could never win
    return make_pipeline(StandardScaler(), KNeighborsClassifier(count, weights="distance"))


def _logistic(classes: np.ndarray, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    line = LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000, random_state=seed)
    return make_pipeline(StandardScaler(), line)


def _forest(classes: np.ndarray, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        TREES, min_samples_leaf=2, class_weight="balanced_subsample", random_state=seed, n_jobs=1
    )


CLASSIFIERS: Mapping[str, Classifier] = {
    "logistic": Classifier(
        label="logistic regression",
        words="straight borders between classes; steady with few labels",
        confidence="the probability that the regression gives the class",
        make=_logistic,
    ),
    "knn": Classifier(
        label="nearest neighbours",
        words="as the most alike labelled pixels are; follows any shape",
        confidence="the share of near neighbours",
        make=_neighbours,
    ),
    "forest": Classifier(
        label="random forest",
        words="many small decisions; for many labels",
        confidence="the share of its trees",
        make=_forest,
    ),
}


def find_classifier(name: str) -> Classifier:
    if name not in CLASSIFIERS:
        raise InputError("classifier", name, "is not known", f"use one of {', '.join(CLASSIFIERS)}")
    return CLASSIFIERS[name]
