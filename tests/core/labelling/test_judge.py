from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.labelling.classifiers import CLASSIFIERS
from core.labelling.judge import BLOCK_PIXELS, _blocks, _folds, judge, window_of
from core.labelling.labels import Labels
from core.labelling.training import training_pixels
from tests.core.labelling.conftest import centre


@pytest.fixture
def training(labels, features):
    return training_pixels(labels, features)


def test_whole_blocks_are_held_out_and_nothing_near_them_trains(training) -> None:
    blocks, buffer = _blocks(training, BLOCK_PIXELS), 7
    held_once = np.zeros(len(blocks), int)
    for held, learn in _folds(training, blocks, buffer, 0):
        held_once += held
        assert not set(blocks[held]) & set(blocks[learn])
        away = np.maximum(
            np.abs(training.rows[held][:, None] - training.rows[learn]),
            np.abs(training.cols[held][:, None] - training.cols[learn]),
        )
        assert away.size == 0 or away.min() > buffer
    assert (held_once == 1).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_land_that_differs_is_told_apart(name, training) -> None:
    found = judge(training, CLASSIFIERS[name])
    assert found.accuracy is not None
    assert found.accuracy > 0.9
    assert found.majority is not None
    assert 1 / 3 <= found.majority < 0.6
    assert found.confusion.sum() == found.judged
    assert found.accuracy == pytest.approx(np.trace(found.confusion) / found.judged)
    assert "20 x 20 pixels held out in turn, without the 7 pixels around them" in found.split


def test_labels_without_a_pattern_score_no_better_than_chance(training) -> None:
    dice = np.random.default_rng(3)
    mixed = replace(
        training, classes=dice.permutation(training.classes), values=dice.normal(size=training.values.shape)
    )
    assert judge(mixed, CLASSIFIERS["forest"]).balanced < 0.65  # type: ignore[operator]


def test_neighbours_that_are_copies_do_not_flatter(features) -> None:
    """Patches of one label each, their pixels all alike, classes by chance: random pixels would look perfect."""
    dice = np.random.default_rng(0)
    rows, cols = np.divmod(np.arange(3600), 60)
    patch = (rows // 20) * 3 + cols // 20
    labels = Labels(site="HAND", crs=features.grid.crs)
    for name, place in (("a", (10, 10)), ("b", (40, 40))):
        labels = labels.add(name, "Point", [centre(features.grid, *place)], grid=features.grid)
    base = training_pixels(labels, features)
    fake = replace(
        base,
        values=dice.normal(size=(9, 4))[patch].astype(np.float32),
        classes=np.array([0, 1, 0, 1, 0, 1, 0, 1, 0])[dice.permutation(9)][patch],
        label_ids=patch,
        rows=rows,
        cols=cols,
    )
    judged = judge(fake, CLASSIFIERS["knn"])
    assert judged.accuracy is not None
    assert judged.accuracy < 0.9


def test_labels_in_one_block_cannot_be_judged_and_that_is_said(features) -> None:
    grid = features.grid
    labels = Labels(site="HAND", crs=grid.crs)
    for name, row in (("a", 5), ("b", 12)):
        labels = labels.add(name, "Point", [centre(grid, row, 10)], grid=grid)
    found = judge(training_pixels(labels, features), CLASSIFIERS["logistic"])
    assert (found.accuracy, found.balanced, found.judged) == (None, None, 0)
    assert found.remarks == ("All labels lie in one block: nothing can be held out. Label places further apart.",)


def test_a_class_in_one_place_cannot_be_judged_and_that_is_said(labels, features) -> None:
    one_place = labels.add("water", "Point", [centre(features.grid, 10, 10)], grid=features.grid)
    found = judge(training_pixels(one_place, features), CLASSIFIERS["logistic"])
    assert "water" not in found.recall
    assert found.remarks == ("water cannot be judged: label it in places further apart.",)
    assert found.accuracy is not None


def test_the_window_an_embedding_looks_at() -> None:
    assert window_of({"window_s2": "11 dates, 15 pixels", "window_s1": "11 dates, 21 pixels", "bands_s2": "B02"}) == 21
    assert window_of({}) == 15


def test_a_larger_window_makes_larger_blocks(training) -> None:
    assert judge(training, CLASSIFIERS["logistic"], window=25).split.startswith("blocks of 25 x 25 pixels")
