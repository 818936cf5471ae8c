"""Files become runs: what was written is what is opened, in its place, and what is odd is said."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from rasterio.transform import from_origin

from core.embedding.result import open_embedding
from core.export.cube import export_zarr
from core.export.rasters import export_geotiffs
from core.schema import FormatError, InputError
from core.sources.embeddings.load import load_embedding, look
from core.sources.embeddings.quantised import alphaearth
from core.store import Workspace
from tests.core.made_embedding import NORTH, WEST, made_cube, publish

MADE_BY = ("model", "preset", "weights_digest", "version", "input_digest", "simulated", "licence", "provenance")
AXES = tuple(f"A{axis:02d}" for axis in range(64))


def unit_vectors(rows: int = 12, cols: int = 10) -> np.ndarray:
    """AlphaEarth as it is stored: 64 whole numbers a pixel whose values have length 1 but for rounding."""
    vectors = np.random.default_rng(4).normal(size=(64, rows, cols))
    vectors /= np.linalg.norm(vectors, axis=0)
    return (np.sign(vectors) * np.rint(np.sqrt(np.abs(vectors)) * 127.5)).astype(np.int8)


# ---------------------------------------------------------------- there and back
def test_an_exported_zarr_comes_back_as_it_was(space, cube, tmp_path) -> None:
    run = publish(space, cube)
    loaded = load_embedding(space, [export_zarr(run, tmp_path / "cube.zarr")])
    found = open_embedding(space, loaded.run.id)
    xr.testing.assert_equal(found, cube)
    assert found["context_share"].attrs == cube["context_share"].attrs
    assert {key: found.attrs[key] for key in MADE_BY} == {key: cube.attrs[key] for key in MADE_BY}
    assert (loaded.run.spec.site, loaded.run.spec.kind) == ("SMALL", "embedding")


def test_exported_geotiffs_come_back_as_they_were(space, cube, tmp_path) -> None:
    run = publish(space, cube)
    export_geotiffs(run, tmp_path / "tiffs")
    found = open_embedding(space, load_embedding(space, [tmp_path / "tiffs"]).run.id)
    xr.testing.assert_equal(found, cube)
    assert found["sensor_gap"].attrs == cube["sensor_gap"].attrs
    assert {key: found.attrs[key] for key in MADE_BY} == {key: cube.attrs[key] for key in MADE_BY}


def test_what_our_exports_were_before_they_held_trust_layers_still_comes_back(space, cube, tmp_path) -> None:
    export_geotiffs(publish(space, cube.drop_vars(["context_share", "sensor_gap"])), tmp_path / "tiffs")
    found = open_embedding(space, load_embedding(space, [tmp_path / "tiffs"]).run.id)
    xr.testing.assert_equal(found, cube[["features"]])


def test_a_run_of_another_workspace_is_taken_over_and_one_of_this_stands_already(space, cube, tmp_path) -> None:
    other = publish(Workspace(tmp_path / "other"), cube)
    loaded = load_embedding(space, [other.path])
    xr.testing.assert_equal(open_embedding(space, loaded.run.id), cube)
    again = load_embedding(space, [loaded.run.path])
    assert (again.run.id, again.reused) == (loaded.run.id, True)


def test_the_same_files_are_the_same_run(space, raster, values) -> None:
    path = raster("2021-07-14.tif", values)
    first = load_embedding(space, [path], model="mine")
    second = load_embedding(space, [path], model="mine")
    assert (first.reused, second.reused) == (False, True)
    assert first.run.id == second.run.id
    assert second.remarks == first.remarks


# ---------------------------------------------------------------- the paper's cubes, and others
@pytest.mark.parametrize("form", ["nc", "zarr"])
def test_a_feature_cube_of_the_paper_is_opened(space, cube, tmp_path, form) -> None:
    """`features (feature, time, y, x)` and nothing else, CRS by the CF conventions, no feature coordinate."""
    paper = cube[["features"]].drop_vars("feature").assign_coords(spatial_ref=0)
    paper.attrs = {}
    paper["spatial_ref"].attrs["crs_wkt"] = "EPSG:32632"
    path = tmp_path / f"features.{form}"
    if form == "nc":
        paper.to_netcdf(path, engine="h5netcdf")
    else:
        paper.to_zarr(path, zarr_format=2)
    loaded = load_embedding(space, [path], model="paper")
    found = open_embedding(space, loaded.run.id)
    xr.testing.assert_equal(found["features"], cube["features"])
    assert list(found.data_vars) == ["features"]
    assert (found.attrs["model"], found.attrs["crs"], found.attrs["weights_digest"]) == ("paper", "EPSG:32632", "")
    assert loaded.remarks == ()


def test_other_orders_names_and_types_are_understood(space, cube, tmp_path) -> None:
    odd = cube[["features"]].rename(features="emb", feature="band", y="northing", x="easting", time="t")
    odd = odd.isel(northing=slice(None, None, -1), t=[2, 0, 1, 3]).transpose("northing", "t", "easting", "band")
    odd.astype("float64").to_zarr(tmp_path / "odd.zarr", zarr_format=3, consolidated=False)
    loaded = load_embedding(space, [tmp_path / "odd.zarr"])
    xr.testing.assert_equal(open_embedding(space, loaded.run.id)["features"], cube["features"])
    assert "'odd.zarr': was upside down (rows from south to north) and was flipped." in loaded.remarks
    assert "'odd.zarr': its dates were out of order and were sorted." in loaded.remarks


def test_a_variable_a_value_is_a_value_each_in_the_order_of_their_numbers(space, cube, tmp_path) -> None:
    wide = made_cube(size=11)
    flat = xr.Dataset({f"e{i}": wide["features"].isel(feature=i, time=0, drop=True) for i in reversed(range(11))})
    flat.attrs["crs"] = "EPSG:32632"
    flat.to_zarr(tmp_path / "flat_2021-05-01.zarr", zarr_format=3, consolidated=False)
    loaded = load_embedding(space, [tmp_path / "flat_2021-05-01.zarr"], model="wide")
    found = open_embedding(space, loaded.run.id)
    np.testing.assert_array_equal(found["features"].values, wide["features"].values[:, :1])


def test_a_date_twice_is_refused(space, cube, tmp_path) -> None:
    twice = cube.assign_coords(time=cube["time"].values[[0, 1, 1, 2]])
    twice.to_zarr(tmp_path / "c.zarr", zarr_format=3, consolidated=False)
    with pytest.raises(FormatError, match=r"'c\.zarr' holds the date 2021-05-06 twice"):
        load_embedding(space, [tmp_path / "c.zarr"])


# ---------------------------------------------------------------- TESSERA
@pytest.mark.parametrize("with_axes", [True, False])
def test_a_zone_of_tesseras_store_is_numbers_times_scales_a_date_a_year(space, tmp_path, with_axes) -> None:
    """As it is laid out: whole numbers for years, scales that are none, place and CRS in the zone's attributes."""
    import zarr

    dice = np.random.default_rng(3)
    stored = dice.integers(-127, 128, (2, 128, 12, 10)).astype(np.int8)
    scales = dice.uniform(0.01, 0.05, (2, 12, 10)).astype(np.float32)
    scales[:, 0, 0], scales[1, 0, 1] = np.nan, np.inf
    root = zarr.open_group(str(tmp_path / "tessera.zarr"), mode="w", zarr_format=3)
    root.attrs["geoemb:model"] = "https://geotessera.org/model/1.1"
    zone = root.create_group("utm32")
    zone.attrs.update({"proj:code": "EPSG:32632", "spatial:transform": [10, 0, WEST, 0, -10, NORTH]})
    layers = {
        "embeddings": (stored, ("time", "band", "y", "x")),
        "scales": (scales, ("time", "y", "x")),
        "time": (np.array([2020, 2021], np.int32), ("time",)),
        "band": (np.arange(128, dtype=np.int32), ("band",)),
    }
    if with_axes:
        layers |= {"y": (NORTH - 5 - 10.0 * np.arange(12), ("y",)), "x": (WEST + 5 + 10.0 * np.arange(10), ("x",))}
    for name, (values, axes) in layers.items():
        zone.create_array(name, data=values, dimension_names=axes)
    found = open_embedding(space, load_embedding(space, [tmp_path / "tessera.zarr" / "utm32"]).run.id)
    known = np.where(np.isfinite(scales), scales, np.nan)[:, None]
    np.testing.assert_allclose(found["features"].values, np.moveaxis(stored * known, 1, 0), rtol=1e-6)
    assert found["time"].values.astype("datetime64[D]").astype(str).tolist() == ["2020-07-01", "2021-07-01"]
    assert (found["x"].values[0], found["y"].values[0]) == (WEST + 5, NORTH - 5)
    assert (found.attrs["model"], found.attrs["version"], found.attrs["whole_years"]) == ("tessera", "1.1", 1)
    assert found.attrs["crs"] == "EPSG:32632"


