"""Years against each other: warping and area, their invariants, and years that have no shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.schema import InputError
from core.trajectories.distance import Curve, distances, dtw, dtw_many, year_distances
from tests.core.trajectories.made_paths import made_path


def series(seed: int, length: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(length, 3))


def plain(first: np.ndarray, second: np.ndarray) -> float:
    """The textbook recursion, cell by cell."""
    cost = np.linalg.norm(first[:, None] - second[None], axis=2)
    total = np.full((len(first) + 1, len(second) + 1), np.inf)
    total[0, 0] = 0
    for i in range(len(first)):
        for j in range(len(second)):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[-1, -1]


@given(seed=some.integers(0, 500), n=some.integers(1, 14), m=some.integers(1, 14))
def test_warping_is_the_textbook_s_symmetric_and_zero_on_itself(seed, n, m) -> None:
    one, two = series(seed, n), series(seed + 1, m)
    assert dtw(one, two) == pytest.approx(plain(one, two))
    assert dtw(one, two) == pytest.approx(dtw(two, one))
    assert dtw(one, one) == 0
    assert dtw(one, np.repeat(one, 2, axis=0)) == 0  # a slower walk along the same path


def test_warping_agrees_with_a_known_library() -> None:
    """dtaidistance 2.5.1, dtw.distance and dtw_ndim.distance with inner_dist='euclidean'."""
    one, two = np.array([0.0, 1, 2, 3, 2, 0, 1]), np.array([0.0, 0, 2, 4, 1, 1])
    assert dtw(one[:, None], two[:, None]) == pytest.approx(4.0)
    first = np.array([[0, 0], [1, 2], [3, 1], [2, 2], [0, 1.0]])
    second = np.array([[0, 1], [2, 2], [2, 1], [0, 0.0]])
    assert dtw(first, second) == pytest.approx(5.0)


def curve(shift: int = 0, level: float = 0.0, step: int = 5, label: str = "") -> Curve:
    days = np.arange(10, 350, step)
    swing = np.sin(2 * np.pi * (days - shift) / 365)
    return Curve(label=label, days=days, values=np.stack([swing + level, swing * 0], axis=1))


def test_a_late_spring_is_nearer_by_warping_than_by_area_and_a_level_is_the_same_by_both() -> None:
    found = distances([curve(), curve(shift=20), curve(level=0.5)])
    assert found.dtw[0, 1] < 0.25 * found.area[0, 1]
    assert found.area[0, 2] == pytest.approx(0.5)
    np.testing.assert_allclose(found.dtw, found.dtw.T)
    np.testing.assert_allclose(found.area, found.area.T)
    assert (np.diag(found.dtw) == 0).all()


def test_pairs_of_different_lengths_at_once_are_the_same_as_one_by_one() -> None:
    pairs = [(curve(), curve(20)), (curve(step=17), curve(step=9)), (curve(5, step=30), curve())]
    together = dtw_many([one for one, _ in pairs], [two for _, two in pairs])
    alone = [dtw_many([one], [two])[0] for one, two in pairs]
    np.testing.assert_allclose(together, alone)


def test_area_is_not_told_across_a_long_gap() -> None:
    whole, gappy = curve(), curve()
    kept = (gappy.days < 60) | (gappy.days > 300)
    found = distances([whole, Curve(label="", days=gappy.days[kept], values=gappy.values[kept])])
    assert np.isfinite(found.area[0, 1])
    assert found.shared_days[0, 1] < 110


def test_years_of_a_path_and_a_year_with_three_dates() -> None:
    path = made_path(years=(2019, 2020, 2021))
    in_2020 = path.days.astype("datetime64[Y]") == np.datetime64("2020")
    path.values[np.flatnonzero(in_2020)[3:]] = np.nan
    found = year_distances([path])
    assert found.labels == ("2019", "2021")
    assert found.remarks == ("2020 was seen on 3 dates only and has no shape to compare.",)
    path.values[path.days.astype("datetime64[Y]") == np.datetime64("2021")] = np.nan
    with pytest.raises(InputError, match="has 1 year with 4 or more dates, and two are needed"):
        year_distances([path])
