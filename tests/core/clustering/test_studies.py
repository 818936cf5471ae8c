"""What takes seconds to find out, kept as runs; and the plane of neighbours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sklearn.neighbors import KNeighborsClassifier

from core.clustering.basis import FeatureSpec, completed
from core.clustering.features import read_features
from core.clustering.neighbours import neighbour_plane
from core.clustering.space import principal_space
from core.clustering.studies import NEIGHBOURS, NUMBER, find_study, open_number, open_plane, study
from core.clustering.suggest import suggest_k
from core.embedding.result import read_embedding
from core.schema import InputError, NotFoundError
from tests.core.made_land import made, publish


@pytest.fixture(scope="module")
def space():
    return principal_space(read_features(made(noise=0.3)))


def test_neighbours_stay_neighbours_better_than_in_two_components(space, land) -> None:
    plane = neighbour_plane(space)
    assert plane.shape == (len(space.scores), 2)
    assert trustworthiness(space.scores, plane) > trustworthiness(space.scores, space.scores[:, :2])
    known = KNeighborsClassifier(5).fit(plane, land.ravel()).score(plane, land.ravel())
    assert known > 0.98
    np.testing.assert_array_equal(plane, neighbour_plane(space))


def test_of_many_pixels_some_are_arranged_and_the_others_placed_among_them(space, land, monkeypatch) -> None:
    monkeypatch.setattr("core.clustering.neighbours.PIXELS", 100)
    plane = neighbour_plane(space)
    assert KNeighborsClassifier(5).fit(plane, land.ravel()).score(plane, land.ravel()) > 0.98


def test_a_single_component_is_arranged_too_and_too_few_pixels_are_said(space) -> None:
    line = space.scores[:60, :1].copy()
    assert np.isfinite(neighbour_plane(replace(space, scores=line, sample=line))).all()
    few = space.scores[:5]
    with pytest.raises(InputError, match="too few to arrange"):
        neighbour_plane(replace(space, scores=few, sample=few))


def test_a_number_is_found_once_told_as_it_goes_and_opened_as_it_was(workspace) -> None:
    run, said = publish(workspace, made()), []
    asked = completed(read_embedding(run), FeatureSpec())
    assert find_study(workspace, NUMBER, run, asked) is None
    found = study(workspace, NUMBER, run.id, progress=lambda share, words: said.append((share, words)))
    assert [share for share, _ in said] == sorted(share for share, _ in said)
    assert said[-1][1] == "Trying 12 clusters"
    opened = open_number(found)
    assert opened == suggest_k(principal_space(read_features(read_embedding(run), asked)))
    assert study(workspace, NUMBER, run.id).id == found.id
    assert find_study(workspace, NUMBER, run, asked).id == found.id
    assert find_study(workspace, NUMBER, run, replace(asked, standardise=False)) is None
    with pytest.raises(NotFoundError, match="holds cluster-number, no neighbour-plane"):
        open_plane(found)


def test_a_plane_lies_on_the_map_and_is_empty_where_nothing_was_seen(workspace) -> None:
    cube = made()
    cube["features"].values[:, :, 3, 4] = np.nan
    run = publish(workspace, cube)
    plane = open_plane(study(workspace, NEIGHBOURS, run.id))
    assert plane.shape == (18, 18, 2)
    assert np.isnan(plane[3, 4]).all()
    assert np.isfinite(plane).all(axis=2).sum() == 18 * 18 - 1
