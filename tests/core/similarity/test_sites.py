from __future__ import annotations

import numpy as np
import pytest

from core.clustering.basis import FeatureSpec
from core.clustering.features import read_features
from core.schema import InputError
from core.similarity.compare import Searchable, compare
from core.similarity.sites import nearest_sites, search
from tests.core.made_land import kinds, made, publish


@pytest.fixture(scope="module")
def searchable():
    return Searchable(features=read_features(made()))


def test_the_same_site_again_is_as_like_as_it_is_to_itself(searchable) -> None:
    place = searchable.place((12, 3))
    (match,), refused = nearest_sites(searchable, place, {"run-1": made(site="TWIN")}, threshold=0.9)
    own = compare(searchable, place)
    assert refused == []
    assert (match.site, match.run, match.pixel) == ("TWIN", "run-1", (12, 3))
    assert match.mean == pytest.approx(float(np.nanmean(own)), abs=1e-4)
    assert match.share == pytest.approx(float((own >= 0.9).mean()), abs=1e-6)
    assert match.nearest == pytest.approx(float(np.quantile(own, 0.99)), abs=1e-4)
    assert match.period.startswith("2021-01-")


def test_sites_come_in_the_order_of_their_most_alike_pixels(searchable) -> None:
    other = made(seed=5, site="OTHER")
    strange = made(seed=6, site="STRANGE")
    strange["features"][:] = np.random.default_rng(0).normal(0, 1, strange["features"].shape)
    found, _ = nearest_sites(searchable, searchable.place((12, 3)), {"b": strange, "a": other})
    assert [match.site for match in found] == ["OTHER", "STRANGE"]
    assert found[0].share == pytest.approx((kinds() == 2).mean(), abs=0.05)
    assert found[1].share == 0


def test_values_are_compared_in_the_units_of_the_chosen_site() -> None:
    """A site's own standardising must not make a flat site look like a lively one."""
    searchable = Searchable(features=read_features(made()))
    flat = made(site="FLAT")
    flat["features"][:] = flat["features"].values * 0.01
    (match,), _ = nearest_sites(searchable, searchable.place((12, 3)), {"f": flat}, measure="euclidean", threshold=0.8)
    assert match.share == 0


REFUSED = {
    "another model": ({"model": "hand-7"}, "comes from the model 'hand-7', the chosen place from 'hand-4'"),
    "other weights": ({"weights_digest": "w2"}, "comes from weights 'w2', the chosen place from 'w1'"),
    "another version": ({"version": "2"}, "comes from version '2', the chosen place from '1'"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_embeddings_of_another_making_are_refused_and_told(kind, searchable) -> None:
    changes, words = REFUSED[kind]
    found, refused = nearest_sites(searchable, searchable.place((1, 1)), {"r": made(**changes)})
    assert found == []
    assert refused[0].run == "r"
    assert words in refused[0].reason


def test_other_periods_are_refused(searchable) -> None:
    _, refused = nearest_sites(searchable, searchable.place((1, 1)), {"r": made(year=2015)})
    assert "holds no date of the embedding" in refused[0].reason
    date = Searchable(features=read_features(made(cloud=0), FeatureSpec(basis="date", date="2021-07-01")))
    _, refused = nearest_sites(date, date.place((1, 1)), {"r": made(year=2020)})
    assert "has no date within 30 days" in refused[0].reason
    winter = made().isel(time=slice(0, 5))
    _, refused = nearest_sites(searchable, searchable.place((1, 1)), {"r": winter})
    assert refused == [] or "common days" in refused[0].reason


def test_search_looks_through_the_workspace(workspace) -> None:
    run = publish(workspace, made())
    publish(workspace, made(site="TWIN", seed=2))
    publish(workspace, made(site="ALIEN", model="hand-7"))
    grid = read_features(made()).grid
    found = search(workspace, run.id, (grid.x + 30, grid.y - 120), threshold=0.9)
    assert found.own.pixel == (12, 3)
    assert found.own.run == run.id
    assert found.similarity[12, 3] == pytest.approx(1, abs=1e-5)
    assert [match.site for match in found.sites] == ["TWIN"]
    assert len(found.refused) == 1
    assert "hand-7" in found.refused[0].reason
    with pytest.raises(InputError, match="lies outside the embedding"):
        search(workspace, run.id, (0, 0))
