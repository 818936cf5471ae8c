"""What dimensions go with: planted relations are found, and nothing is compared with another place or day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import spearmanr

from core import indices
from core.embedding.meaning import INDICES, meaning, rank_correlations
from core.embedding.sample import Sample, draw
from core.schema import S1_BANDS, S2_BANDS


@pytest.fixture
def cube() -> xr.Dataset:
    """12 dates of 20 x 16 pixels; every band by itself at random; radar on other days."""
    dice = np.random.default_rng(2)
    optical = dice.uniform(0.02, 0.5, (len(S2_BANDS), 12, 20, 16)).astype(np.float32)
    optical[:, dice.random((12, 20, 16)) < 0.3] = np.nan
    radar = dice.uniform(-20, -8, (len(S1_BANDS), 12, 20, 16)).astype(np.float32)
    layers = {name: (("time", "y", "x"), layer) for name, layer in zip(S2_BANDS, optical, strict=True)}
    layers |= {name: (("s1_time", "y", "x"), layer) for name, layer in zip(S1_BANDS, radar, strict=True)}
    coords = {
        "time": pd.date_range("2021-05-01", periods=12, freq="10D", unit="ns"),
        "s1_time": pd.date_range("2021-05-02", periods=12, freq="10D", unit="ns"),
        "y": 5_538_115.0 - 10 * np.arange(20),
        "x": 535_825.0 + 10 * np.arange(16),
    }
    return xr.Dataset(layers, coords=coords, attrs={"crs": "EPSG:32632"})


def planted(cube: xr.Dataset) -> xr.DataArray:
    """Four dimensions: e to the NDVI; VH of a day later, falling; noise; always the same."""
    ndvi = indices.compute(cube, "NDVI")
    dice = np.random.default_rng(3)
    layers = [np.exp(3 * ndvi.values), -cube["VH"].values, dice.normal(size=ndvi.shape), np.ones(ndvi.shape)]
    features = np.where(np.isfinite(ndvi.values), np.stack(layers), np.nan).astype(np.float32)
    return xr.DataArray(
        features, dims=("feature", "time", "y", "x"), coords=ndvi.drop_vars("feature", errors="ignore").coords
    )


def test_planted_dimensions_are_found(cube: xr.Dataset) -> None:
    features = planted(cube)
    found = meaning(draw(features), features, cube)
    at = {name: found.values[:, place] for place, name in enumerate(found.names)}
    assert at["NDVI"][0] == pytest.approx(1)  # rises with it, though in no straight line
    assert at["VH"][1] == pytest.approx(-1)
    assert abs(at["VH"][0]) < 0.06
    assert np.nanmax(np.abs(found.values[2])) < 0.06
    assert np.isnan(found.values[3]).all()
    assert found.strongest(0)[0].name == "NDVI"
    assert found.strongest(1)[0] == ("VH", pytest.approx(-1))
    assert found.strongest(3) == []
    assert found.count == np.isfinite(features[0].values).sum()


def test_under_a_map_stand_two_indices_a_band_and_a_polarisation(cube: xr.Dataset) -> None:
    features = planted(cube)
    bars = meaning(draw(features), features, cube).strongest(2)
    kinds = [[bar.name in kind for bar in bars] for kind in (INDICES, S2_BANDS, S1_BANDS)]
    assert [sum(kind) for kind in kinds] == [2, 1, 1]
    assert [abs(bar.value) for bar in bars] == sorted((abs(bar.value) for bar in bars), reverse=True)


def test_a_part_of_the_site_is_compared_with_its_own_pixels(cube: xr.Dataset) -> None:
    features = planted(cube)[:, 3:9, 5:18, 2:14]
    found = meaning(draw(features), features, cube)
    assert found.values[0, found.names.index("NDVI")] == pytest.approx(1)
    assert found.values[1, found.names.index("VH")] == pytest.approx(-1)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"time": pd.date_range("2011-05-01", periods=12, freq="10D", unit="ns")},
        {"x": 900_000.0 + 10 * np.arange(16)},
        {"y": 5_538_110.0 - 10 * np.arange(20)},  # half a pixel off
    ],
    ids=["another decade", "another place", "between the pixels"],
)
def test_what_does_not_lie_under_it_is_not_compared(cube: xr.Dataset, elsewhere: dict[str, object]) -> None:
    features = planted(cube).assign_coords(elsewhere)
    found = meaning(draw(features), features, cube)
    assert found.count == 0
    assert np.isnan(found.values).all()


def test_old_radar_views_are_not_compared(cube: xr.Dataset) -> None:
    later = cube.assign_coords(s1_time=cube["s1_time"] + np.timedelta64(5000, "D"))
    features = planted(cube)
    found = meaning(draw(features), features, later)
    assert np.isnan(found.values[:, found.names.index("VH")]).all()
    assert np.isfinite(found.values[0, found.names.index("NDVI")])


def test_a_site_without_radar_is_compared_with_the_rest(cube: xr.Dataset) -> None:
    features = planted(cube)
    found = meaning(draw(features), features, cube.drop_dims("s1_time"))
    assert "VH" not in found.names
    assert found.values[0, found.names.index("NDVI")] == pytest.approx(1)


def test_ranks_agree_with_another_library_where_values_are_missing_and_tie() -> None:
    dice = np.random.default_rng(4)
    ours, theirs = np.round(dice.normal(size=(200, 3)), 1), np.round(dice.normal(size=(200, 2)), 1)
    theirs[dice.random((200, 2)) < 0.2] = np.nan
    found = rank_correlations(ours, theirs)
    for dim in range(3):
        for quantity in range(2):
            there = np.isfinite(theirs[:, quantity])
            assert found[dim, quantity] == pytest.approx(spearmanr(ours[there, dim], theirs[there, quantity])[0])


def test_few_pixel_dates_say_nothing() -> None:
    assert np.isnan(rank_correlations(np.arange(20.0)[:, None], np.arange(20.0)[:, None])).all()


# ---------------------------------------------------------------- the sample
def test_the_sample_holds_what_the_cube_holds(cube: xr.Dataset) -> None:
    features = planted(cube)
    drawn = draw(features, size=300)
    t, y, x = drawn.places.T
    np.testing.assert_array_equal(drawn.values, features.values[:, t, y, x].T)
    assert len(drawn.values) == 300
    assert len(np.unique(drawn.places, axis=0)) == 300
    np.testing.assert_allclose(drawn.share, np.isfinite(features[0].values).mean(axis=(1, 2)))
    assert set(t) == set(range(12))


def test_a_large_cube_is_looked_at_in_its_middle_at_every_date(cube: xr.Dataset) -> None:
    features = planted(cube)
    drawn = draw(features, looked_at=4 * 12 * 20 * 6)
    assert isinstance(drawn, Sample)
    assert (drawn.places[:, 2].min(), drawn.places[:, 2].max()) == (5, 10)
    np.testing.assert_array_equal(drawn.values, features.values[:, *drawn.places.T].T)
    assert (drawn.share > 0).all()


def test_the_sample_is_the_same_every_time(cube: xr.Dataset) -> None:
    features = planted(cube)
    np.testing.assert_array_equal(draw(features, size=100).places, draw(features, size=100).places)