def test_tessera_pairs_are_numbers_times_scales_in_their_place(space, tessera) -> None:
    folder = tessera()
    loaded = load_embedding(space, [folder])
    found = open_embedding(space, loaded.run.id)
    stored = np.load(next(folder.rglob("grid_9.55_49.95.npy"))).astype(np.float32)
    scales = np.load(next(folder.rglob("*_scales.npy")))
    scales[scales == 0] = np.nan
    np.testing.assert_allclose(
        found["features"].values[:, 0], np.moveaxis(stored * scales[..., None], -1, 0), rtol=1e-6
    )
    assert found.sizes == {"feature": 128, "time": 1, "y": 12, "x": 10}
    assert (found["x"].values[0], found["y"].values[0]) == (WEST + 5, NORTH - 5)
    assert (found.attrs["model"], found.attrs["licence"]) == ("tessera", "CC-BY-4.0")
    assert str(found["time"].values[0])[:10] == "2021-07-01"
    assert loaded.remarks == ("2021: an embedding of whole years, shown at 1 July.",)
    assert loaded.run.notes["pixel_dates"] == 118


def test_neighbouring_tiles_and_years_become_one_cube(workspace, tessera) -> None:
    for year in (2020, 2021):
        tessera(tile="grid_9.55_49.95", year=year)
        tessera(tile="grid_9.65_49.95", year=year, transform=from_origin(WEST + 100, NORTH, 10, 10))
    folder = tessera(tile="grid_9.75_49.95", year=2021, transform=from_origin(WEST + 200, NORTH, 10, 10))
    found = open_embedding(workspace, load_embedding(workspace, [folder], site="wide").run.id)
    assert found.sizes == {"feature": 128, "time": 2, "y": 12, "x": 30}
    for tile, first in (("grid_9.55_49.95", 0), ("grid_9.65_49.95", 10)):
        path = folder / "global_0.1_degree_representation" / "2020" / tile / f"{tile}.npy"
        stored, scales = np.load(path), np.load(path.with_name(f"{tile}_scales.npy"))
        part = found["features"].values[:, 0, 5, first : first + 10]
        np.testing.assert_allclose(part, (stored[5].astype(np.float32) * scales[5][:, None]).T, rtol=1e-6)
    assert np.isnan(found["features"].values[:, 0, :, 20:]).all()
    assert np.isfinite(found["features"].values[0, 1, 1:, 20:]).all()


