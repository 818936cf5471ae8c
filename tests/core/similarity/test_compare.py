from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from core.clustering.basis import FeatureSpec
from core.clustering.features import read_features
from core.schema import InputError
from core.similarity import compare as module
from core.similarity.compare import Searchable, _distances, compare, pixel_at
from tests.core.made_land import kinds, made


@pytest.fixture(scope="module")
def searchable():
    cube = made()
    cube["features"][:, :, 0, 0] = np.nan
    return Searchable(features=read_features(cube))


@pytest.mark.parametrize("measure", ["cosine", "euclidean"])
def test_a_pixel_is_most_like_itself_and_its_own_kind(measure, searchable) -> None:
    land = kinds()
    found = compare(searchable, searchable.place((12, 3)), measure=measure)
    assert found[12, 3] == pytest.approx(1, abs=1e-5)
    assert np.nanargmax(found) == 12 * 18 + 3
    assert np.isnan(found[0, 0])
    assert np.isfinite(found).sum() == 323
    own, others = found[land == 2], found[(land != 2) & np.isfinite(found)]
    assert own.min() > others.max()


def test_values_are_what_the_words_say(searchable) -> None:
    values, place = searchable.features.values, searchable.place((4, 4))
    cosine = compare(searchable, place)[searchable.features.where]
    lengths = np.linalg.norm(values, axis=1) * np.linalg.norm(place)
    np.testing.assert_allclose(cosine, (values @ place) / lengths, rtol=1e-4, atol=1e-5)
    euclidean = compare(searchable, place, measure="euclidean")[searchable.features.where]
    away = np.sqrt(((values - place) ** 2).mean(axis=1))
    np.testing.assert_allclose(euclidean, 1 / (1 + away), rtol=1e-4)


def test_an_area_stands_for_the_mean_of_its_seen_pixels(searchable) -> None:
    area = np.zeros((18, 18), bool)
    area[:3, :3] = True
    mean = searchable.place(area)
    rows = searchable.features.on_map(np.arange(323), -1)[area]
    np.testing.assert_allclose(mean, searchable.features.values[rows[rows >= 0]].mean(axis=0), rtol=1e-4, atol=1e-5)


@given(hnp.arrays(np.float32, (40, 6), elements=st.floats(-100, 100, width=32)), st.integers(1, 50))
def test_distances_do_not_depend_on_the_blocks(values, block) -> None:
    whole = _distances(values, values[0])
    before, module.BLOCK = module.BLOCK, block
    try:
        np.testing.assert_allclose(_distances(values, values[0]), whole, rtol=1e-6)
    finally:
        module.BLOCK = before
    assert whole[0] == 0


@given(st.floats(0.5, 20))
def test_cosine_does_not_ask_how_strong_a_pattern_is(searchable, factor) -> None:
    place = searchable.place((5, 5))
    np.testing.assert_allclose(compare(searchable, place * np.float32(factor)), compare(searchable, place), atol=1e-4)


def test_where_there_is_no_pattern_cosine_cannot_be_told(searchable) -> None:
    assert np.isnan(compare(searchable, np.zeros(searchable.features.values.shape[1], np.float32))).all()


def test_a_place_that_cannot_be_compared_is_said(searchable) -> None:
    with pytest.raises(InputError, match="was not seen well enough"):
        searchable.place((0, 0))
    with pytest.raises(InputError, match="holds no pixel"):
        searchable.place(np.zeros((18, 18), bool))
    with pytest.raises(InputError, match="lies outside the embedding; choose a row below 18 and a column below 18"):
        searchable.place((18, 0))
    with pytest.raises(InputError, match="is not on the pixels"):
        searchable.place(np.ones((3, 3), bool))
    with pytest.raises(InputError, match="is of other features"):
        compare(searchable, np.zeros(3, np.float32))
    with pytest.raises(InputError, match="use one of cosine, euclidean"):
        compare(searchable, searchable.place((5, 5)), measure="manhattan")  # type: ignore[arg-type]


def test_the_pixel_a_point_lies_in(searchable) -> None:
    grid = searchable.features.grid
    assert pixel_at(grid, 535_825.0, 5_538_115.0) == (0, 0)
    assert pixel_at(grid, 535_829.9, 5_538_110.1) == (0, 0)
    assert pixel_at(grid, 535_830.1, 5_538_109.9) == (1, 1)
    for x, y in ((535_819.9, 5_538_115.0), (535_825.0, 5_538_120.1), (float("nan"), 5_538_115.0)):
        with pytest.raises(InputError, match="lies outside the embedding; choose x from 535825 to 535995"):
            pixel_at(grid, x, y)


@pytest.mark.parametrize("basis", ["date", "mean", "year"])
def test_every_basis_can_be_searched(basis) -> None:
    searchable = Searchable(features=read_features(made(cloud=0), FeatureSpec(basis=basis)))
    found = compare(searchable, searchable.place((12, 3)), measure="euclidean")
    assert found[12, 3] == pytest.approx(1)
