"""The exported Zarr, opened by xarray alone."""

import numpy as np
import pytest
import xarray as xr
from pyproj import CRS

from core.export.cube import export_zarr
from core.schema import InputError, WorkspaceError


def test_every_value_layer_and_attribute_is_there(run, cube, tmp_path) -> None:
    path = export_zarr(run, tmp_path / "cube.zarr")
    found = xr.open_zarr(path, chunks=None)
    xr.testing.assert_equal(found[list(cube.data_vars)].drop_vars("spatial_ref", errors="ignore"), cube)
    assert found["features"].dims == ("feature", "time", "y", "x")
    assert found["features"].dtype == np.float32
    assert {key: found.attrs[key] for key in cube.attrs} == cube.attrs
    assert found.attrs["run"] == run.id
    assert found.attrs["simulated"] == 1


def test_the_crs_and_place_are_where_other_programs_look_for_them(run, tmp_path) -> None:
    found = xr.open_zarr(export_zarr(run, tmp_path / "cube.zarr"), chunks=None, decode_coords="all")
    mapping = found["features"].encoding["grid_mapping"]
    assert CRS.from_cf(found[mapping].attrs) == CRS.from_epsg(32632)
    west, width, _, north, _, height = map(float, found[mapping].attrs["GeoTransform"].split())
    assert (west, width, north, height) == (535_820, 10, 5_538_120, -10)


def test_what_is_there_is_kept_unless_asked_and_only_an_export_is_replaced(run, tmp_path) -> None:
    path = tmp_path / "cube.zarr"
    export_zarr(run, path)
    with pytest.raises(InputError, match="exists already"):
        export_zarr(run, path)
    (path / "mine.txt").write_text("later")
    export_zarr(run, path, overwrite=True)
    assert not (path / "mine.txt").exists()
    precious = tmp_path / "photos"
    precious.mkdir()
    (precious / "a.jpg").write_text("a")
    with pytest.raises(InputError, match="not what such an export leaves"):
        export_zarr(run, precious, overwrite=True)
    assert (precious / "a.jpg").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cube.zarr", "photos", "workspace"]


def test_a_failure_midway_leaves_nothing_and_keeps_what_was_there(run, tmp_path, monkeypatch) -> None:
    path = tmp_path / "cube.zarr"
    export_zarr(run, path)
    before = sorted(str(file) for file in path.rglob("*"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.export.cube._transform", full)
    with pytest.raises(InputError, match="full disk"):
        export_zarr(run, path, overwrite=True)
    assert sorted(str(file) for file in path.rglob("*")) == before
    with pytest.raises(InputError, match="full disk"):
        export_zarr(run, tmp_path / "other.zarr")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cube.zarr", "workspace"]


def test_a_damaged_run_is_not_exported(run, tmp_path) -> None:
    chunk = next(
        path for path in (run.path / "embedding.zarr" / "features").rglob("*") if path.is_file() and path.name.isdigit()
    )
    chunk.write_bytes(b"spoilt")
    with pytest.raises(WorkspaceError, match="damaged"):
        export_zarr(run, tmp_path / "cube.zarr")


def test_a_folder_that_does_not_exist_is_one_sentence(run, tmp_path) -> None:
    with pytest.raises(InputError, match="folder that does not exist; make the folder first"):
        export_zarr(run, tmp_path / "nowhere" / "cube.zarr")
