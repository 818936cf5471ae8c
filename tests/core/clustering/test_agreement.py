from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from core.clustering.agreement import LandCover, agreement, file_land_cover, site_land_cover, transform_of
from core.clustering.assign import NONE, ClusterSpec, find_clusters
from core.clustering.features import read_features
from core.clustering.space import principal_space
from core.frames import Grid
from core.schema import InputError

NAMES = {1: "forest", 2: "meadow", 3: "crop"}


@pytest.fixture(scope="module")
def clusters(embedding):
    return find_clusters(principal_space(read_features(embedding)), ClusterSpec(k=3))


def write_raster(path, values, grid, *, crs="EPSG:32632", dtype="uint8") -> None:
    import rasterio

    rows, cols = values.shape
    place = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "crs": crs, "transform": transform_of(grid)}
    with rasterio.open(path, "w", dtype=dtype, **place) as tiff:
        tiff.write(values.astype(dtype), 1)


def test_clusters_that_are_the_land_cover_agree_wholly(clusters, land) -> None:
    perfect = replace(clusters, labels=land.astype(np.int16))
    found = agreement(perfect, LandCover(land, NAMES, "by hand"))
    assert found.adjusted_rand == 1
    assert found.pixels == 324
    assert found.table.to_numpy().tolist() == np.diag([162, 81, 81]).tolist()
    assert list(found.table.columns) == ["forest", "meadow", "crop"]


def test_unknown_land_and_unseen_pixels_do_not_count_and_noise_does(clusters, land) -> None:
    cover, labels = land.copy(), land.astype(np.int16)
    cover[0], labels[1], labels[2] = 0, NONE, -1
    found = agreement(replace(clusters, labels=labels), LandCover(cover, NAMES, "by hand"))
    assert found.pixels == 324 - 36
    assert found.table.loc[-1].to_dict() == {"forest": 18, "meadow": 0, "crop": 0}
    assert found.adjusted_rand is not None
    assert found.adjusted_rand < 1


def test_labels_at_random_agree_by_chance_alone(clusters, land) -> None:
    dice = np.random.default_rng(0).integers(1, 4, land.shape).astype(np.int16)
    found = agreement(replace(clusters, labels=dice), LandCover(land, NAMES, "by hand"))
    assert found.adjusted_rand == pytest.approx(0, abs=0.03)


def test_a_land_cover_of_one_class_tells_nothing(clusters, land) -> None:
    found = agreement(clusters, LandCover(np.ones_like(land), NAMES, "by hand"))
    assert found.adjusted_rand is None
    assert found.remark == "The land-cover map has one class only here, forest: it tells nothing."
    nothing = agreement(clusters, LandCover(np.zeros_like(land), NAMES, "by hand"))
    assert (nothing.adjusted_rand, nothing.pixels) == (None, 0)
    with pytest.raises(InputError, match="is of another area"):
        agreement(clusters, LandCover(np.ones((2, 2), int), NAMES, "by hand"))


def test_the_map_that_comes_with_a_site(small_site) -> None:
    assert site_land_cover(small_site.cube) is None
    flags = {"flag_values": np.array([1, 2]), "flag_meanings": "broadleaf_forest water"}
    cube = small_site.cube.assign(landcover=(("y", "x"), np.full((12, 10), 2, np.uint8), flags))
    found = site_land_cover(cube)
    assert found is not None
    assert found.names == {1: "broadleaf forest", 2: "water"}
    assert (found.classes == 2).all()


def test_a_raster_on_other_pixels_is_brought_to_ours_by_the_nearest(clusters, land, tmp_path) -> None:
    fine = np.kron(land, np.ones((2, 2), int))
    ours = clusters.grid
    theirs = Grid(
        x=ours.x - 2.5, y=ours.y + 2.5, pixel_width=5, pixel_height=5, rows=36, cols=36, crs=ours.crs
    )  # the same edges
    write_raster(tmp_path / "cover.tif", fine, theirs)
    found = file_land_cover(tmp_path / "cover.tif", ours)
    np.testing.assert_array_equal(found.classes, land)
    assert found.source == "cover.tif"


def test_a_raster_that_runs_northwards_is_not_turned_over(clusters, land, tmp_path) -> None:
    grid = clusters.grid
    y, x = grid.y - 10 * np.arange(18), grid.x + 10 * np.arange(18)
    upside = xr.Dataset({"cover": (("y", "x"), land[::-1].astype(np.int32))}, {"y": y[::-1], "x": x})
    upside.attrs["crs"] = "EPSG:32632"
    upside.to_netcdf(tmp_path / "cover.nc", engine="h5netcdf")
    np.testing.assert_array_equal(file_land_cover(tmp_path / "cover.nc", grid).classes, land)


def test_a_raster_that_is_no_land_cover_of_here_is_said(clusters, land, tmp_path) -> None:
    grid = clusters.grid
    far = replace(grid, x=grid.x + 100_000)
    write_raster(tmp_path / "far.tif", land, far)
    with pytest.raises(InputError, match="does not reach the site"):
        file_land_cover(tmp_path / "far.tif", grid)
    write_raster(tmp_path / "heights.tif", land + 0.5, grid, dtype="float32")
    with pytest.raises(InputError, match="holds measurements, not classes"):
        file_land_cover(tmp_path / "heights.tif", grid)
    write_raster(tmp_path / "nowhere.tif", land, grid, crs=None)
    with pytest.raises(InputError, match="does not say where it lies"):
        file_land_cover(tmp_path / "nowhere.tif", grid)
