from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import adjusted_rand_score

from core.clustering import assign as module
from core.clustering import space as space_module
from core.clustering.assign import NONE, ClusterSpec, find_clusters
from core.clustering.features import PixelFeatures, read_features
from core.clustering.methods import METHODS, NOISE
from core.clustering.space import principal_space
from core.schema import InputError, NotFoundError


@pytest.fixture(scope="module")
def space(embedding):
    return principal_space(read_features(embedding))


def with_values(features: PixelFeatures, values: np.ndarray) -> PixelFeatures:
    where = np.zeros((1, len(values)), bool)
    where[:] = True
    return replace(features, values=values.astype(np.float32), where=where, own_share=where.astype(np.float32))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_land(method, space, land) -> None:
    found = find_clusters(space, ClusterSpec(method=method, k=3 if METHODS[method].takes_k else None))
    inside = found.labels > NONE
    assert inside.mean() > 0.75
    assert adjusted_rand_score(land[inside], found.labels[inside]) > 0.95
    assert found.spec.k == 3
    assert found.ids == (1, 2, 3)


def test_clusters_are_numbered_from_the_largest(space, land) -> None:
    found = find_clusters(space, ClusterSpec(k=3))
    counts = [int((found.labels == cluster).sum()) for cluster in found.ids]
    assert counts == sorted(counts, reverse=True)
    assert (found.labels[land == 1] == 1).mean() > 0.95


@pytest.mark.parametrize("method", METHODS)
def test_equal_seeds_give_equal_clusters(method, space) -> None:
    spec = ClusterSpec(method=method, k=4 if METHODS[method].takes_k else None, seed=5)
    np.testing.assert_array_equal(find_clusters(space, spec).labels, find_clusters(space, spec).labels)


def test_noise_stays_noise(space) -> None:
    dice = np.random.default_rng(0)
    groups = [dice.normal(middle, 0.2, (150, 3)) for middle in (0, 8)]
    features = with_values(space.features, np.concatenate([*groups, dice.uniform(-30, 30, (40, 3))]))
    found = find_clusters(principal_space(features), ClusterSpec(method="hdbscan", smallest_share=0.1))
    assert found.ids == (1, 2)
    assert (found.labels[0, 300:] == NOISE).mean() > 0.8
    assert (found.labels[0, :300] > NONE).mean() > 0.8
    assert any("are noise" in remark for remark in found.remarks)


def test_pixels_that_were_not_seen_are_in_no_cluster(make_embedding) -> None:
    cube = make_embedding()
    cube["features"][:, :, 2:5, 3:7] = np.nan
    found = find_clusters(principal_space(read_features(cube)), ClusterSpec(k=3))
    assert (found.labels[2:5, 3:7] == NONE).all()
    assert (found.labels == NONE).sum() == 12
    assert any("12 of 324 pixels" in remark for remark in found.remarks)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.sampled_from(sorted(METHODS)))
def test_the_order_of_the_pixels_does_not_matter(space, random, method) -> None:
    order = list(range(space.features.count))
    random.shuffle(order)
    plain = with_values(space.features, space.features.values)
    mixed = with_values(space.features, space.features.values[order])
    spec = ClusterSpec(method=method, k=3 if METHODS[method].takes_k else None)
    one, other = (find_clusters(principal_space(features), spec).labels[0] for features in (plain, mixed))
    np.testing.assert_array_equal(other, one[order])


def test_a_sample_finds_what_all_pixels_find(space, land, monkeypatch) -> None:
    monkeypatch.setattr(space_module, "SAMPLE", 120)
    few = find_clusters(principal_space(space.features), ClusterSpec(k=3))
    assert adjusted_rand_score(land.ravel(), few.labels.ravel()) > 0.95
    assert any("sample of 120 of 324" in remark for remark in few.remarks)


@pytest.mark.parametrize("method", METHODS)
def test_assigned_in_parts_or_whole_it_is_the_same(method, space, monkeypatch) -> None:
    spec = ClusterSpec(method=method, k=3 if METHODS[method].takes_k else None)
    whole = find_clusters(space, spec).labels
    monkeypatch.setattr(module, "ROWS", 13)
    np.testing.assert_array_equal(find_clusters(space, spec).labels, whole)


def test_without_k_it_is_suggested_and_said(space) -> None:
    found = find_clusters(space)
    assert found.spec.k == 3
    assert any(remark.startswith("3 is the largest number of clusters") for remark in found.remarks)


WRONG = {
    "unknown method": (ClusterSpec(method="magic"), "method 'magic' is not known; use one of kmeans"),
    "one cluster": (ClusterSpec(k=1), "k '1' is no usable number of clusters; give 2 to 24"),
    "too many": (ClusterSpec(k=25), "k '25' is no usable number of clusters"),
    "no share": (ClusterSpec(method="hdbscan", smallest_share=0), "smallest share '0' is no share"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_choice_is_one_sentence(kind, space) -> None:
    spec, words = WRONG[kind]
    with pytest.raises(InputError, match=words):
        find_clusters(space, spec)


def test_more_clusters_than_pixels_is_said(space) -> None:
    few = principal_space(with_values(space.features, space.features.values[:5]))
    with pytest.raises(InputError, match="k '6' is more than the 5 pixels"):
        find_clusters(few, ClusterSpec(k=6))
    assert find_clusters(few, ClusterSpec(k=5)).ids == (1, 2, 3, 4, 5)


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_pixels_that_are_all_alike_cannot_be_told_apart(method, space) -> None:
    alike = principal_space(with_values(space.features, np.ones((30, 8))))
    with pytest.raises(InputError, match="is more than the 1 pixels that differ"):
        find_clusters(alike, ClusterSpec(method=method, k=2))
    with pytest.raises(InputError, match="too few for clusters"):
        find_clusters(alike, ClusterSpec(method=method))


def test_dense_places_among_pixels_that_are_all_alike_do_not_crash(space) -> None:
    alike = principal_space(with_values(space.features, np.ones((30, 8))))
    found = find_clusters(alike, ClusterSpec(method="hdbscan"))
    assert set(np.unique(found.labels)) <= {NOISE, 1}


def test_a_single_pixel_is_said_to_be_too_few(space) -> None:
    alone = principal_space(with_values(space.features, space.features.values[:1]))
    for spec in (ClusterSpec(k=2), ClusterSpec(), ClusterSpec(method="hdbscan")):
        with pytest.raises(InputError, match=r"more than the 1 pixels|too few"):
            find_clusters(alone, spec)


def test_members_of_a_cluster_that_vanished_are_asked_for_in_vain(space) -> None:
    found = find_clusters(space, ClusterSpec(k=3))
    assert found.members(2).sum() == (found.labels == 2).sum()
    for gone in (7, NONE, NOISE):
        with pytest.raises(NotFoundError, match="holds no pixel now; choose one of: 1, 2, 3"):
            found.members(gone)
