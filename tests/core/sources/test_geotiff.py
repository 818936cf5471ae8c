"""GeoTIFF through rasterio's GeoTIFF driver alone, read where it is asked."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from core.schema import FormatError
from core.sources.describe import describe
from core.sources.formats import FileFormat
from core.sources.geotiff import open_geotiff
from core.sources.grids import read_grid

VALUES = np.arange(2 * 5 * 7, dtype=np.uint16).reshape(2, 5, 7)


def write(path: Path, **changes: object) -> Path:
    profile = {
        "driver": "GTiff", "width": 7, "height": 5, "count": 2, "dtype": "uint16", "nodata": 0,
        "crs": "EPSG:32632", "transform": from_origin(500_000, 5_500_000, 10, 10),
    }  # fmt: skip
    with rasterio.open(path, "w", **(profile | changes)) as tiff:
        tiff.write(VALUES)
        tiff.descriptions = ("B2", "B8A")
        tiff.scales = (1e-4, 1e-4)
    return path


def test_bands_scale_fill_value_and_pixel_centres_are_read(tmp_path) -> None:
    grid = read_grid(write(tmp_path / "a.tif"), FileFormat.GEOTIFF)
    np.testing.assert_allclose(grid["B8A"].values, VALUES[1] * 1e-4)
    assert np.isnan(grid["B02"].values[0, 0])
    assert grid["x"].values[[0, -1]].tolist() == [500_005, 500_065]
    assert grid["y"].values[[0, -1]].tolist() == [5_499_995, 5_499_955]
    assert grid.attrs["crs"] == "EPSG:32632"


@pytest.mark.parametrize(
    "key",
    [
        {"y": 2, "x": 3},
        {"y": slice(1, 4), "x": slice(None, None, 3)},
        {"y": -1},
        {"y": slice(None, None, -1)},
        {"y": [3, 0], "x": [1, 1, 6]},
        {"y": slice(2, 2)},
    ],
)
def test_any_part_is_what_the_whole_says(tmp_path, key) -> None:
    lazy = open_geotiff(write(tmp_path / "a.tif"))["B2"]
    np.testing.assert_array_equal(lazy.isel(key).values, lazy.copy(data=VALUES[0]).isel(key).values)


def test_bands_without_distinct_names_are_numbered(tmp_path) -> None:
    path = write(tmp_path / "a.tif")
    with rasterio.open(path, "r+") as tiff:
        tiff.descriptions = ("same", "same")
    assert list(open_geotiff(path).data_vars) == ["band 1", "band 2"]


def test_a_rotated_grid_and_a_missing_crs_are_told(tmp_path) -> None:
    grid = open_geotiff(write(tmp_path / "a.tif", crs=None, transform=Affine(10, 2, 0, 2, -10, 0)))
    assert grid.attrs == {"crs": "", "rotated": True, "placed": True}


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_file_that_does_not_say_where_it_lies_is_told(tmp_path) -> None:
    assert not open_geotiff(write(tmp_path / "a.tif", transform=None)).attrs["placed"]


def test_another_format_under_the_ending_is_not_opened(tmp_path) -> None:
    """A VRT could point to any other file: the driver is fixed, whatever the content says."""
    path = tmp_path / "a.tif"
    path.write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    with pytest.raises(FormatError, match="cannot be read as GeoTIFF"):
        read_grid(path, FileFormat.GEOTIFF)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_truncated_file_is_one_sentence_and_prints_nothing(tmp_path, capfd, share) -> None:
    path = write(tmp_path / "a.tif")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(FormatError, match="cannot be read as GeoTIFF"):
        describe(path)
    assert capfd.readouterr().err == ""


def test_garbled_bytes_in_a_message_of_gdal_print_nothing(tmp_path, capfd) -> None:
    """A field name that is no UTF-8: rasterio would print a traceback while it reports the warning."""
    path = write(tmp_path / "a.tif")
    content = bytearray(path.read_bytes())
    random = np.random.default_rng(5)
    for _ in range(60):
        spoilt = content.copy()
        spoilt[int(random.integers(8, len(spoilt)))] ^= 0xFF
        path.write_bytes(spoilt)
        with contextlib.suppress(FormatError):
            describe(path)
    assert capfd.readouterr().err == ""
