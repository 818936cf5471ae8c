from __future__ import annotations

import numpy as np
import pytest

from core.labelling import classmap as module
from core.labelling.classifiers import CLASSIFIERS
from core.labelling.classmap import class_map
from core.labelling.labels import Labels
from core.schema import InputError
from tests.core.labelling.conftest import SIDE, centre
from tests.core.made_land import kinds

OWN = {"forest": 1, "meadow": 2, "crop": 3}  # the land each class was labelled on


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_few_labels_make_a_map_of_the_land(name, labels, features) -> None:
    found = class_map(labels, features, classifier=name)
    land = kinds(SIDE)
    expected = np.array([0, *(OWN[name] for name in found.names)])[found.classes]
    seen = found.classes > 0
    np.testing.assert_array_equal(seen, features.where)
    assert (expected[seen] == land[seen]).mean() > 0.97
    assert np.isnan(found.confidence[~seen]).all()
    assert (found.confidence[seen] >= 1 / 3 - 1e-6).all()
    assert (found.confidence[seen] <= 1).all()


def test_it_says_how_few_labels_it_rests_on(labels, features) -> None:
    assert class_map(labels, features).reminder.startswith("Rests on 24 labels (")
    few = Labels(site="HAND", crs=features.grid.crs)
    for name, place in (("a", (10, 10)), ("b", (40, 40)), ("b", (41, 40))):
        few = few.add(name, "Point", [centre(features.grid, *place)], grid=features.grid)
    said = class_map(few, features).reminder
    assert said == (
        "Rests on 3 labels (3 pixels) in 2 blocks of land; the fewest are of a: 1. "
        "With so few, a single one changes the map."
    )


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classified_in_parts_or_whole_and_again_it_is_the_same(name, labels, features, monkeypatch) -> None:
    whole = class_map(labels, features, classifier=name, seed=4)
    monkeypatch.setattr(module, "ROWS", 333)
    parts = class_map(labels, features, classifier=name, seed=4)
    np.testing.assert_array_equal(parts.classes, whole.classes)
    np.testing.assert_allclose(parts.confidence, whole.confidence, atol=1e-6)


def test_the_order_of_the_labels_and_the_names_of_classes_do_not_matter(labels, features) -> None:
    one = class_map(labels, features)
    names = {"forest": "z", "meadow": "y", "crop": "x"}
    renamed = labels
    for old, new in names.items():
        renamed = renamed.rename_class(old, new)
    other = class_map(renamed, features)
    theirs = np.array([other.names.index(names[name]) + 1 for name in one.names])
    np.testing.assert_array_equal(np.array([0, *theirs])[one.classes], other.classes)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_single_pixel_of_each_class_is_enough_to_draw_a_map(name, features) -> None:
    labels = Labels(site="HAND", crs=features.grid.crs)
    for class_name, place in (("a", (10, 10)), ("b", (50, 10))):
        labels = labels.add(class_name, "Point", [centre(features.grid, *place)], grid=features.grid)
    found = class_map(labels, features, classifier=name)
    assert set(np.unique(found.classes)) <= {0, 1, 2}
    assert found.judgement.remarks


def test_a_wrong_classifier_is_said(labels, features) -> None:
    with pytest.raises(InputError, match="classifier 'magic' is not known; use one of logistic, knn, forest"):
        class_map(labels, features, classifier="magic")
