from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from core.clustering.assign import NONE, ClusterSpec, find_clusters
from core.clustering.features import read_features
from core.clustering.match import keep_numbers
from core.clustering.methods import NOISE
from core.clustering.space import principal_space
from core.schema import InputError


@pytest.fixture(scope="module")
def clusters(embedding):
    return find_clusters(principal_space(read_features(embedding)), ClusterSpec(k=3))


def labelled(clusters, values):
    return replace(clusters, labels=np.array(values, np.int16))


def test_without_clusters_before_nothing_changes(clusters) -> None:
    found = keep_numbers(clusters, None)
    assert found.clusters is clusters
    assert found.new == (1, 2, 3)


@given(st.permutations([1, 2, 3, 4, 5]), st.integers(0, 2**32 - 1))
def test_renumbered_clusters_get_their_numbers_back(clusters, order, seed) -> None:
    before = np.random.default_rng(seed).integers(-1, 6, (6, 7)).astype(np.int16)
    table = np.array([0, *order, NOISE], np.int16)
    found = keep_numbers(labelled(clusters, table[before]), before)
    np.testing.assert_array_equal(found.clusters.labels, before)
    assert found.vanished == found.new == ()


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(2, 6))
def test_a_partition_stays_the_same_partition_under_any_numbers(clusters, seed, many, few) -> None:
    dice = np.random.default_rng(seed)
    now, before = dice.integers(-1, many, (8, 8)), dice.integers(-1, few, (8, 8)).astype(np.int16)
    given_labels = labelled(clusters, now)
    found = keep_numbers(given_labels, before)
    pairs = set(zip(now.ravel().tolist(), found.clusters.labels.ravel().tolist(), strict=True))
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    assert {(NOISE, NOISE), (NONE, NONE)} >= {pair for pair in pairs if pair[0] <= NONE}
    was, now_ids = {int(i) for i in np.unique(before) if i > 0}, set(found.clusters.ids)
    assert set(found.new) == now_ids - was
    assert set(found.vanished) == was - now_ids


def test_a_cluster_that_is_cut_leaves_its_number_to_the_larger_part(clusters) -> None:
    before = np.array([[1, 1, 1, 1, 2, 2, 2]], np.int16)
    found = keep_numbers(labelled(clusters, [[2, 2, 2, 3, 1, 1, 1]]), before)
    assert found.clusters.labels.tolist() == [[1, 1, 1, 3, 2, 2, 2]]
    assert (found.new, found.vanished) == ((3,), ())


def test_a_cluster_that_vanished_is_told_and_its_number_stays_free(clusters) -> None:
    before = np.array([[1, 1, 2, 3, 3]], np.int16)
    found = keep_numbers(labelled(clusters, [[1, 1, 1, 2, 2]]), before)
    assert found.clusters.labels.tolist() == [[1, 1, 1, 3, 3]]
    assert found.vanished == (2,)


def test_a_new_cluster_takes_no_number_that_had_a_meaning(clusters) -> None:
    before = np.array([[2, 2, 4, 4]], np.int16)
    found = keep_numbers(labelled(clusters, [[1, 1, 2, 3]]), before)
    assert found.new == (1,)
    assert found.clusters.labels.tolist()[0][:2] == [2, 2]


def test_more_clusters_keep_the_colours_of_fewer(embedding) -> None:
    space = principal_space(read_features(embedding))
    three, five = (find_clusters(space, ClusterSpec(k=k)) for k in (3, 5))
    found = keep_numbers(five, three.labels).clusters
    assert ((found.labels == three.labels) & (three.labels > 0)).mean() > 0.5
    assert found.ids == (1, 2, 3, 4, 5)


def test_clusters_of_another_area_are_refused(clusters) -> None:
    with pytest.raises(InputError, match="are of another area"):
        keep_numbers(clusters, np.ones((2, 2), np.int16))
