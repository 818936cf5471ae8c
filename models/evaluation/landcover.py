"""How well a straight line through the embedding tells land covers apart, in places the line was not drawn in.

One date in spring, summer and autumn; beside it the same of that date's own bands, and of their principal components.
Only pixels that were seen on the date by all sensors count, so that all three are judged on the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from models.compact_fusion import CompactFusion
from models.evaluation.places import Place, embed
from models.inputs import Floats

SEASONS = {"spring": 120, "summer": 200, "autumn": 280}  # day of the year
NEAR = 25  # days around it in which the clearest frame of any year is taken
CLEAR_ENOUGH = 0.3
PIXELS = 800  # of each place, drawn evenly
FOLDS = 4  # where the judged places also have to teach


class Pixels(NamedTuple):
    """Pixels of one or more places on one date each."""

    embedding: Floats  # (N, D)
    bands: Floats  # (N, C) of all sensors
    without: dict[str, Floats]  # embeddings when a sensor is missing
    cover: np.ndarray  # (N,) class
    place: np.ndarray  # (N,) number of the place


def collect(model: CompactFusion, place: Place, number: int) -> dict[str, Pixels]:
    """Pixels by season, of the seasons in which the place was seen clearly enough."""
    found = {}
    for season, day in SEASONS.items():
        date = _clearest(place, day)
        if date is not None and place.landcover is not None:
            found[season] = _pixels(model, place, date, number)
    return found


def _clearest(place: Place, day_of_year: int) -> int | None:
    dates = place.days.astype("datetime64[D]")
    away = np.abs((dates - dates.astype("datetime64[Y]")).astype(int) + 1 - day_of_year)
    shares = np.where(away <= NEAR, place.clear_shares, 0)
    return int(shares.argmax()) if shares.max() >= CLEAR_ENOUGH else None


def _pixels(model: CompactFusion, place: Place, date: int, number: int) -> Pixels:
    assert place.landcover is not None
    names = [name for name in model.config.names if name in place.cube.sensors]
    bands = np.concatenate([place.cube.sensors[name].values[date] for name in names])
    good = np.isfinite(bands).all(axis=0) & (place.landcover > 0)
    chosen = np.flatnonzero(good)[:: max(1, int(good.sum()) // PIXELS)]
    here = slice(date, date + 1)

    def pick(maps: Floats) -> Floats:
        return np.asarray(maps.reshape(len(maps), -1)[:, chosen].T)

    return Pixels(
        embedding=pick(embed(model, place.cube, here)[0].numpy()),
        bands=pick(bands),
        without={name: pick(embed(model, place.cube, here, hidden=[name])[0].numpy()) for name in names}
        if len(names) > 1
        else {},
        cover=place.landcover.reshape(-1)[chosen],
        place=np.full(len(chosen), number),
    )


def join(parts: Sequence[Pixels]) -> Pixels:
    """The pixels of several places."""
    without = {name: np.concatenate([part.without[name] for part in parts]) for name in parts[0].without}
    columns = {
        field: np.concatenate([getattr(part, field) for part in parts])
        for field in ("embedding", "bands", "cover", "place")
    }
    return Pixels(without=without, **columns)


# ---------------------------------------------------------------- what is said of them
def summary(judged: Pixels, taught: Pixels | None) -> dict[str, Any] | None:
    """Balanced accuracies; the line is drawn in the `taught` places, else in the other folds of the judged ones.

    None where no cover that is judged could be learnt.
    """
    size = judged.embedding.shape[1]
    splits = [(taught, judged)] if taught is not None else _folds(judged)
    found: dict[str, list[np.ndarray]] = {}
    covers = []
    for learn, test in splits:
        known = np.isin(test.cover, np.unique(learn.cover))
        if not known.any() or len(np.unique(learn.cover)) < 2:
            continue
        covers.append(test.cover[known])
        pca = _principal(learn.bands, size)
        line = _line(learn.embedding, learn.cover)
        answers = {
            "embedding": line(test.embedding),
            "bands": _line(learn.bands, learn.cover)(test.bands),
            "pca": _line(pca(learn.bands), learn.cover)(pca(test.bands)),
            **{f"without {name}": line(values) for name, values in test.without.items()},
        }
        for name, answer in answers.items():
            found.setdefault(name, []).append(answer[known])
    if not covers:
        return None
    truth = np.concatenate(covers)
    return {
        **{name: balanced_accuracy(truth, np.concatenate(answers)) for name, answers in found.items()},
        "pixels": len(truth),
        "classes": [int(cover) for cover in np.unique(truth)],
    }


Split = tuple[Pixels, Pixels]  # to learn from, to be judged on


def _folds(judged: Pixels) -> list[Split]:
    """Whole places are held out, a fold at a time."""
    places = np.unique(judged.place)
    folds = [places[start :: min(FOLDS, len(places))] for start in range(min(FOLDS, len(places)))]
    held = [np.isin(judged.place, fold) for fold in folds]
    return [(_select(judged, ~mask), _select(judged, mask)) for mask in held]


def _select(pixels: Pixels, mask: np.ndarray) -> Pixels:
    without = {name: values[mask] for name, values in pixels.without.items()}
    return Pixels(pixels.embedding[mask], pixels.bands[mask], without, pixels.cover[mask], pixels.place[mask])


def _line(features: Floats, cover: np.ndarray) -> Any:
    """Logistic regression, rare covers weighing as much as common ones: its predictor.

    Features are first made uncorrelated and of equal spread: otherwise its penalty keeps it from using small
    differences of correlated bands, and bands would be judged below their worth.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    line = LogisticRegression(class_weight="balanced", max_iter=2000)
    model = make_pipeline(StandardScaler(), PCA(whiten=True), line)
    return model.fit(features, cover).predict


def _principal(bands: Floats, components: int) -> Any:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), PCA(min(components, bands.shape[1])))
    return model.fit(bands).transform


def balanced_accuracy(truth: np.ndarray, answer: np.ndarray) -> float:
    """Mean over the covers of the share of their pixels that was recognised."""
    return float(np.mean([(answer[truth == cover] == cover).mean() for cover in np.unique(truth)]))
