from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.simulate.landscape import SMALLEST_PATCH, Landscape, make_landscape
from core.simulate.spec import DEMO_SITES, Cover


@pytest.fixture(scope="module", params=DEMO_SITES)
def site_id(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def land(site_id: str) -> Landscape:
    return make_landscape(DEMO_SITES[site_id], 80, seed=11)


@settings(max_examples=25)
@given(st.sampled_from(list(DEMO_SITES)), st.integers(8, 40), st.integers(0, 10_000))
def test_every_pixel_of_any_landscape_belongs_to_one_patch(site_id: str, half: int, seed: int) -> None:
    land = make_landscape(DEMO_SITES[site_id], 2 * half, seed=seed)
    assert land.patch.shape == (2 * half, 2 * half)
    assert set(np.unique(land.patch)) == set(range(1, len(land.covers) + 1))
    assert land.pixels.sum() == land.patch.size


def test_the_tower_stands_in_its_own_cover_and_that_is_wide(land: Landscape, site_id: str) -> None:
    own = land.is_cover(DEMO_SITES[site_id].landscape.tower_cover)
    assert own[40, 40]
    assert own[30:50, 30:50].mean() > 0.7


def test_each_landscape_has_many_patches_a_town_and_its_river(land: Landscape, site_id: str) -> None:
    assert 25 < len(land.covers) < 80
    assert land.is_cover(Cover.SETTLEMENT).any()
    assert land.is_cover(Cover.ROAD).any()
    assert land.is_cover(Cover.WATER).any() == (DEMO_SITES[site_id].landscape.river_width > 0)


def test_fields_are_compact_and_of_the_size_asked_for() -> None:
    land = make_landscape(DEMO_SITES["SIM-CRO"], 80, seed=11)
    fields = [number for number, cover in enumerate(land.covers, start=1) if cover is Cover.CROP]
    areas = land.pixels[np.array(fields) - 1]
    assert 80 < np.median(areas) < 400  # 0.8 to 4 ha
    rows, columns = np.nonzero(land.patch == fields[int(np.argsort(areas)[len(areas) // 2])])
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    assert len(rows) > 0.4 * box


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_forest_takes_its_share_of_the_open_land(share: float) -> None:
    spec = DEMO_SITES["SIM-CRO"]
    land = make_landscape(replace(spec, landscape=replace(spec.landscape, forest_share=share)), 80, seed=2)
    open_land = land.is_cover(Cover.BROADLEAF, Cover.CROP, Cover.MEADOW)
    open_land[land.patch == land.patch[40, 40]] = False
    assert land.is_cover(Cover.BROADLEAF)[open_land].mean() == pytest.approx(share, abs=0.08)


def test_slivers_join_their_neighbours(land: Landscape) -> None:
    assert np.median(land.pixels) > 10 * SMALLEST_PATCH
