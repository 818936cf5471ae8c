import numpy as np

from core.lasso import inside, pixels_inside

SQUARE = ((1.0, 1.0), (1.0, 4.0), (4.0, 4.0), (4.0, 1.0))


def test_points_of_a_square_are_inside_and_others_not() -> None:
    points = np.array([(2, 2), (3.9, 1.1), (0, 2), (2, 5), (4.1, 4.1)])
    assert inside(SQUARE, points).tolist() == [True, True, False, False, False]


def test_a_hollow_shape_leaves_its_bay_out() -> None:
    bay = ((0, 0), (0, 6), (2, 6), (2, 2), (4, 2), (4, 6), (6, 6), (6, 0))  # open to one side
    assert inside(bay, np.array([(1, 5), (3, 5), (5, 5), (3, 1)])).tolist() == [True, False, True, True]


def test_a_circle_holds_about_its_area() -> None:
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = [(50 + 30 * np.cos(a), 50 + 30 * np.sin(a)) for a in turn]
    assert abs(pixels_inside(circle, (100, 100)).sum() - np.pi * 30**2) < 30


def test_a_line_of_two_corners_holds_nothing() -> None:
    assert not inside(((0, 0), (5, 5)), np.array([(2.0, 2.0)])).any()


def test_pixels_count_by_their_centre() -> None:
    found = pixels_inside(((0.4, 0.4), (0.4, 2.4), (1.6, 2.4), (1.6, 0.4)), (4, 5))
    assert np.argwhere(found).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
