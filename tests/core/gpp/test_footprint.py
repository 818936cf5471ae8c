"""Footprints: weights that sum to one, lie where they should, and say what is wrong with those of one's own."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
import xarray as xr
from pyproj import Transformer
from rasterio.transform import from_origin

from core.gpp.footprint import means, weights
from core.schema import InputError


@pytest.fixture
def place(small_site):
    """The small site with its tower on the centre of the pixel in row 6, column 4."""
    x, y = float(small_site.cube["x"][4]), float(small_site.cube["y"][6])
    lon, lat = Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True).transform(x, y)
    return small_site.cube, replace(small_site.info, lat=lat, lon=lon)


@pytest.mark.parametrize("footprint", ["circle:30", "kernel:20", "kernel", "circle"])
def test_weights_sum_to_one(footprint, place) -> None:
    found = weights(*place, footprint)
    assert float(found.sum()) == pytest.approx(1)
    assert float(found.min()) >= 0


def test_a_circle_holds_the_pixels_within_it_alike(place) -> None:
    found = weights(*place, "circle:15").values
    assert np.count_nonzero(found) == 9  # the tower's pixel and its 8 neighbours, 14.1 m at most
    assert found[6, 4] == pytest.approx(1 / 9)


def test_a_kernel_gives_the_ring_at_its_peak_the_most(place) -> None:
    cube, info = place
    found = weights(cube, info, "kernel:30").values
    row = found[6, 4:]
    ring = row * np.arange(0, 60, 10)  # a ring's weight is its pixels' times its length
    assert 2 <= int(np.argmax(ring)) <= 4
    assert np.allclose(found[6, 3], found[6, 5])  # the same in all directions
    assert np.allclose(found[5, 4], found[6, 5])


def test_weights_of_ones_own_are_laid_on_the_pixels(place, tmp_path) -> None:
    cube, info = place
    band = np.zeros((12, 10), np.float32)
    band[2, 7] = 5
    x, y = float(cube["x"][0]), float(cube["y"][0])
    with rasterio.open(
        tmp_path / "f.tif", "w", driver="GTiff", height=12, width=10, count=1, dtype="float32",
        crs="EPSG:32632", transform=from_origin(x - 5, y + 5, 10, 10),
    ) as tiff:  # fmt: skip
        tiff.write(band, 1)
    found = weights(cube, info, str(tmp_path / "f.tif")).values
    assert found[2, 7] == pytest.approx(1)


def test_means_are_of_what_was_seen_and_missing_where_too_little_was() -> None:
    weight = xr.DataArray(np.array([[0.5, 0.3, 0.2]]), dims=("y", "x"))
    layers = xr.DataArray(np.array([[[[1.0, 2.0, np.nan]], [[np.nan, np.nan, 3.0]]]]), dims=("layer", "time", "y", "x"))
    found = means(layers.assign_coords(time=[0, 1]), weight)
    assert found.values[0, 0] == pytest.approx((0.5 * 1 + 0.3 * 2) / 0.8)
    assert np.isnan(found.values[0, 1])


@pytest.mark.parametrize(
    ("footprint", "words"),
    [
        ("square:20", "is no footprint; give circle:METRES"),
        ("circle:big", "has no usable size"),
        ("kernel:1", "give 5 to 2000 metres"),
        ("missing.tif", "does not exist"),
    ],
)
def test_a_wrong_footprint_is_one_sentence(footprint, words, place) -> None:
    with pytest.raises(InputError, match=words):
        weights(*place, footprint)


def test_a_tower_outside_its_cube_is_told(place) -> None:
    cube, info = place
    with pytest.raises(InputError, match="outside the cube"):
        weights(cube, replace(info, lat=info.lat + 1), "circle")
