"""Gridded files of all spellings come out as one variable a band on time, y, x."""

import gc
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from core.schema import FormatError
from core.sources.formats import FileFormat
from core.sources.grids import (
    band_name,
    chunk_shape,
    find_crs,
    read_grid,
    read_zarr,
    sample,
    standard_names,
    write_zarr,
)
from tests.hostile import pickled_zarr

PACKED = Path(__file__).with_name("packed.nc")
FIRST_PACKED = 0.0611  # reflectance of its second pixel on its first date


# ---------------------------------------------------------------- spelling
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("B2", "B02"), ("b04", "B04"), ("B8a", "B8A"), ("B12", "B12"), ("B01", "B01"), ("B08", "B08"), ("NDVI", "NDVI")],
)
def test_bands_are_spelled_our_way(theirs, ours) -> None:
    assert band_name(theirs) == ours


def test_a_band_axis_becomes_one_variable_a_band() -> None:
    values = np.arange(2 * 3 * 4 * 5).reshape(3, 2, 4, 5)
    stacked = xr.Dataset({"reflectance": (("t", "band", "lat", "lon"), values)}, coords={"band": ["B2", "B8A"]})
    grid = standard_names(stacked)
    assert set(grid.data_vars) == {"B02", "B8A"}
    assert grid["B8A"].dims == ("time", "y", "x")
    assert (grid["B8A"].values == values[:, 1]).all()


def test_two_variables_with_bands_keep_their_own_names() -> None:
    layers = {name: (("band", "y", "x"), np.zeros((1, 2, 2))) for name in ("raw", "clean")}
    grid = standard_names(xr.Dataset(layers, coords={"band": ["B2"]}))
    assert set(grid.data_vars) == {"raw B2", "clean B2"}


def test_a_name_that_is_taken_stays() -> None:
    grid = xr.Dataset({"B2": ("y", [1.0]), "B02": ("y", [2.0])})
    assert set(standard_names(grid).data_vars) == {"B2", "B02"}


@pytest.mark.parametrize(
    "attributes",
    [{"crs": "EPSG:32631"}, {"crs": "+init=epsg:32631"}, {"epsg": 32631}, {"epsg": "32631"}],
)
def test_a_crs_is_found_however_it_is_stated(attributes) -> None:
    assert find_crs(xr.Dataset(attrs=attributes)) == "EPSG:32631"


def test_a_crs_is_found_in_a_grid_mapping_and_missed_where_there_is_none() -> None:
    from pyproj import CRS

    mapping = xr.DataArray(0, attrs={"crs_wkt": CRS.from_epsg(32633).to_wkt("WKT1_GDAL")})
    assert find_crs(xr.Dataset({"spatial_ref": mapping})) == "EPSG:32633"
    assert find_crs(xr.Dataset()) == ""
    assert find_crs(xr.Dataset(attrs={"crs": "somewhere"})) == ""


def test_a_crs_without_a_code_is_kept_in_full() -> None:
    sinusoidal = "+proj=sinu +R=6371007.181 +units=m +no_defs"  # of MODIS
    assert find_crs(xr.Dataset(attrs={"crs": sinusoidal})) == sinusoidal


# ---------------------------------------------------------------- files
def test_zarr_comes_back_whatever_format_it_has(tmp_path, small_site) -> None:
    cube = small_site.cube.assign(landcover=(("y", "x"), np.ones((12, 10), np.uint8)))
    write_zarr(cube, tmp_path / "ours.zarr")
    cube.to_zarr(tmp_path / "second.zarr", zarr_format=2)
    for name in ("ours.zarr", "second.zarr"):
        grid = read_grid(tmp_path / name, FileFormat.ZARR)
        xr.testing.assert_equal(grid[list(cube.data_vars)], cube)
        assert grid.attrs["crs"] == "EPSG:32632"


