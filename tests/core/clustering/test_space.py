from __future__ import annotations

import numpy as np

from core.clustering import space as module
from core.clustering.features import read_features
from core.clustering.space import DIMS, principal_space


def test_scores_keep_the_variance_and_its_order(embedding) -> None:
    features = read_features(embedding)
    found = principal_space(features)
    assert found.scores.shape == (324, DIMS)
    spread = found.scores.std(axis=0)
    assert (np.diff(spread) <= 1e-5).all()
    assert 0.7 < found.explained.sum() <= 1
    share = spread[0] ** 2 / features.values.var(axis=0).sum()
    np.testing.assert_allclose(found.explained[0], share, rtol=0.01)
    assert not found.sampled


def test_of_many_pixels_a_sample_is_fitted_on(embedding, monkeypatch) -> None:
    monkeypatch.setattr(module, "SAMPLE", 100)
    features = read_features(embedding)
    found = principal_space(features, seed=3)
    assert found.sampled
    assert len(found.sample) == 100
    np.testing.assert_allclose(found.scores[found.picked], found.sample, atol=1e-4)
    again = principal_space(features, seed=3)
    np.testing.assert_array_equal(found.scores, again.scores)
    assert not np.array_equal(principal_space(features, seed=4).picked, found.picked)


def test_projected_in_parts_or_whole_it_is_the_same(embedding, monkeypatch) -> None:
    features = read_features(embedding)
    whole = principal_space(features).scores
    monkeypatch.setattr(module, "ROWS", 37)
    np.testing.assert_allclose(principal_space(features).scores, whole, atol=1e-4)
