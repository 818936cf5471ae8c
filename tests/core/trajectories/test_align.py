"""Two embeddings of the same things: what must not matter does not, and what differs is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import ortho_group

from core.schema import InputError
from core.trajectories.align import cka, procrustes, remarks_on


def cloud(seed: int, rows: int = 60, dims: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, dims)) * np.arange(1, dims + 1)


@given(seed=some.integers(0, 1000), scale=some.floats(0.01, 50), dims=some.integers(2, 9))
def test_a_turned_scaled_and_shifted_cloud_comes_back(seed, scale, dims) -> None:
    source = cloud(seed, dims=dims)
    turn = ortho_group.rvs(dims, random_state=seed)
    target = scale * source @ turn + 7
    found = procrustes(source, target)
    np.testing.assert_allclose(found.apply(source), target, atol=1e-8 * scale * dims)
    assert found.scale == pytest.approx(scale)
    assert found.explained == pytest.approx(1)
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(dims), atol=1e-9)


def test_a_small_embedding_inside_a_large_one_comes_back() -> None:
    source = cloud(1, dims=3)
    target = np.pad(source, ((0, 0), (0, 4))) @ ortho_group.rvs(7, random_state=2)
    found = procrustes(source, target)
    np.testing.assert_allclose(found.apply(source), target, atol=1e-9)
    assert found.explained == pytest.approx(1)


@given(seed=some.integers(0, 1000), scale=some.floats(0.01, 50))
def test_agreement_does_not_depend_on_the_axes(seed, scale) -> None:
    one, two = cloud(seed), cloud(seed + 1, dims=4) + cloud(seed)[:, :4]
    turned = scale * two @ ortho_group.rvs(4, random_state=seed) - 3
    assert cka(one, turned) == pytest.approx(cka(one, two))
    assert cka(one, two) == pytest.approx(cka(two, one))
    assert cka(one, one) == pytest.approx(1)


def test_agreement_of_unrelated_clouds_is_low_and_few_rows_are_said_to_flatter() -> None:
    assert cka(cloud(1, rows=4000), cloud(2, rows=4000)) < 0.01
    assert remarks_on(4000, 5) == ()
    assert "flatters" in remarks_on(12, 5)[0]


def test_rows_without_a_value_do_not_count() -> None:
    source, target = cloud(3), cloud(3) * 2
    source[4, 1] = np.nan
    found = procrustes(source, target)
    assert found.rows == 59
    assert found.explained == pytest.approx(1)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (np.ones((5, 2)), np.ones((6, 2)), "do not have the same rows"),
        (cloud(1, rows=3), cloud(2, rows=3), "share 3 usable dates"),
        (np.ones((9, 2)), cloud(2, rows=9), "do not vary"),
    ],
)
def test_what_cannot_be_aligned_is_one_sentence(first, second, said) -> None:
    with pytest.raises(InputError, match=said):
        procrustes(first, second)
