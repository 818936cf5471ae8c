"""Gridded files: what kind of cube, how cloudy, and what is unusual about it."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from core.schema import FormatError
from core.sources.describe import Description, describe
from core.sources.grids import write_zarr


@pytest.fixture
def described(tmp_path: Path):
    """Store a dataset as Zarr and describe it."""

    def store_and_describe(grid: xr.Dataset) -> Description:
        write_zarr(grid, tmp_path / "a.zarr")
        return describe(tmp_path / "a.zarr")

    return store_and_describe


def notes(description: Description) -> str:
    return " ".join(description.notes)


def test_a_whole_cube_has_nothing_unusual(described, small_site) -> None:
    cube = small_site.cube.assign({name: layer.fillna(0.3) for name, layer in small_site.cube.items() if name != "B02"})
    description = described(cube)
    assert description.kind == "optical and radar cube"
    assert description.bands[:3] == ("B02", "B03", "B04")
    assert description.bands[-2:] == ("VV", "VH")
    assert description.pixel_m == 10
    assert description.cloud_share == pytest.approx(1 - 5 / 6 * (1 - 6 / 120), abs=1e-4)
    assert description.notes == (
        "5 % of the pixels have no value at any date.",
        "Cloud share is the share of missing values in B02.",
    )


UNUSUAL = {
    "upside down": (lambda cube: cube.sortby("y"), "y ascends: rows run from south to north, upside down"),
    "mirrored": (lambda cube: cube.sortby("x", ascending=False), "x descends"),
    "no CRS": (lambda cube: cube.drop_attrs(), "CRS is missing"),
    "degrees": (lambda cube: cube.assign_attrs(crs="EPSG:4326"), "Pixels are in degrees"),
    "integers": (lambda cube: cube.assign(B02=cube["B02"] * 10_000), "probably reflectance times 10000"),
    "no valid pixel": (lambda cube: cube.assign(B02=cube["B02"] * np.nan), "B02 has no valid pixel at any date"),
    "linear power": (lambda cube: cube.assign(VV=10 ** (cube["VV"] / 10)), "VV is nowhere negative: linear power"),
    "no decibels": (lambda cube: cube.assign(VV=cube["VV"] * 1000), "no decibels"),
    "unsorted": (lambda cube: cube.isel(time=[1, 0, 2, 3, 4, 5]), "time is not strictly increasing"),
    "few bands": (lambda cube: cube.drop_vars(["B05", "B12"]), "Without the bands B05, B12"),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_what_is_unusual_is_noted(described, small_site, kind) -> None:
    spoil, words = UNUSUAL[kind]
    assert words in notes(described(spoil(small_site.cube)))


def test_cloud_share_comes_from_the_scene_classification_first(described, small_site) -> None:
    classes = np.full((6, 12, 10), 4, np.uint8)  # vegetation
    classes[0] = 9  # cloud
    classes[1] = 3  # cloud shadow
    classes[2] = 11  # snow is a surface
    description = described(small_site.cube.assign(SCL=(("time", "y", "x"), classes)))
    assert description.cloud_share == pytest.approx(2 / 6, abs=1e-4)


def test_cloud_share_comes_from_a_mask_second(described, small_site) -> None:
    mask = np.zeros((6, 12, 10), bool)
    mask[:3] = True
    assert described(small_site.cube.assign(cloud_mask=(("time", "y", "x"), mask))).cloud_share == 0.5


def test_unmarked_clouds_are_unknown_not_absent(described, small_site) -> None:
    description = described(small_site.cube.fillna(0.3))
    assert description.cloud_share is None
    assert "Clouds are not marked" in notes(description)


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ({"features": ("feature", "time", "y", "x")}, "embedding cube"),
        ({"VV": ("s1_time", "y", "x")}, "radar cube"),
        ({"B04": ("y", "x")}, "optical image"),
        ({"temperature_mean": ("time", "y", "x")}, "weather grid"),
        ({"NDVI": ("time", "y", "x")}, "cube"),
        ({"crop": ("y", "x")}, "raster"),
    ],
)
def test_kinds(described, layers, kind) -> None:
    assert described(xr.Dataset({name: (dims, np.ones([2] * len(dims))) for name, dims in layers.items()})).kind == kind


def test_a_simulated_cube_says_so(described, small_site) -> None:
    assert described(small_site.cube.assign_attrs(simulated=1)).simulated


def test_a_file_without_images_is_refused(described) -> None:
    with pytest.raises(FormatError, match="no layer on y and x"):
        described(xr.Dataset({"gpp": ("time", [1.0, 2.0])}))