def test_tessera_in_floats_is_the_same_model(space, raster) -> None:
    floats = np.random.default_rng(1).normal(size=(128, 12, 10)).astype(np.float32)
    tags = {"TESSERA_DATASET_VERSION": "v1.1", "TESSERA_YEAR": "2022"}
    found = open_embedding(
        space, load_embedding(space, [raster("grid_9.55_49.95_2022.tiff", floats, tags=tags)]).run.id
    )
    np.testing.assert_array_equal(found["features"].values[:, 0], floats)
    assert (found.attrs["model"], found.attrs["version"]) == ("tessera", "v1.1")
    assert str(found["time"].values[0])[:4] == "2022"


def test_what_belongs_to_a_pair_must_be_there_and_fit(space, tessera) -> None:
    folder = tessera()
    next(folder.rglob("*_scales.npy")).rename(folder / "elsewhere")
    with pytest.raises(InputError, match=r"'grid_9.55_49.95_scales\.npy' is missing beside its embeddings"):
        load_embedding(space, [folder])
    np.save(next(folder.rglob("grid_9.55_49.95.npy")).with_name("grid_9.55_49.95_scales.npy"), np.ones((5, 5), "f4"))
    with pytest.raises(InputError, match=r"no scale for each pixel of grid_9.55_49.95\.npy"):
        load_embedding(space, [folder])
    folder = tessera(root="other")
    next(folder.rglob("*.tiff")).unlink()
    with pytest.raises(InputError, match=r"has nothing that says where it lies; put the tile grid_9.55_49.95\.tiff"):
        load_embedding(space, [folder])


# ---------------------------------------------------------------- AlphaEarth
def test_alphaearth_is_dequantised_flipped_and_dated_by_its_folder(space, raster) -> None:
    stored = unit_vectors()
    stored[:, 3, 4] = -128
    upside_down = from_origin(WEST, NORTH, 10, 10).translation(WEST, NORTH - 120) @ from_origin(0, 0, 10, -10)
    path = raster(
        "annual/2019/32N/xq3-0000008192-0000000000.tiff",
        stored[:, ::-1], bands=AXES, nodata=-128, transform=upside_down,
    )  # fmt: skip
    loaded = load_embedding(space, [path])
    found = open_embedding(space, loaded.run.id)
    np.testing.assert_array_equal(found["features"].values[:, 0], alphaearth(stored))
    assert np.isnan(found["features"].values[:, 0, 3, 4]).all()
    assert (found["y"].values[0], found["y"].values[-1]) == (NORTH - 5, NORTH - 115)
    assert found.attrs["model"] == "alphaearth"
    assert "Google DeepMind" in found.attrs["provenance"]
    assert loaded.remarks == (
        f"'{path.name}': was upside down (rows from south to north) and was flipped.",
        "2019: an embedding of whole years, shown at 1 July.",
    )


