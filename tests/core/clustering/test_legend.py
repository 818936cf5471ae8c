from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from core.clustering.assign import NONE, ClusterSpec, find_clusters
from core.clustering.features import read_features
from core.clustering.legend import Edits, area_of_pixel_ha, colour_of, edited, entry_of, legend
from core.clustering.methods import NOISE
from core.clustering.space import principal_space
from core.palette import MISSING, QUALITATIVE
from core.schema import InputError, NotFoundError


@pytest.fixture(scope="module")
def clusters(embedding):
    found = find_clusters(principal_space(read_features(embedding)), ClusterSpec(k=3))
    labels = found.labels.copy()
    labels[0, :4], labels[1, :2] = NONE, NOISE
    return replace(found, labels=labels)


def test_every_pixel_is_counted_once(clusters) -> None:
    entries = legend(clusters)
    assert [entry.id for entry in entries] == [1, 2, 3, NOISE, NONE]
    assert [entry.name for entry in entries][-2:] == ["noise", "not seen well enough"]
    assert sum(entry.pixels for entry in entries) == 324
    assert sum(entry.share for entry in entries) == pytest.approx(1)
    assert sum(entry.area_ha for entry in entries) == pytest.approx(3.24)  # 324 pixels of 10 m
    assert entry_of(entries, NONE).pixels == 4


def test_a_colour_belongs_to_a_number() -> None:
    assert [colour_of(cluster) for cluster in (1, 12)] == [QUALITATIVE[0], QUALITATIVE[11]]
    assert colour_of(NOISE) == colour_of(NONE) == MISSING
    assert len({colour_of(cluster) for cluster in range(1, 25)}) == 24


def test_names_stay_with_their_number_and_can_be_taken_back(clusters) -> None:
    named = Edits().rename(2, "  wet   meadow ")
    assert entry_of(legend(clusters, named), 2).name == "wet meadow"
    assert named.rename(2, "").name_of(2) == "cluster 2"
    with pytest.raises(InputError, match="is the name of cluster 2 already"):
        named.rename(3, "wet meadow")
    with pytest.raises(InputError, match="longer than 60 letters"):
        named.rename(3, "x" * 61)


def test_merged_clusters_are_one_and_can_be_split_again(clusters) -> None:
    edits = Edits().rename(1, "forest").merge([1, 3])
    entries = legend(clusters, edits)
    assert [entry.id for entry in entries] == [1, 2, NOISE, NONE]
    assert entry_of(entries, 1).pixels == int(np.isin(clusters.labels, (1, 3)).sum())
    assert entry_of(entries, 1).name == "forest"
    assert edits.merge([3, 2]).merged == {3: 1, 2: 1}
    np.testing.assert_array_equal(edits.split(1).apply(clusters.labels), clusters.labels)
    np.testing.assert_array_equal(edited(clusters, edits).labels, edits.apply(clusters.labels))
    with pytest.raises(InputError, match="choose at least two"):
        edits.merge([2, 2])


@given(st.lists(st.lists(st.integers(1, 8), min_size=2, max_size=4, unique=True), max_size=5))
def test_merges_in_any_order_make_the_same_groups_as_joining_them(groups) -> None:
    edits, joined = Edits(), {cluster: {cluster} for cluster in range(1, 9)}
    for group in groups:
        if len({edits.target(cluster) for cluster in group}) < 2:
            continue
        edits = edits.merge(group)
        union = set().union(*(joined[cluster] for cluster in group))
        joined |= dict.fromkeys(union, union)
    labels = np.arange(1, 9, dtype=np.int16)[None]
    merged = edits.apply(labels)[0]
    for one in range(1, 9):
        for other in range(1, 9):
            assert (merged[one - 1] == merged[other - 1]) == (other in joined[one])


def test_a_name_of_a_cluster_that_vanished_is_kept_for_when_it_comes_back(clusters) -> None:
    edits = Edits().rename(7, "gone").merge([2, 7])
    assert [entry.id for entry in legend(clusters, edits)] == [1, 2, 3, NOISE, NONE]
    with pytest.raises(NotFoundError, match="cluster '7' holds no pixel now; choose one of: 1, 2, 3"):
        entry_of(legend(clusters, edits), 7)


def test_edits_are_json_and_back() -> None:
    edits = Edits().rename(2, "a").merge([1, 4, 5])
    assert Edits.from_json(edits.to_json()) == edits


def test_an_area_is_said_only_where_it_is_known(clusters) -> None:
    assert area_of_pixel_ha(clusters.grid) == pytest.approx(0.01)
    for changes in ({"crs": ""}, {"crs": "EPSG:4326"}, {"pixel_width": 0.0}):
        assert area_of_pixel_ha(replace(clusters.grid, **changes)) is None
    feet = replace(clusters.grid, crs="EPSG:2225", pixel_width=100.0, pixel_height=100.0)
    assert area_of_pixel_ha(feet) == pytest.approx(0.0929, rel=1e-3)
    nowhere = replace(clusters, grid=replace(clusters.grid, crs=""))
    assert all(entry.area_ha is None for entry in legend(nowhere))
