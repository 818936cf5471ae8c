import numpy as np
import pytest

from core.ui.clusters.atlas import FULL, Mark, read_mark, scatter_of

LEFT = ((-0.1, -0.1), (0.5, -0.1), (0.5, 1.1), (-0.1, 1.1))  # the left half of a scatter


def test_gestures_are_read() -> None:
    pixel = read_mark({"seq": 3, "kind": "pixel", "on": "map", "pixel": [4, 5]})
    assert pixel == Mark(seq=3, kind="pixel", pixel=(4, 5))
    area = read_mark({"seq": 4, "kind": "area", "on": "scatter", "path": [[0, 0], [1, 0], [1, 1]]})
    assert area == Mark(seq=4, kind="area", on="scatter", path=((0, 0), (1, 0), (1, 1)))
    assert read_mark({"seq": 5, "kind": "none"}) == Mark(seq=5)


@pytest.mark.parametrize("gesture", [None, {}, {"seq": 1, "kind": "dance"}, {"seq": 1, "kind": "pixel", "pixel": [1]}])
def test_what_is_no_gesture_is_passed_over(gesture: object) -> None:
    assert read_mark(gesture) is None


def test_a_lasso_in_the_scatter_holds_the_pixels_that_lie_there() -> None:
    where = np.array([[True, True], [False, True]])
    scatter = scatter_of(np.array([[0, 0], [1, 0], [10, 5]], np.float32), where, ("a", "b"))
    assert (scatter.points[1, 0] == FULL + 1).all()
    found = Mark(seq=1, kind="area", on="scatter", path=LEFT).area((2, 2), scatter.points)
    assert found is not None
    assert found.tolist() == [[True, True], [False, False]]


def test_an_area_of_the_scatter_is_none_where_there_is_no_scatter() -> None:
    assert Mark(seq=1, kind="area", on="scatter", path=LEFT).area((2, 2)) is None


def test_one_component_is_drawn_on_a_line() -> None:
    scatter = scatter_of(np.array([[0], [1]], np.float32), np.array([[True, True]]), ("a", "b"))
    assert scatter.points[0, 0, 0] < scatter.points[0, 1, 0]
    assert scatter.points[0, 0, 1] == scatter.points[0, 1, 1]
