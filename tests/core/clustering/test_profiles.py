from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.clustering import profiles as module
from core.clustering.assign import ClusterSpec, find_clusters
from core.clustering.features import read_features
from core.clustering.profiles import backscatter_curve, embedding_profile, index_curve, on_grid, spectrum_of
from core.clustering.space import principal_space
from core.schema import S2_BANDS, InputError, NotFoundError


@pytest.fixture
def cube(small_site):
    """12 x 10 pixels; date 2 is cloudy, and the corner of 3 x 2 pixels always."""
    return small_site.cube


@pytest.fixture
def members():
    area = np.zeros((12, 10), bool)
    area[:6] = True
    return area


def test_a_spectrum_is_of_what_was_seen_alone(cube, members) -> None:
    found = spectrum_of(cube, members, start="2021-05-01", end="2021-05-31")
    expected = np.stack([cube[band].values[:, members] for band in S2_BANDS], axis=-1)
    seen = expected[np.isfinite(expected).all(axis=-1)]
    assert found.views == len(seen) == 5 * (60 - 6)
    np.testing.assert_allclose(found.mean, seen.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.low, np.percentile(seen, 10, axis=0), rtol=1e-5)
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()


def test_a_pixel_date_without_one_band_is_no_spectrum(cube, members) -> None:
    cube["B08"][0, 5, 5] = np.nan
    assert spectrum_of(cube, members, start="2021-05-01", end="2021-05-31").views == 5 * 54 - 1


def test_a_period_without_a_view_gives_none(cube, members) -> None:
    for start, end in (("2021-05-11", "2021-05-11"), ("2030-01-01", "2030-12-31")):
        found = spectrum_of(cube, members, start=start, end=end)
        assert found.views == 0
        assert np.isnan(found.mean).all()


def test_a_season_is_the_median_of_what_was_seen_on_each_date(cube, members) -> None:
    found = index_curve(cube, members, "NDVI")
    near, red = cube["B08"].values[:, members], cube["B04"].values[:, members]
    ndvi = (near - red) / (near + red)
    clear = [0, 1, 3, 4, 5]
    np.testing.assert_allclose(found.middle[clear], np.nanmedian(ndvi[clear], axis=1), rtol=1e-4, atol=1e-6)
    assert np.isnan(found.middle[2])
    assert found.times.dtype == "datetime64[D]"


def test_a_date_on_which_too_few_were_seen_does_not_count(cube) -> None:
    corner = np.zeros((12, 10), bool)
    corner[:4, :2] = True  # 6 pixels never seen, 2 seen
    assert np.isfinite(index_curve(cube, corner, "NDVI").middle[0])
    cube["B04"][0, 3, :] = np.nan
    assert np.isnan(index_curve(cube, corner, "NDVI").middle[0])


def test_backscatter_is_in_decibels_on_its_own_dates(cube, members) -> None:
    found = backscatter_curve(cube, members, "VH")
    assert found is not None
    assert found.unit == "dB"
    np.testing.assert_allclose(found.middle, np.median(cube["VH"].values[:, members], axis=1), rtol=1e-5)
    assert backscatter_curve(cube.drop_vars("VH"), members, "VH") is None
    with pytest.raises(InputError, match="is no backscatter"):
        backscatter_curve(cube, members, "B04")
    with pytest.raises(NotFoundError):
        index_curve(cube, members, "NDVII")


def test_read_in_blocks_or_whole_it_is_the_same(cube, members, monkeypatch) -> None:
    curve, spectrum = (
        index_curve(cube, members, "NDVI"),
        spectrum_of(cube, members, start="2021-01-01", end="2021-12-31"),
    )
    monkeypatch.setattr(module, "DATES", 2)
    monkeypatch.setattr(module, "VALUES", 1)
    np.testing.assert_array_equal(index_curve(cube, members, "NDVI").middle, curve.middle)
    again = spectrum_of(cube, members, start="2021-01-01", end="2021-12-31")
    np.testing.assert_allclose(again.mean, spectrum.mean)


def test_many_pixels_are_stood_for_by_some(cube, members, monkeypatch) -> None:
    monkeypatch.setattr(module, "PIXELS", 10)
    assert spectrum_of(cube, members, start="2021-05-01", end="2021-05-01").views <= 10


def test_the_embedding_of_a_cluster_by_date(embedding, land) -> None:
    found = embedding_profile(embedding, land == 2)
    values = embedding["features"].values[:, :, land == 2]
    np.testing.assert_allclose(found.mean, np.nanmean(values, axis=2), atol=1e-5)
    np.testing.assert_allclose(found.spread, np.nanstd(values, axis=2), atol=1e-5)


def test_a_cluster_without_a_pixel_is_said(cube) -> None:
    with pytest.raises(InputError, match="holds no pixel"):
        index_curve(cube, np.zeros((12, 10), bool), "NDVI")


def test_the_part_of_a_site_under_an_embedding(cube, make_embedding) -> None:
    clusters = find_clusters(principal_space(read_features(make_embedding(side=6))), ClusterSpec(k=2))
    part = clusters.grid
    moved = replace(part, x=float(cube["x"][2]), y=float(cube["y"][3]))
    found = on_grid(cube, replace(clusters, grid=moved))
    np.testing.assert_array_equal(found["B04"].values, cube["B04"].values[:, 3:9, 2:8])
    assert np.shares_memory(found["B04"].values, cube["B04"].values)  # a site's images are not copied
    flipped = on_grid(cube.isel(y=slice(None, None, -1)), replace(clusters, grid=moved))
    np.testing.assert_array_equal(flipped["B04"].values, found["B04"].values)
    for wrong in (replace(part, x=0.0), replace(moved, crs="EPSG:32633")):
        with pytest.raises(InputError, match="do not lie on the site's pixels"):
            on_grid(cube, replace(clusters, grid=wrong))


def test_percentiles_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).normal(size=(7, 40)).astype(np.float32)
    values[values < -0.5] = np.nan
    values[2, 1:] = np.nan
    values[2, 0] = 1
    expected = np.nanpercentile(values, (50, 10, 90), axis=1)
    np.testing.assert_allclose(module._percentiles(values, (50.0, 10.0, 90.0)), expected, rtol=1e-5)