def test_vectors_that_lost_their_length_are_told(space, raster) -> None:
    halved = alphaearth(unit_vectors()) * np.float32(0.5)
    loaded = load_embedding(space, [raster("2020.tif", halved, bands=AXES)])
    assert "100 % of the vectors are not of length 1, as this model's are: averaged or scaled before?" in loaded.remarks


def test_alphaearth_as_unsigned_numbers_is_refused(space, raster) -> None:
    path = raster("2020.tif", unit_vectors().view(np.uint8), bands=AXES)
    with pytest.raises(FormatError, match="is AlphaEarth stored as uint8; get the original"):
        load_embedding(space, [path])


def test_unnamed_bands_are_alphaearth_where_the_user_says_so(space, raster) -> None:
    stored = unit_vectors()
    loaded = load_embedding(space, [raster("2020.tif", stored)], model="alphaearth")
    found = open_embedding(space, loaded.run.id)
    np.testing.assert_array_equal(found["features"].values[:, 0], alphaearth(stored))


# ---------------------------------------------------------------- plain rasters
def test_a_folder_of_dated_rasters_is_a_cube_in_their_order(space, raster, tmp_path) -> None:
    images = np.random.default_rng(3).normal(size=(3, 2, 12, 10)).astype(np.float32)
    for image, day in zip(images, ("2021-06-11", "2021-05-02", "2021-12-30"), strict=True):
        raster(f"folder/emb_{day}.tif", image)
    found = open_embedding(space, load_embedding(space, [tmp_path / "folder"], model="mine").run.id)
    assert [str(day)[:10] for day in found["time"].values] == ["2021-05-02", "2021-06-11", "2021-12-30"]
    np.testing.assert_array_equal(found["features"].values, images[[1, 0, 2]].swapaxes(0, 1))


def test_stated_fills_and_scales_are_applied(space, raster) -> None:
    import rasterio

    stored = np.arange(240, dtype=np.int16).reshape(2, 12, 10)
    stored[:, 5, 5] = -32768
    path = raster("2021-05-02.tif", stored, nodata=-32768)
    with rasterio.open(path, "r+") as tiff:
        tiff.scales, tiff.offsets = (0.5, 2.0), (1.0, 0.0)
    found = open_embedding(space, load_embedding(space, [path], model="mine").run.id)["features"].values[:, 0]
    assert np.isnan(found[:, 5, 5]).all()
    assert found[:, 0, 3].tolist() == [3 * 0.5 + 1, 123 * 2]


def test_unstated_fills_are_taken_as_missing_and_told(space, raster, values) -> None:
    values[:, 0] = -9999
    values[:, 1] = 0
    values[1, 2, 0] = np.nan
    values[:, 3, :2] = np.inf
    loaded = load_embedding(space, [raster("2021-05-02.tif", values)], model="mine")
    found = open_embedding(space, loaded.run.id)["features"].values[:, 0]
    assert np.isnan(found[:, :2]).all()
    assert np.isnan(found[:, 2, 0]).all()
    np.testing.assert_array_equal(found[:, 4:], values[:, 4:])
    assert set(loaded.remarks) == {
        "8 % of the pixel-dates hold nothing but -9999: taken as missing.",
        "8 % of the pixel-dates hold nothing but 0: taken as missing.",
        "1 of 120 of the pixel-dates lack some of their values: taken as missing.",
        "2 % of the pixel-dates are infinite or enormous: taken as missing.",
    }
    assert loaded.run.notes["pixel_dates"] == int(np.isfinite(found[0]).sum()) == 120 - 20 - 1 - 2


def test_a_model_nobody_names_is_told(space, raster, values) -> None:
    loaded = load_embedding(space, [raster("2021-05-02.tif", values)])
    assert loaded.run.notes["model"] == "unknown"
    assert "No file names its model: give one with --model" in loaded.remarks[0]


def test_the_users_date_is_for_files_without_and_counts_before_a_name(space, raster, values) -> None:
    undated = raster("mine.tif", values)
    with pytest.raises(InputError, match=r"'mine\.tif' does not say of which date it is; give it with --date"):
        load_embedding(space, [undated])
    day = look([undated], date="2021-07-14").times[0]
    assert str(day)[:10] == "2021-07-14"
    assert str(look([raster("v20190101.tif", values)], date="2021").times[0])[:10] == "2021-07-01"


