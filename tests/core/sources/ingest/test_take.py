"""Files of every spelling become the same site: the ground they show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from core.schema import S1_BANDS, S2_BANDS, FluxscapeError, InputError, check_site_cube
from core.sources.ingest import files as limits
from core.sources.ingest.mapping import DECIBEL, LINEAR, SCALED
from core.sources.ingest.take import Given, ingest, look
from core.sources.site import open_site
from tests.core.sources.ingest.files import (
    CRS,
    DAYS,
    SIDE,
    axes,
    classes,
    decibels,
    expected,
    ground,
    numbers,
    optical,
    radar,
    write_tiff,
)
from tests.hostile import vrt

COLOURS = {
    "B02": "blue", "B03": "green", "B04": "red", "B05": "rededge1", "B06": "rededge2", "B07": "rededge3",
    "B08": "nir", "B8A": "nir08", "B11": "swir16", "B12": "swir22",
}  # fmt: skip
SHORT = {band: band.replace("B0", "B") for band in S2_BANDS}


def with_classes(cube: xr.Dataset) -> xr.Dataset:
    return cube.assign(SCL=(("time", "y", "x"), classes().astype(np.uint8)))


def site_of(workspace, *paths: Path, **more: object) -> xr.Dataset:
    ingest(workspace, paths, site="x", **more)
    return check_site_cube(open_site(workspace, "x").cube)


def assert_ground(cube: xr.Dataset, bands: tuple[str, ...] = S2_BANDS, *, clouds: bool = True) -> None:
    assert [str(day)[:10] for day in cube["time"].values] == list(DAYS)
    assert cube.attrs["crs"] == CRS
    np.testing.assert_array_equal(cube["y"].values, axes()["y"])
    for band in bands:
        values = expected(band) if clouds else np.stack([ground(band, day) for day in range(len(DAYS))])
        np.testing.assert_allclose(cube[band].values, values, atol=2e-6, err_msg=band)


# ---------------------------------------------------------------- cubes
def packed(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    """Integers with scale, offset and fill value."""
    encoding = {
        band: {"dtype": "int16", "scale_factor": 1e-4, "add_offset": -0.1, "_FillValue": -9999} for band in S2_BANDS
    }
    return cube, encoding


def unsigned(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    """Unsigned bytes in pairs, stored as signed ones: NetCDF classic has no others."""
    cube = (cube * 10_000).round().astype(np.uint16).astype(np.int16)
    for band in S2_BANDS:
        cube[band].attrs |= {"_Unsigned": "true", "scale_factor": 1e-4}
    return cube, {}


def as_colours(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    return cube.rename(COLOURS), {}


def stacked(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    """One variable with a band axis, as (x, band, y, t)."""
    array = cube.rename(SHORT).to_dataarray("band", name="reflectance").rename(time="t")
    return array.transpose("x", "band", "y", "t").to_dataset().assign_attrs(crs=CRS), {}


def times_ten_thousand(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    return (cube * 10_000).round().astype(np.uint16).rename(time="timestamp").assign_attrs(crs=CRS), {}


def per_cent(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    return (cube * 100).assign_attrs(crs=CRS), {}


def upside_down(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    return cube.isel(y=slice(None, None, -1), x=slice(None, None, -1), time=[2, 0, 1]), {}


def dated_in_words(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    return cube.assign_coords(time=list(DAYS)), {}


def with_the_crs_as_a_coordinate(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    """As stackstac and cubo write it."""
    cube = cube.drop_attrs().assign_coords(epsg=32632)
    return cube.to_dataarray("band", name="sentinel-2-l2a").transpose("time", "band", "y", "x").to_dataset(), {}


def placed_by_a_transform(cube: xr.Dataset) -> tuple[xr.Dataset, dict]:
    """Without coordinates on y and x, as GDAL writes it."""
    stated = {"GeoTransform": "600000 10 0 5200000 0 -10"}
    return cube.drop_vars(["x", "y"]).assign_coords(spatial_ref=((), 0, stated)), {}


SPELLINGS = [
    dated_in_words,
    with_the_crs_as_a_coordinate,
    placed_by_a_transform,
    packed,
    unsigned,
    as_colours,
    stacked,
    times_ten_thousand,
    per_cent,
    upside_down,
]


@pytest.mark.parametrize("form", ["nc", "zarr"])
@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling.__name__)
def test_a_cube_of_any_spelling_is_the_ground(workspace, tmp_path, spelling: Callable, form) -> None:
    cube, encoding = spelling(optical())
    path = tmp_path / f"cube.{form}"
    if form == "nc":
        cube.to_netcdf(path, engine="scipy" if spelling is unsigned else "h5netcdf", encoding=encoding)
    else:
        cube.to_zarr(path, encoding=encoding, zarr_format=2)
    assert_ground(site_of(workspace, path), clouds=False)


def test_scene_classes_take_clouds_out(workspace, tmp_path) -> None:
    with_classes(optical()).to_netcdf(tmp_path / "cube.nc")
    done = ingest(workspace, [tmp_path / "cube.nc"], site="x")
    assert_ground(open_site(workspace, "x").cube)
    assert done.to_json()["cloud_share"] == pytest.approx(1 / 6, abs=1e-4)
    assert done.to_json()["bands"] == list(S2_BANDS)


@pytest.mark.parametrize(
    ("name", "values", "attrs"),
    [
        ("cloud_mask", (0, 1), {}),
        ("cloud_mask", (0, 2), {"flag_values": [0, 1, 2, 3], "flag_meanings": "clear cloud shadow snow"}),
        ("cloud_mask", (3, 1), {"flag_values": [0, 1, 2, 3], "flag_meanings": "clear cloud shadow snow"}),
        ("clear", (1, 0), {}),
        ("valid_mask", (1, 0), {}),
    ],
)
def test_a_mask_takes_clouds_out_in_its_own_words(workspace, tmp_path, name, values, attrs) -> None:
    mask = np.where(classes() == 9, values[1], values[0]).astype(np.uint8)
    optical().assign({name: (("time", "y", "x"), mask, attrs)}).to_netcdf(tmp_path / "cube.nc")
    assert_ground(site_of(workspace, tmp_path / "cube.nc"))


def test_20_m_beside_10_m_and_radar_of_its_own_dates(workspace, tmp_path) -> None:
    fine, coarse = S2_BANDS[:3], S2_BANDS[3:]
    optical(bands=fine).to_netcdf(tmp_path / "S2_10m.nc")
    small = optical(step=20, bands=coarse).assign(SCL=(("time", "y", "x"), classes()[:, ::2, ::2].astype(np.uint8)))
    small.to_netcdf(tmp_path / "S2_20m.nc")
    radar().to_netcdf(tmp_path / "S1.nc")
    cube = site_of(workspace, tmp_path / "S2_10m.nc", tmp_path / "S2_20m.nc", tmp_path / "S1.nc")
    assert_ground(cube, fine)
    blocks = np.repeat(np.repeat(ground("B11", 2, step=20), 2, axis=0), 2, axis=1)
    np.testing.assert_allclose(cube["B11"].values[2], blocks, atol=1e-6)
    assert cube["s1_time"].values.astype("datetime64[D]").astype(str).tolist() == ["2021-06-05", "2021-06-11"]
    np.testing.assert_allclose(cube["VH"].values[1], decibels("VH", 1), atol=1e-4)


# ---------------------------------------------------------------- the paper's own cubes
def test_the_papers_optical_cube_opens_as_it_is(workspace, tmp_path) -> None:
    array = optical().to_dataarray("band", name="s2l2a").transpose("band", "time", "y", "x")
    mask = (("time", "y", "x"), (classes() == 9).astype(np.uint8))
    array.to_dataset().assign(cloud_mask=mask).assign_attrs(crs=CRS).to_zarr(tmp_path / "DE-Hai.zarr")
    assert_ground(site_of(workspace, tmp_path / "DE-Hai.zarr"))


def test_the_papers_merged_cube_gives_radar_its_own_dates_back(workspace, tmp_path) -> None:
    """Radar stands beside each optical date, scaled (dB + 30) / 35; `s1_time` says when it was taken."""
    own = {
        band: (("time", "y", "x"), (np.stack([decibels(band, day) for day in (0, 0, 1)]) + 30) / 35)
        for band in S1_BANDS
    }
    array = optical().assign(own).to_dataarray("band", name="bands").transpose("band", "time", "y", "x")
    dates = ("time", np.array(["2021-06-05", "2021-06-05", "2021-06-11"], "datetime64[ns]"))
    merged = array.to_dataset().assign_coords(s1_time=dates).assign_attrs(crs=CRS)
    merged.to_netcdf(tmp_path / "merged.nc")
    found = look(workspace, [tmp_path / "merged.nc"]).mapping
    assert {entry.unit for entry in found.entries if entry.role in S1_BANDS} == {SCALED}
    cube = site_of(workspace, tmp_path / "merged.nc")
    assert_ground(cube, clouds=False)
    assert cube["s1_time"].values.astype("datetime64[D]").astype(str).tolist() == ["2021-06-05", "2021-06-11"]
    for day in (0, 1):
        np.testing.assert_allclose(cube["VV"].values[day], decibels("VV", day), atol=1e-4)


# ---------------------------------------------------------------- radar
@pytest.mark.parametrize(
    ("stored", "unit"),
    [
        (lambda decibel: decibel, DECIBEL),
        (lambda decibel: 10 ** (decibel / 10), LINEAR),
        (lambda decibel: (decibel + 30) / 35, SCALED),
    ],
)
def test_the_unit_of_radar_is_recognised_and_said(workspace, tmp_path, stored, unit) -> None:
    optical().to_netcdf(tmp_path / "s2.nc")
    stored(radar()).assign_attrs(crs=CRS).to_netcdf(tmp_path / "s1.nc")
    done = ingest(workspace, [tmp_path / "s2.nc", tmp_path / "s1.nc"], site="x")
    assert any(f"is taken as {unit}" in remark for remark in done.remarks)
    cube = open_site(workspace, "x").cube
    for band in S1_BANDS:
        np.testing.assert_allclose(cube[band].values[0], decibels(band), atol=1e-4)


# ---------------------------------------------------------------- GeoTIFF
def test_a_folder_of_single_bands_dated_by_name(workspace, tmp_path) -> None:
    for day, date in enumerate(DAYS):
        for band in S2_BANDS:
            name = f"T32TQT_{date.replace('-', '')}T102031_{band}_10m.tif"
            write_tiff(tmp_path / date / name, numbers(band, day)[None], nodata=0)
        write_tiff(tmp_path / date / f"T32TQT_{date}_SCL_20m.tif", classes()[day][None, ::2, ::2].astype(np.uint8))
    (tmp_path / "readme.txt").write_text("about these files")
    done = ingest(workspace, [tmp_path], site="x")
    assert_ground(open_site(workspace, "x").cube)
    assert any("readme.txt" in remark for remark in done.remarks)
    assert any("divided by 10000" in remark for remark in done.remarks)


def test_many_bands_in_a_file_dated_by_tag(workspace, tmp_path) -> None:
    for day, date in enumerate(DAYS):
        values = np.stack([numbers(band, day) for band in S2_BANDS])
        tags = {"ACQUISITION_DATE": f"{date}T10:20:31Z", "TIFFTAG_DATETIME": "2024:01:01 00:00:00"}
        write_tiff(tmp_path / f"scene{day}.tif", values, descriptions=tuple(SHORT.values()), tags=tags)
    assert_ground(site_of(workspace, tmp_path), clouds=False)


def test_bands_without_names_are_taken_by_their_number_and_it_is_said(workspace, tmp_path) -> None:
    for day, date in enumerate(DAYS):
        write_tiff(tmp_path / f"{date}.tif", np.stack([numbers(band, day) for band in S2_BANDS]))
    done = ingest(workspace, [tmp_path], site="x")
    assert any("carry no names" in remark for remark in done.remarks)
    assert_ground(open_site(workspace, "x").cube, clouds=False)


def test_names_for_bands_that_name_themselves_are_refused(workspace, tmp_path) -> None:
    tiffs(tmp_path / "tiffs")
    optical().to_netcdf(tmp_path / "cube.nc")
    for path in ("tiffs", "cube.nc"):
        for bands in (("B02", "B03"), (*S2_BANDS, "SCL")):
            with pytest.raises(InputError, match=r"are not used: the files name .* \(B02, B03, B04"):
                look(workspace, [tmp_path / path], given=Given(bands=bands))


def test_a_single_band_that_nothing_names_can_be_named(workspace, tmp_path) -> None:
    for day, date in enumerate(DAYS):
        write_tiff(tmp_path / f"meadow_{date}.tif", numbers("B04", day)[None])
    assert_ground(site_of(workspace, tmp_path, given=Given(bands=("B04",))), ("B04",), clouds=False)


def test_the_same_holds_for_a_cube_whose_bands_are_numbers(workspace, tmp_path) -> None:
    array = optical().to_dataarray("band", name="reflectance").assign_coords(band=range(1, 11))
    array.to_dataset().assign_attrs(crs=CRS).to_netcdf(tmp_path / "cube.nc")
    done = ingest(workspace, [tmp_path / "cube.nc"], site="x")
    assert any("carry no names" in remark for remark in done.remarks)
    assert_ground(open_site(workspace, "x").cube, clouds=False)


def test_bands_without_names_can_be_named(workspace, tmp_path) -> None:
    for day, date in enumerate(DAYS):
        write_tiff(tmp_path / f"{date}.tif", np.stack([numbers(band, day) for band in ("B08", "B04", "B11")]))
    cube = site_of(workspace, tmp_path, given=Given(bands=("nir", "red", "B11")))
    assert_ground(cube, ("B04", "B08", "B11"), clouds=False)
    assert np.isnan(cube["B02"].values).all()


def test_a_band_for_each_date_as_earth_engine_stacks_them(workspace, tmp_path) -> None:
    for band in S2_BANDS:
        values = np.stack([numbers(band, day) for day in range(3)])
        names = tuple(f"{date.replace('-', '')}T102031_{date.replace('-', '')}T102033_T32TQT_{band}" for date in DAYS)
        write_tiff(tmp_path / f"stack_{band}.tif", values, descriptions=names)
    assert_ground(site_of(workspace, tmp_path), clouds=False)


def test_two_scenes_of_a_day_count_once(workspace, tmp_path) -> None:
    """Neighbouring tiles fill each other; where both see the ground the first is taken."""
    for day, date in enumerate(DAYS):
        values = np.stack([numbers(band, day) for band in S2_BANDS])
        west, east = values.copy(), values.copy()
        west[:, :, 8:] = 0
        east[:, :, :4] = 0
        for name, part in (("T32TQT", west), ("T32TQS", east)):
            write_tiff(tmp_path / f"{name}_{date}.tif", part, descriptions=tuple(S2_BANDS), nodata=0)
    assert_ground(site_of(workspace, tmp_path), clouds=False)


def test_rasters_upside_down_are_turned_and_it_is_said(workspace, tmp_path) -> None:
    for day, date in enumerate(DAYS):
        values = np.stack([numbers(band, day) for band in S2_BANDS])
        write_tiff(tmp_path / f"{date}.tif", values, descriptions=tuple(S2_BANDS), up=True)
    done = ingest(workspace, [tmp_path], site="x")
    assert any("upside down" in remark for remark in done.remarks)
    assert_ground(open_site(workspace, "x").cube, clouds=False)


def test_the_offset_of_the_processing_baseline_is_taken_off_where_names_tell_it(workspace, tmp_path) -> None:
    for day, date in enumerate(DAYS):
        late = day > 0
        values = np.stack([numbers(band, day) + (1000 if late else 0) for band in S2_BANDS])
        name = f"S2A_MSIL2A_{date.replace('-', '')}T102031_N0{'400' if late else '301'}_R065_T32TQT.tif"
        write_tiff(tmp_path / name, values, descriptions=tuple(S2_BANDS))
    assert_ground(site_of(workspace, tmp_path), clouds=False)


def test_the_offset_is_guessed_where_no_pixel_is_dark_and_can_be_refused(workspace, tmp_path) -> None:
    cube = (optical() * 10_000 + 1000).round().astype(np.uint16).assign_attrs(crs=CRS)
    cube = cube.assign_coords(time=cube["time"] + np.timedelta64(730, "D"))
    cube.to_netcdf(tmp_path / "late.nc")
    found = look(workspace, [tmp_path / "late.nc"]).mapping
    assert found.shifted_from == "2022-01-25"
    ingest(workspace, [tmp_path / "late.nc"], site="guessed")
    ingest(workspace, [tmp_path / "late.nc"], site="refused", changes={"shifted_from": ""})
    np.testing.assert_allclose(open_site(workspace, "guessed").cube["B04"].values[0], ground("B04"), atol=1e-6)
    np.testing.assert_allclose(open_site(workspace, "refused").cube["B04"].values[0], ground("B04") + 0.1, atol=1e-6)


# ---------------------------------------------------------------- corrections
def test_every_guess_is_shown_and_can_be_corrected(workspace, tmp_path) -> None:
    odd = with_classes(optical().rename(B04="measurement_4", B08="mystery"))
    odd.to_netcdf(tmp_path / "odd.nc")
    shown = look(workspace, [tmp_path / "odd.nc"]).mapping.to_json()
    assert {entry["layer"]: entry["role"] for entry in shown["entries"]}["mystery"] == ""
    changes = {
        "entries": [{"layer": "measurement_4", "role": "B04"}, {"layer": "mystery", "role": "B08"}],
        "unusable": [4],
    }
    cube = site_of(workspace, tmp_path / "odd.nc", changes=changes)
    np.testing.assert_allclose(cube["B04"].values[1][:6], ground("B04", 1)[:6], atol=1e-6)
    assert np.isnan(cube["B08"].values[0]).all()


def test_a_part_can_be_cut_out(workspace, tmp_path) -> None:
    optical().to_netcdf(tmp_path / "cube.nc")
    cube = site_of(workspace, tmp_path / "cube.nc", box=(600_020, 5_199_900, 600_080, 5_199_960))
    assert (cube.sizes["y"], cube.sizes["x"]) == (6, 6)
    np.testing.assert_allclose(cube["B02"].values[0], ground("B02")[4:10, 2:8], atol=1e-6)


def test_pixels_in_degrees_are_warped_to_metres(workspace, tmp_path) -> None:
    lat, lon = 47.0 - 1e-4 * np.arange(SIDE), 10.3 + 1e-4 * np.arange(SIDE)
    cube = optical().assign_coords(y=lat, x=lon).rename(y="lat", x="lon").assign_attrs(crs="EPSG:4326")
    cube.to_netcdf(tmp_path / "degrees.nc")
    done = ingest(workspace, [tmp_path / "degrees.nc"], site="x")
    assert done.info.crs == "EPSG:32632"
    values = open_site(workspace, "x").cube["B04"].values[0]
    assert set(np.round(values[np.isfinite(values)] * 10_000).astype(int)) <= set(numbers("B04").ravel().tolist())


def test_weather_comes_along(workspace, tmp_path) -> None:
    optical().to_netcdf(tmp_path / "cube.nc")
    days = np.arange("2021-06-01", "2021-06-21", dtype="datetime64[D]").astype("datetime64[ns]")
    own = {
        "temperature_mean": ("K", 290.0),
        "solar_radiation_flux": ("J m-2 d-1", 2e7),
        "precipitation_flux": ("mm d-1", 3.0),
    }
    data = {
        name: (("time", "y", "x"), np.full((20, 1, 1), value), {"units": unit}) for name, (unit, value) in own.items()
    }
    weather = xr.Dataset(data, coords={"time": days, "y": [5_199_940.0], "x": [600_060.0]}, attrs={"crs": CRS})
    weather.to_netcdf(tmp_path / "AgERA5.nc")
    ingest(workspace, [tmp_path], site="x")
    table = open_site(workspace, "x").weather
    assert len(table) == 20
    first = table.iloc[0]
    assert (first["temperature"], first["radiation"], first["precipitation"]) == pytest.approx((16.85, 20.0, 3.0))


# ---------------------------------------------------------------- wrong input
def half(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def tiffs(folder: Path, **changes: object) -> Path:
    for day, date in enumerate(DAYS):
        values = np.stack([numbers(band, day) for band in S2_BANDS])
        write_tiff(folder / f"{date}.tif", values, descriptions=tuple(S2_BANDS), **changes)
    return folder


def huge(path: Path) -> Path:
    path.write_bytes(b"II*\0")
    with path.open("r+b") as stream:
        stream.truncate(40_000_000_000)
    return path


def text(path: Path) -> Path:
    path.write_text("this is no image")
    return path


def stored(cube: xr.Dataset, path: Path) -> Path:
    cube.to_netcdf(path)
    return path


def in_metres_said_degrees(folder: Path) -> Path:
    return stored(optical().assign_attrs(crs="EPSG:4326"), folder / "a.nc")


def unplaced(folder: Path) -> Path:
    return write_tiff(folder / "2021-06-04.tif", np.ones((4, SIDE, SIDE), np.uint16), transform=None)


def damaged(folder: Path) -> Path:
    half(tiffs(folder) / f"{DAYS[1]}.tif")
    return folder


WRONG = {
    "missing": (lambda folder: folder / "nowhere", "does not exist"),
    "empty folder": (lambda folder: folder, "holds no raster or cube"),
    "text named .tif": (lambda folder: text(folder / "2021-06-04_B04.tif"), "is no GeoTIFF but text"),
    "VRT": (lambda folder: vrt(folder / "2021-06-04.vrt"), "is of a kind Fluxscape does not open"),
    "VRT named .tif": (lambda folder: vrt(folder / "2021-06-04.tif"), "is no GeoTIFF but text"),
    "truncated GeoTIFF": (damaged, "2021-06-09.tif.*cannot be read as GeoTIFF"),
    "truncated NetCDF": (lambda folder: half(stored(optical(), folder / "a.nc")), "cannot be read as NetCDF"),
    "40 GB": (lambda folder: huge(folder / "2021-06-04_B04.tif"), "is 40.0 GB, more than the 8 GB"),
    "no date": (lambda folder: write_tiff(folder / "B04.tif", numbers("B04")[None]), "has no date"),
    "no place": (unplaced, r"does not state where its pixels lie \(no geotransform\)"),
    "no CRS": (lambda folder: tiffs(folder, crs=None), "states no CRS.*--crs"),
    "CRS in degrees, coordinates in metres": (in_metres_said_degrees, "is in degrees, but"),
    "all masked": (
        lambda folder: stored(optical().assign(cloud_mask=(("time", "y", "x"), classes() * 0 + 1)), folder / "a.nc"),
        "show the ground in red .* in no pixel",
    ),
    "all missing": (lambda folder: stored(optical() * np.nan, folder / "a.nc"), "there is no cloud mask"),
    "radar alone": (lambda folder: stored(radar(), folder / "a.nc"), "hold no optical band"),
    "no band": (
        lambda folder: stored(optical(bands=("B04",)).rename(B04="height"), folder / "a.nc"),
        "hold no optical band",
    ),
    "a table": (lambda folder: text(folder / "tower.csv"), "is a table"),
    "a site": (lambda folder: (folder / "site.json").write_text("{}") and folder, "holds no raster|is a site"),
}


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_leaves_nothing(workspace, tmp_path, kind) -> None:
    make, words = WRONG[kind]
    folder = tmp_path / "given"
    folder.mkdir()
    path = make(folder)
    with pytest.raises(FluxscapeError, match=words) as caught:
        ingest(workspace, [path], site="x")
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert workspace.sites() == workspace.drafts() == []
    assert not list(workspace.root.glob(".unpacked*"))


def test_a_wrong_crs_can_be_put_right_and_no_other(workspace, tmp_path) -> None:
    path = in_metres_said_degrees(tmp_path)
    assert_ground(site_of(workspace, path, given=Given(crs=CRS)), clouds=False)
    with pytest.raises(InputError, match="no CRS that PROJ knows"):
        ingest(workspace, [path], site="y", given=Given(crs="EPSG:1"))


def test_images_of_two_places_are_not_one_site(workspace, tmp_path) -> None:
    optical().to_netcdf(tmp_path / "a.nc")
    far = optical()
    far.assign_coords(x=far["x"] + 50_000).to_netcdf(tmp_path / "b.nc")
    with pytest.raises(InputError, match=r"'b\.nc' lies 50 km from a\.nc"):
        ingest(workspace, [tmp_path], site="x")
    assert workspace.sites() == workspace.drafts() == []


def test_a_picture_of_8_bits_is_no_reflectance(workspace, tmp_path) -> None:
    (optical() * 255).astype(np.uint8).assign_attrs(crs=CRS).to_netcdf(tmp_path / "picture.nc")
    found = look(workspace, [tmp_path / "picture.nc"]).mapping
    assert {entry.role for entry in found.entries} == {""}
    assert "8 bits" in found.entries[0].why
    with pytest.raises(InputError, match="hold no optical band"):
        ingest(workspace, [tmp_path / "picture.nc"], site="x")


def test_too_many_bytes_in_all_are_refused(workspace, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(limits, "TOTAL_BYTES", 1000)
    with pytest.raises(InputError, match="taken in at a time"):
        ingest(workspace, [tiffs(tmp_path)], site="x")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"entries": [{"layer": "B99", "role": "B04"}]}, "is no layer of these files"),
        ({"entries": [{"layer": "B04", "role": "red"}]}, "is no role"),
        ({"entries": [{"layer": "B04", "scale": "a"}]}, "give a number"),
        ({"entries": [{"layer": "B04", "scale": 0}]}, "other than 0"),
        ({"entries": [{"layer": "B04", "role": "VV", "unit": "volt"}]}, "is no unit of the radar layer"),
        ({"entries": {"layer": "B04"}}, "give a list"),
        ({"shifted_from": "spring"}, "is no date"),
        ({"unusable": ["cloud"]}, "is no scene class"),
        ({"colour": 1}, "is no part of a mapping"),
    ],
)
def test_a_wrong_correction_is_one_sentence(workspace, tmp_path, changes, words) -> None:
    optical().to_netcdf(tmp_path / "cube.nc")
    with pytest.raises(InputError, match=words):
        ingest(workspace, [tmp_path / "cube.nc"], site="x", changes=changes)
    assert workspace.sites() == workspace.drafts() == []


def test_a_site_is_not_written_over_nor_named_as_a_demo(workspace, tmp_path) -> None:
    path = stored(optical(), tmp_path / "cube.nc")
    ingest(workspace, [path], site="x")
    with pytest.raises(InputError, match="already"):
        ingest(workspace, [path], site="x")
    with pytest.raises(InputError, match="simulated demo site"):
        ingest(workspace, [path], site="SIM-DBF")
    with pytest.raises(InputError, match="no usable name"):
        ingest(workspace, [path], site="../x")