def test_texts_are_stored_without_a_warning(tmp_path, recwarn) -> None:
    write_zarr(
        xr.Dataset({"gpp": (("patch",), [1.0, 2.0])}, {"cover": ("patch", ["oak", "sedge"])}), tmp_path / "a.zarr"
    )
    assert list(read_zarr(tmp_path / "a.zarr")["cover"].values) == ["oak", "sedge"]
    assert not [warning for warning in recwarn if "Zarr" in str(warning.message)]


def test_whole_numbers_as_scale_do_not_break_masking(tmp_path) -> None:
    """Real files write a scene classification with scale_factor = 1 (whole) and fill value 0."""
    layer = xr.DataArray(
        np.array([[0, 4], [8, 11]], np.uint8), dims=("y", "x"), attrs={"scale_factor": 1, "_FillValue": 0}
    )
    xr.Dataset({"SCL": layer}).to_netcdf(tmp_path / "scl.nc", engine="scipy")
    values = read_grid(tmp_path / "scl.nc", FileFormat.NETCDF3)["SCL"].values
    np.testing.assert_equal(values, [[np.nan, 4], [8, 11]])


def test_packed_integers_are_unpacked_and_times_and_crs_are_read() -> None:
    """packed.nc: NetCDF-4 with deflate and shuffle, int16 with a scale, days since 2021, a grid mapping, axis `t`."""
    grid = read_grid(PACKED, FileFormat.HDF5)
    assert dict(grid.sizes) == {"time": 4, "y": 3, "x": 2}
    assert np.isnan(grid["B02"].values[0, 0, 0])
    assert float(grid["B02"][0, 0, 1]) == pytest.approx(FIRST_PACKED)
    assert grid["time"].values[0] == np.datetime64("2021-06-01")
    assert grid.attrs["crs"] == "EPSG:32633"


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_a_truncated_netcdf_file_is_one_sentence_and_prints_nothing(tmp_path, capfd, share) -> None:
    content = PACKED.read_bytes()
    (tmp_path / "a.nc").write_bytes(content[: int(share * len(content))])
    with pytest.raises(FormatError, match="cannot be read as NetCDF"):
        read_grid(tmp_path / "a.nc", FileFormat.HDF5).load()
    gc.collect()
    assert capfd.readouterr().err == ""


def test_pickled_objects_are_refused_before_they_are_read(tmp_path) -> None:
    with pytest.raises(FormatError, match="pickled objects"):
        read_zarr(pickled_zarr(tmp_path / "evil.zarr"))


def test_damaged_metadata_are_one_sentence(tmp_path, small_site) -> None:
    write_zarr(small_site.cube, tmp_path / "a.zarr")
    (tmp_path / "a.zarr/B04/zarr.json").write_text("{")
    with pytest.raises(FormatError, match="cannot be read as Zarr"):
        read_zarr(tmp_path / "a.zarr")


# ---------------------------------------------------------------- chunks and samples
@given(st.lists(st.integers(1, 5000), min_size=2, max_size=4))
def test_chunks_fit_the_array_and_stay_near_a_megabyte(shape) -> None:
    chunk = chunk_shape(tuple(shape))
    assert len(chunk) == len(shape)
    assert all(1 <= part <= whole for part, whole in zip(chunk, shape, strict=True))
    assert np.prod(chunk) <= 2**18


def test_a_demo_cube_is_cut_into_few_chunks() -> None:
    assert chunk_shape((292, 80, 80)) == (40, 80, 80)
    assert chunk_shape((10, 292, 80, 80)) == (1, 40, 80, 80)


def test_a_sample_of_a_large_layer_is_small_and_of_a_small_one_whole() -> None:
    layer = xr.DataArray(np.zeros((50, 40, 30)), dims=("time", "y", "x"))
    assert sample(layer).size == layer.size
    assert 0 < sample(layer, limit=6000).size <= 6000
    assert 0 < sample(layer.isel(time=0), limit=100).size <= 100
