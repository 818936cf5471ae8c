from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.clustering.features import read_features
from core.clustering.space import principal_space
from core.clustering.suggest import APART, STABLE, suggest_k
from core.schema import InputError


@pytest.fixture(scope="module")
def space(embedding):
    return principal_space(read_features(embedding))


def blobs(space, count: int):
    dice = np.random.default_rng(count)
    sample = np.concatenate([dice.normal(dice.normal(0, 12, 5), 0.5, (60, 5)) for _ in range(count)]).astype(np.float32)
    return replace(space, sample=sample, scores=sample)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_groups_that_lie_apart_are_counted(count, space) -> None:
    found = suggest_k(blobs(space, count), numbers=range(2, 8))
    assert found.k == count
    chosen = next(candidate for candidate in found.candidates if candidate.k == count)
    assert chosen.stability > 0.99
    assert f"{count} is the largest number" in found.words


def test_the_rule_is_what_it_says(space) -> None:
    found = suggest_k(space, numbers=range(2, 7))
    best = max(c.silhouette for c in found.candidates)
    stable = [c for c in found.candidates if min(c.stability, c.recovered) >= STABLE]
    assert found.k == max(c.k for c in stable if c.silhouette >= APART * best)
    assert [candidate.k for candidate in found.candidates] == [2, 3, 4, 5, 6]


def test_where_nothing_comes_out_again_that_is_said(space) -> None:
    even = np.random.default_rng(0).uniform(0, 1, (400, 6)).astype(np.float32)
    found = suggest_k(replace(space, sample=even, scores=even), numbers=range(5, 8))
    assert "No number of clusters comes out again reliably" in found.words


def test_few_pixels_limit_what_is_tried(space) -> None:
    few = space.sample[:4]
    assert max(c.k for c in suggest_k(replace(space, sample=few, scores=few)).candidates) == 3
    with pytest.raises(InputError, match="too few for clusters"):
        suggest_k(replace(space, sample=few[:2], scores=few[:2]))