def test_a_date_for_a_cube_that_has_its_own_is_refused(space, cube, tmp_path) -> None:
    cube.to_zarr(tmp_path / "c.zarr", zarr_format=3, consolidated=False)
    with pytest.raises(InputError, match=r"date '2021-07-14' is given, but c\.zarr has dates of its own"):
        load_embedding(space, [tmp_path / "c.zarr"], date="2021-07-14")


# ---------------------------------------------------------------- what does not belong together
def test_models_versions_and_sizes_do_not_mix(space, raster, values) -> None:
    def made_by(name: str, **tags: str):
        return raster(name, values, tags={"fluxscape": "embedding", **tags})

    first = made_by("2021-05-01.tif", model="compact-7", version="0.1.0")
    other = made_by("2021-05-02.tif", model="compact-32", version="0.1.0")
    newer = made_by("2021-05-03.tif", model="compact-7", version="0.2.0")
    wider = raster("2021-05-04.tif", np.ones((4, 12, 10), np.float32))
    narrow = raster("2021-05-05.tif", values)
    for pair, words in {
        (first, other): "'2021-05-02.tif' is made by compact-32 0.1.0, 2021-05-01.tif by compact-7 0.1.0",
        (first, newer): "'2021-05-03.tif' is made by compact-7 0.2.0, 2021-05-01.tif by compact-7 0.1.0",
        (narrow, wider): "'2021-05-04.tif' holds 4 values a pixel, 2021-05-05.tif 3",
    }.items():
        with pytest.raises(FormatError) as refusal:
            load_embedding(space, pair)
        assert words in str(refusal.value)
        assert "load them one at a time" in str(refusal.value)
    with pytest.raises(InputError, match=r"model 'mine' is not what 2021-05-01\.tif says made it: compact-7"):
        load_embedding(space, [first], model="mine")


def test_tessera_versions_do_not_mix(space, raster) -> None:
    floats = np.ones((128, 12, 10), np.float32)
    paths = [
        raster(f"grid_9.55_49.95_{year}.tif", floats, tags={"TESSERA_DATASET_VERSION": version})
        for year, version in ((2020, "v1"), (2021, "v2"))
    ]
    with pytest.raises(FormatError, match=r"made by tessera v2, grid_9.55_49.95_2020\.tif by tessera v1"):
        load_embedding(space, paths)


def test_two_images_of_one_place_and_date_are_refused(space, raster, values) -> None:
    paths = [raster("a_2021-05-01.tif", values), raster("b_2021-05-01.tif", values)]
    with pytest.raises(FormatError, match=r"'b_2021-05-01\.tif' is of the same place and date, 2021-05-01, as a_"):
        load_embedding(space, paths)


# ---------------------------------------------------------------- whole or not at all
def test_an_image_without_a_value_leaves_nothing(space, raster, values) -> None:
    path = raster("2021-05-01.tif", np.zeros_like(values))
    with pytest.raises(InputError, match=r"no embedding in this area \(100 % of the pixel-dates hold nothing but 0"):
        load_embedding(space, [path], site="NEW")
    assert space.runs() == space.drafts() == []
    assert [site.id for site in space.sites()] == ["SMALL"]


def test_an_interrupted_load_leaves_nothing(space, raster, values) -> None:
    def stop(share: float, doing: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_embedding(space, [raster("2021-05-01.tif", values)], site="NEW", progress=stop)
    assert space.runs() == space.drafts() == []
    assert [site.id for site in space.sites()] == ["SMALL"]


def test_how_it_is_cut_changes_nothing(space, cube, tmp_path, monkeypatch) -> None:
    path = export_zarr(publish(space, cube), tmp_path / "cube.zarr")
    monkeypatch.setattr("core.sources.embeddings.fill.TILE", 4)
    monkeypatch.setattr("core.sources.embeddings.fill.BLOCK_VALUES", 3 * 4 * 4 * 3)
    xr.testing.assert_equal(open_embedding(space, load_embedding(space, [path]).run.id), cube)


def test_more_than_any_machine_holds_is_refused_before_it_is_read(space, raster, values, monkeypatch) -> None:
    monkeypatch.setattr("core.sources.embeddings.load.VALUES_AT_MOST", 100)
    with pytest.raises(InputError, match="load a part of it with --bbox"):
        load_embedding(space, [raster("2021-05-01.tif", values)])
