"""A regressor, judged: every held-out day is predicted by a model that never saw it, beside what it has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.gpp import applicability, importance, intervals
from core.gpp.baselines import BASELINES
from core.gpp.regressors import Entry, Regressor, get_entry
from core.gpp.scores import Scores, blocks_of, score
from core.gpp.scores import intervals as score_intervals
from core.gpp.search import best_parameters
from core.gpp.splits import Fold, Options, make_folds
from core.gpp.windows import Samples
from core.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.floating]
SEASONS = ("winter", "spring", "summer", "autumn")  # December to February, ..., by the calendar of the north
QUALITY_EDGES = (0.0, 0.5, 0.7, 0.9, 1.01)  # share measured
WHOLE_SITES = ("leave-site-out", "leave-group-out", "leave-class-out")


@dataclass(frozen=True, kw_only=True, eq=False)
class Judgement:
    """All held-out predictions of one regressor under one split, and what they are worth."""

    split: str
    model: str
    samples: Samples
    folds: tuple[Fold, ...]
    parameters: tuple[Mapping[str, Any], ...]  # that the search chose, by fold
    held_out: NDArray[np.intp]  # rows of `samples` that were held out once
    fold_of: NDArray[np.intp]  # of each held-out row
    predicted: Floats  # of each held-out row, gC m-2 d-1
    low: Floats  # ends of its prediction interval
    high: Floats
    dissimilarity: Floats  # of each held-out row to what its model was trained on
    outside: NDArray[np.bool_]  # beyond what the training days span among themselves
    baselines: Mapping[str, Floats]  # by name, of each held-out row
    importance: Mapping[str, Mapping[str, float]]  # {"group": {...}, "lag": {...}}: MSE lost when it is mixed up

    @property
    def observed(self) -> Floats:
        return self.samples.y[self.held_out]

    @property
    def scores(self) -> Scores:
        return score(self.observed, self.predicted, self.baselines["climatology"])

    @property
    def coverage(self) -> float:
        """Share of the held-out days inside their interval."""
        return float(((self.observed >= self.low) & (self.observed <= self.high)).mean())

    def baseline_scores(self) -> dict[str, Scores]:
        usual = self.baselines["climatology"]
        return {name: score(self.observed, values, usual) for name, values in self.baselines.items()}

    def parts(self) -> dict[str, dict[str, Scores]]:
        """Scores by site, season, vegetation class, quality, fold and applicability."""
        rows = self.held_out
        labels: dict[str, NDArray[Any]] = {
            "site": self.samples.sites[rows],
            "season": _seasons(self.samples.days[rows]),
            "class": self.samples.classes[rows],
            "quality": _quality(self.samples.quality[rows]),
            "fold": np.array([fold.name for fold in self.folds])[self.fold_of],
            "applicability": np.where(self.outside, "outside the training data", "inside"),
        }
        return {name: self._by(values) for name, values in labels.items() if (values != "").any()}

    def _by(self, labels: NDArray[Any]) -> dict[str, Scores]:
        found, usual = {}, self.baselines["climatology"]
        for label in np.unique(labels[labels != ""]):
            rows = labels == label
            found[str(label)] = score(self.observed[rows], self.predicted[rows], usual[rows])
        return found

    def table(self) -> pd.DataFrame:
        """One row a held-out day: site, time, fold, observed, predicted, interval, baselines, applicability."""
        import pandas as pd

        rows = self.held_out
        columns = {
            "site": self.samples.sites[rows],
            "time": self.samples.days[rows].astype("datetime64[ns]"),
            "fold": np.array([fold.name for fold in self.folds])[self.fold_of],
            "observed": self.observed,
            "predicted": self.predicted,
            "low": self.low,
            "high": self.high,
            "dissimilarity": self.dissimilarity,
            "outside": self.outside,
            "quality": self.samples.quality[rows],
            **self.baselines,
        }
        return pd.DataFrame(columns).sort_values(["site", "time"], ignore_index=True)

    def to_json(self) -> dict[str, Any]:
        scores = {name: found.to_json() for name, found in self.baseline_scores().items()}
        rows = self.held_out
        blocks = blocks_of(self.samples.sites[rows], self.samples.days[rows], whole_sites=self.split in WHOLE_SITES)
        between = score_intervals(self.observed, self.predicted, self.baselines["climatology"], blocks)
        return {
            "split": self.split,
            "model": self.model,
            **self.scores.to_json(),
            "groups": len(np.unique(self.samples.sites)),
            "folds": len(self.folds),
            "window": self.samples.design.window,
            "baselines": scores,
            "intervals": {name: list(ends) for name, ends in between.items()},
            "coverage": round(self.coverage, 4),
            "interval_width": round(float((self.high - self.low).mean()), 4),
            "outside_share": round(float(self.outside.mean()), 4),
            "purged": sum(fold.purged for fold in self.folds),
            "by": {name: {k: v.to_json() for k, v in part.items()} for name, part in self.parts().items()},
            "importance": {name: {k: round(v, 4) for k, v in part.items()} for name, part in self.importance.items()},
            "features": list(self.samples.design.channels),
            "parameters": [dict(chosen) for chosen in self.parameters],
        }


def _seasons(days: NDArray[np.datetime64]) -> NDArray[np.str_]:
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    return np.array(SEASONS)[((month + 1) // 3) % 4]


def _quality(quality: Floats) -> NDArray[np.str_]:
    edges = list(pairwise(QUALITY_EDGES))
    names = [f"{low:g} to {min(high, 1):g}" for low, high in edges]
    found = np.full(len(quality), "", dtype="<U12")
    for (low, high), name in zip(edges, names, strict=True):
        found[(quality >= low) & (quality < high)] = name
    return found


# ---------------------------------------------------------------- the judging
def judge(
    samples: Samples,
    *,
    model: str,
    split: str,
    options: Options | None = None,
    seed: int = 0,
    shuffled: bool = False,
    progress: Progress | None = None,
) -> Judgement:
    """Fit and predict fold by fold. With `shuffled`, the targets are dealt anew: what is then explained is a leak."""
    entry = get_entry(model)
    if shuffled:
        order = np.random.default_rng(seed).permutation(len(samples))
        samples = replace(samples, y=samples.y[order])
    folds = make_folds(samples, split, options)
    parts = []
    for turn, fold in enumerate(folds):
        parts.append(_fold(entry, samples, fold, split, seed, _part(progress, turn, len(folds), fold.name)))
    held_out = np.concatenate([fold.test for fold in folds])
    fold_of = np.repeat(np.arange(len(folds)), [len(fold.test) for fold in folds])
    whole = {name: np.concatenate([part[name] for part in parts]) for name in ("predicted", "distance", "outside")}
    known = samples.sites if split not in WHOLE_SITES else np.full(len(samples), "")
    low, high = intervals.cross_conformal(
        samples.y[held_out], whole["predicted"], fold_of, known[held_out], samples.sites[held_out]
    )
    return Judgement(
        split=split,
        model=model,
        samples=samples,
        folds=tuple(folds),
        parameters=tuple(part["parameters"] for part in parts),
        held_out=held_out,
        fold_of=fold_of,
        predicted=whole["predicted"],
        low=low,
        high=high,
        dissimilarity=whole["distance"],
        outside=whole["outside"],
        baselines=_baselines(samples, folds),
        importance=importance.together([part["importance"] for part in parts]),
    )


def _part(progress: Progress | None, turn: int, count: int, name: str) -> Progress:
    def report(fraction: float, message: str) -> None:
        if progress:
            progress((turn + fraction) / count, f"Held out: {name[:60]} ({turn + 1} of {count}), {message}")

    report(0.0, "fitting")
    return report


def _fold(entry: Entry, samples: Samples, fold: Fold, split: str, seed: int, progress: Progress) -> dict[str, Any]:
    model, parameters, train = fit(entry, samples, fold.train, split, seed=seed, progress=progress)
    test = samples.design.take(fold.test)
    predicted = model.predict(test)
    seen = samples.design.take(train)
    mattering = importance.of_fold(model, test, samples.y[fold.test], predicted, seed=seed)
    distance, outside = applicability.dissimilarity(seen, test, samples.sites[train], seed=seed)
    return {
        "predicted": predicted,
        "parameters": parameters,
        "importance": mattering,
        "distance": distance,
        "outside": outside,
    }


def fit(
    entry: Entry,
    samples: Samples,
    train: NDArray[np.intp],
    split: str,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Regressor, Mapping[str, Any], NDArray[np.intp]]:
    """A model of these rows, the parameters its search chose, and the rows it could take."""
    parameters = best_parameters(entry, samples.take(train), split, seed=seed)
    if entry.most_rows is not None and len(train) > entry.most_rows:
        train = np.sort(np.random.default_rng(seed).choice(train, entry.most_rows, replace=False))
    model = entry.make(parameters, seed).fit(samples.design.take(train), samples.y[train], progress=progress)
    return model, parameters, train


def _baselines(samples: Samples, folds: list[Fold]) -> dict[str, Floats]:
    found = {}
    for name, baseline in BASELINES.items():
        parts = [baseline(samples, fold.train, fold.test) for fold in folds]
        if all(part is not None for part in parts):
            found[name] = np.concatenate([part for part in parts if part is not None])
    return found
