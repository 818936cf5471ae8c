from __future__ import annotations

import numpy as np
import pytest

from core.clustering.assign import ClusterSpec
from core.clustering.basis import FeatureSpec
from core.clustering.result import cluster_run, open_clusters
from core.schema import NotFoundError, WorkspaceError
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
