from __future__ import annotations

import numpy as np
import pytest

from core.labelling import training as module
from core.labelling.labels import Label, Labels
from core.labelling.training import label_pixels, training_pixels
from core.schema import InputError
from tests.core.labelling.conftest import centre


def square(grid, row: int, column: int, side: int) -> list[tuple[float, float]]:
    """Around the pixels from (row, column), `side` of them a side."""
    west, north = grid.x + (column - 0.5) * 10, grid.y - (row - 0.5) * 10
    return [(west, north), (west + 10 * side, north), (west + 10 * side, north - 10 * side), (west, north - 10 * side)]


def test_a_point_is_the_pixel_it_lies_in(features) -> None:
    grid = features.grid
    x, y = centre(grid, 7, 9)
    for off in (-4.9, 0, 4.9):
        found = label_pixels(Label(1, "a", "Point", ((x + off, y - off),)), grid)
        assert np.argwhere(found).tolist() == [[7, 9]]


def test_a_polygon_is_the_pixels_whose_centre_it_holds(features) -> None:
    grid = features.grid
    found = label_pixels(Label(1, "a", "Polygon", tuple(square(grid, 5, 6, 4))), grid)
    assert found[5:9, 6:10].all()
    assert found.sum() == 16
    x, y = centre(grid, 20, 20)
    tiny = Label(1, "a", "Polygon", ((x + 1, y + 1), (x + 2, y + 1), (x + 2, y + 2)))
    assert np.argwhere(label_pixels(tiny, grid)).tolist() == [[20, 20]]


def test_values_and_classes_belong_together(labels, features) -> None:
    found = training_pixels(labels, features)
    assert found.names == ("crop", "forest", "meadow")
    assert found.labels_by_class == (8, 8, 8)
    for place in range(len(found.classes)):
        row, column = found.rows[place], found.cols[place]
        label = next(label for label in labels.items if label.id == found.label_ids[place])
        assert label_pixels(label, features.grid)[row, column]
        assert found.names[found.classes[place]] == label.class_name
        before = int(features.where[:row].sum() + features.where[row, :column].sum())
        np.testing.assert_array_equal(found.values[place], features.values[before])


def test_the_later_label_counts_where_two_lie(labels, features) -> None:
    grid = features.grid
    both = labels.add("forest", "Polygon", square(grid, 40, 5, 4), grid=grid)
    both = both.add("meadow", "Polygon", square(grid, 40, 5, 2), grid=grid)
    found = training_pixels(both, features)
    there = (found.rows >= 40) & (found.rows < 42) & (found.cols >= 5) & (found.cols < 7)
    assert {found.names[place] for place in found.classes[there]} == {"meadow"}
    hidden = both.add("crop", "Polygon", square(grid, 40, 5, 4), grid=grid)
    assert any("2 labels do not count" in remark for remark in training_pixels(hidden, features).remarks)


def test_a_large_polygon_does_not_drown_the_others(labels, features, monkeypatch) -> None:
    grid = features.grid
    large = labels.add("forest", "Polygon", square(grid, 4, 4, 24), grid=grid)
    monkeypatch.setattr(module, "MOST_PIXELS", 50)
    found = training_pixels(large, features)
    assert (found.label_ids == large.items[-1].id).sum() <= 50


def test_labels_on_pixels_that_were_not_seen_do_not_count(labels, features) -> None:
    grid = features.grid
    more = labels.add("water", "Point", [centre(grid, 1, 1)], grid=grid)
    found = training_pixels(more, features)
    assert "water" not in found.names
    assert "No pixel is left of water." in found.remarks


def test_one_class_only_is_said(features) -> None:
    grid = features.grid
    one = Labels(site="HAND", crs=grid.crs)
    with pytest.raises(InputError, match="are no labels on pixels that were seen"):
        training_pixels(one, features)
    one = one.add("forest", "Point", [centre(grid, 9, 9)], grid=grid)
    with pytest.raises(InputError, match="labels 'forest' is one class only; label pixels of at least two classes"):
        training_pixels(one, features)
