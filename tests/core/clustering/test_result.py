from __future__ import annotations

import numpy as np
import pytest

from core.clustering.assign import ClusterSpec, find_clusters
from core.clustering.basis import FeatureSpec
from core.clustering.features import read_features
from core.clustering.legend import Edits
from core.clustering.result import cluster_run, find_kept, keep_clusters, names_of, open_clusters
from core.clustering.space import principal_space
from core.embedding.result import open_embedding
from core.schema import NotFoundError, WorkspaceError
from core.trajectories.places import place_of
from tests.core.made_land import made, publish


def test_clusters_are_published_once_and_opened_as_they_were(workspace) -> None:
    run = publish(workspace, made())
    made_now = cluster_run(workspace, run.id, spec=ClusterSpec(k=3))
    assert not made_now.reused
    assert made_now.run.spec.kind == "clusters"
    assert made_now.run.notes["k"] == 3
    opened = open_clusters(workspace, made_now.run.id)
    np.testing.assert_array_equal(opened.labels, made_now.clusters.labels)
    for name in ("spec", "features", "source", "grid", "remarks"):
        assert getattr(opened, name) == getattr(made_now.clusters, name)
    again = cluster_run(workspace, run.id, spec=ClusterSpec(k=3))
    assert again.reused
    assert again.run.id == made_now.run.id
    other = cluster_run(workspace, run.id, FeatureSpec(basis="mean"), ClusterSpec(k=3))
    assert other.run.id != made_now.run.id


def test_what_is_no_run_of_clusters_is_said(workspace) -> None:
    run = publish(workspace, made())
    with pytest.raises(NotFoundError, match="holds embedding, no clusters"):
        open_clusters(workspace, run.id)
    with pytest.raises(NotFoundError, match="holds clusters, no embedding"):
        cluster_run(workspace, cluster_run(workspace, run.id, spec=ClusterSpec(k=2)).run.id)
    with pytest.raises(NotFoundError, match="is not in the workspace"):
        cluster_run(workspace, "nowhere")


def test_a_damaged_run_is_said(workspace) -> None:
    run = publish(workspace, made())
    found = cluster_run(workspace, run.id, spec=ClusterSpec(k=2)).run
    (found.path / "clusters.json").write_text("{}")
    with pytest.raises(WorkspaceError, match="is damaged"):
        open_clusters(workspace, found.id)


def test_clusters_are_kept_as_a_reader_sees_them(workspace) -> None:
    run = publish(workspace, made())
    features = read_features(open_embedding(workspace, run.id), FeatureSpec())
    found = find_clusters(principal_space(features), ClusterSpec(k=3))
    shown = found.renumbered(np.where(found.labels == 1, 7, found.labels).astype(np.int16))
    edits = Edits().rename(7, "wet meadow").merge([2, 3])
    assert find_kept(workspace, run, shown, edits) is None
    kept = keep_clusters(workspace, run, shown, edits)
    opened = open_clusters(workspace, kept.id)
    assert opened.ids == (2, 7)
    np.testing.assert_array_equal(opened.labels == 7, found.labels == 1)
    np.testing.assert_array_equal(opened.labels == 2, (found.labels == 2) | (found.labels == 3))
    assert names_of(kept) == {7: "wet meadow"}
    assert (kept.notes["embedding"], kept.notes["k"]) == (run.id, 2)
    followed = place_of(workspace, open_embedding(workspace, run.id), f"cluster:{kept.id}:7")
    assert followed.label == "wet meadow"
    np.testing.assert_array_equal(followed.weights > 0, found.labels == 1)
    assert find_kept(workspace, run, shown, edits) == kept
    assert keep_clusters(workspace, run, shown, edits).id == kept.id
    assert keep_clusters(workspace, run, found, edits).id != kept.id  # the same question under other numbers
    assert keep_clusters(workspace, run, shown, Edits()).id != kept.id
