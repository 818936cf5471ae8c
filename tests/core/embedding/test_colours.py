"""False colour: what a picture of principal components keeps when the embedding is turned, and what decides it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.stats import special_ortho_group

from core.embedding.colours import Colours, chosen, principal
from core.embedding.sample import Sample
from core.schema import InputError


def sample(values: np.ndarray) -> Sample:
    values = values.astype(np.float32)
    return Sample(share=np.ones(1, np.float32), values=values, places=np.zeros((len(values), 3), np.int64))


@pytest.fixture
def values() -> np.ndarray:
    """Eight dimensions of different spread and skewness, mixed."""
    dice = np.random.default_rng(5)
    own = dice.gamma(2, 1, (4000, 8)) * (6, 4, 2.5, 1, 0.5, 0.3, 0.2, 0.1)
    return own @ special_ortho_group.rvs(8, random_state=1)


def bytes_of(found: Colours, values: np.ndarray) -> np.ndarray:
    """Red, green and blue, 0..1, of values (n, D)."""
    scores = found.scores(values.T.astype(np.float32))
    low, high = (np.array([getattr(channel, end) for channel in found.channels])[:, None] for end in ("low", "high"))
    gamma = np.array([channel.gamma for channel in found.channels])[:, None]
    return np.clip((scores - low) / (high - low), 0, 1) ** (1 / gamma)


def test_the_components_are_those_of_an_eigen_decomposition_by_another_library(values: np.ndarray) -> None:
    from sklearn.decomposition import PCA

    steady = np.random.default_rng(0).normal(size=(4000, 8)) * (6, 4, 2.5, 1, 0.5, 0.3, 0.2, 0.1)
    ours, theirs = principal(sample(steady)), PCA(3).fit(steady)
    agreement = np.abs(np.sum(ours.axes.T * theirs.components_, axis=1))
    np.testing.assert_allclose(agreement, 1, atol=0.002)  # but for the outliers that we leave out


def test_turning_mirroring_and_shifting_the_embedding_leave_the_picture(values: np.ndarray) -> None:
    turn = special_ortho_group.rvs(8, random_state=2)
    turn[0] *= -1  # and a mirror
    moved = values @ turn + 7
    before, after = bytes_of(principal(sample(values)), values), bytes_of(principal(sample(moved)), moved)
    np.testing.assert_allclose(before, after, atol=2 / 255)


def test_scaling_the_embedding_leaves_the_picture(values: np.ndarray) -> None:
    before, after = bytes_of(principal(sample(values)), values), bytes_of(principal(sample(3 * values)), 3 * values)
    np.testing.assert_allclose(before, after, atol=1 / 255)


def test_a_few_wild_values_decide_nothing(values: np.ndarray) -> None:
    wild = values.copy()
    wild[:20] = 1000 * np.random.default_rng(1).normal(size=(20, 8))
    before, after = principal(sample(values)), principal(sample(wild))
    np.testing.assert_allclose(np.abs(np.sum(before.axes * after.axes, axis=0)), 1, atol=0.01)
    np.testing.assert_allclose(bytes_of(after, values[20:]), bytes_of(before, values[20:]), atol=0.1)


def test_the_note_tells_the_parts_of_the_variance() -> None:
    dice = np.random.default_rng(3)
    found = principal(sample(dice.normal(size=(20_000, 4)) * (3, 2, 1, 0.01)))
    parts = [int(part) for part in re.findall(r"PC\d (\d+) %", found.note)]
    assert parts == pytest.approx([100 * own / 14 for own in (9, 4, 1)], abs=2)  # but for the outliers


def test_half_of_the_sample_is_darker_and_half_brighter_in_each_colour(values: np.ndarray) -> None:
    shown = bytes_of(principal(sample(values)), values)
    np.testing.assert_allclose(np.median(shown, axis=1), 0.5, atol=0.01)


def test_any_three_dimensions_are_shown_as_they_are(values: np.ndarray) -> None:
    found = chosen(sample(values), (5, 0, 5))
    np.testing.assert_array_equal(found.scores(values.T.astype(np.float32)), values.T.astype(np.float32)[[5, 0, 5]])
    assert [channel.label for channel in found.channels] == ["dim 6", "dim 1", "dim 6"]
    low, high = np.percentile(values[:, 0].astype(np.float32), (1, 99))
    assert found.channels[1][1:3] == pytest.approx((low, high))


def test_a_missing_embedding_has_no_colour(values: np.ndarray) -> None:
    cube = values[:6].T.reshape(8, 2, 3).astype(np.float32)
    cube[:, 1, 2] = np.nan
    scores = principal(sample(values)).scores(cube)
    assert scores.shape == (3, 2, 3)
    assert np.isnan(scores).sum() == 3


@pytest.mark.parametrize("dims", [1, 2])
def test_an_embedding_of_fewer_dimensions_than_colours_still_has_a_picture(dims: int) -> None:
    values = np.random.default_rng(1).gamma(2, 1, (500, dims))
    found = principal(sample(values))
    shown = bytes_of(found, values)
    assert np.isfinite(shown).all()
    assert np.ptp(shown[0]) == 1
    assert np.ptp(shown[2]) == 0


def test_a_dimension_that_is_not_there_is_said(values: np.ndarray) -> None:
    with pytest.raises(InputError, match="dimension '9' is not in this embedding; choose from 1 to 8"):
        chosen(sample(values), (0, 1, 8))


def test_too_little_to_colour_is_said() -> None:
    with pytest.raises(InputError, match="too few to colour"):
        principal(sample(np.ones((1, 3))))
