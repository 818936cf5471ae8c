"""Images in any CRS come onto one UTM grid, each pixel where its ground is; images in UTM stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.transform import from_origin

from core.schema import S1_BANDS, check_site_cube
from core.sources.ingest.take import Ingested, ingest, look
from core.sources.site import open_site
from tests.core.sources.ingest.files import write_tiff

Field = Callable[[NDArray, NDArray], NDArray]  # of eastings and northings in the site's zone

ZONE, EAST, NORTH = "EPSG:32631", 575_000.0, 5_621_000.0  # a field in Flanders, its middle
SIDE_M, DAY = 600.0, "2021-06-04"
FENCE = EAST - 180
BLOCK_M = 200.0  # side of the bright square in the middle
SINUSOIDAL = "+proj=sinu +R=6371007.181 +units=m +no_defs"  # of MODIS, which has no code
STEPS = {  # CRS -> width of a pixel in its own units, about 10 m on the ground
    "EPSG:3857": 15.8,
    "EPSG:4326": 1.1e-4,
    "EPSG:31370": 10.0,
    "EPSG:3035": 10.0,
    SINUSOIDAL: 10.0,
}
DARK, BRIGHT, EDGE = 1000, 4000, 2500  # reflectance times 10000, west and east of the edge, and of the square


def field(x: NDArray, y: NDArray) -> NDArray:
    """Dark west of a fence, lighter east of it, and a bright square in the middle."""
    square = (np.abs(x - EAST) < BLOCK_M / 2) & (np.abs(y - NORTH) < BLOCK_M / 2)
    return np.where(square, BRIGHT, np.where(x < FENCE, DARK, EDGE))


def draw(path: Path, crs: str, step: float, *, of: Field = field, side: float = SIDE_M, **more: object) -> Path:
    """What `of` says of the ground, drawn in a CRS: the box around the place, in pixels of `step` there."""
    to_crs = Transformer.from_crs(ZONE, crs, always_xy=True)
    half = side / 2
    west, south, east, north = to_crs.transform_bounds(EAST - half, NORTH - half, EAST + half, NORTH + half)
    x = west + step * (np.arange(int((east - west) / step)) + 0.5)
    y = north - step * (np.arange(int((north - south) / step)) + 0.5)
    values = of(*to_crs.transform(*np.meshgrid(x, y), direction="INVERSE"))
    place = from_origin(west, north, step, step)
    kind = np.uint16 if values.dtype.kind in "iu" else np.float32
    return write_tiff(path, values.astype(kind)[None], crs=crs, transform=place, **more)


def made(workspace, *paths: Path, **more: object) -> tuple[Ingested, xr.Dataset]:
    done = ingest(workspace, paths, site="x", **more)
    return done, check_site_cube(open_site(workspace, "x").cube)


def on_ground(cube: xr.Dataset) -> tuple[NDArray, NDArray]:
    assert cube.attrs["crs"] == ZONE
    assert set(np.diff(cube["x"].values)) == {10.0}
    assert set(np.diff(cube["y"].values)) == {-10.0}
    return np.meshgrid(cube["x"].values, cube["y"].values)


def assert_field(image: NDArray, cube: xr.Dataset) -> None:
    """The field, to a pixel: the square's middle to a tenth of one, the fence in every row."""
    x, y = on_ground(cube)
    counts = np.round(image * 10_000)
    seen = np.isfinite(image)
    assert set(counts[seen]) == {DARK, EDGE, BRIGHT}  # no value that is not in the file
    inner = (np.abs(x - EAST) < SIDE_M / 2 - 10) & (np.abs(y - NORTH) < SIDE_M / 2 - 10)
    assert seen[inner].all()
    square = counts == BRIGHT
    assert square.sum() == pytest.approx((BLOCK_M / 10) ** 2, rel=0.05)
    assert (x[square].mean(), y[square].mean()) == pytest.approx((EAST, NORTH), abs=1.5)
    for row in np.flatnonzero(inner.any(axis=1)):
        assert abs(x[row][counts[row] == DARK].max() + 5 - FENCE) <= 10


# ---------------------------------------------------------------- other CRSs
@pytest.mark.parametrize("crs", STEPS)
def test_a_field_lies_where_it_is_in_whatever_crs_its_image_is(workspace, tmp_path, crs) -> None:
    path = draw(tmp_path / f"{DAY}_B04.tif", crs, STEPS[crs])
    shown = look(workspace, [path]).mapping
    done, cube = made(workspace, path)
    assert_field(cube["B04"].values[0], cube)
    assert done.info.pixel_m == 10.0
    assert done.to_json()["cloud_share"] == 0.0  # corners that no image reaches are under no cloud
    name = crs if crs.startswith("EPSG") else "a CRS without a name"
    said = f"Images in {name} ({path.name}) are brought onto square pixels of 10 m in {ZONE} (UTM)"
    for told in (shown.remarks, done.remarks):
        assert said in " ".join(told)
    assert done.info.provenance.endswith(f" Brought from {name} onto pixels of 10 m, each the nearest one.")
    assert shown.entries[0].pixel_m == pytest.approx(10, abs=0.7)  # on the ground, not in units of the CRS


@pytest.mark.parametrize(
    ("crs", "step", "size"),
    [
        ("EPSG:3857", 10.0, 10),  # 6.3 m on the ground here, and Sentinel-2 holds no finer
        ("EPSG:3857", 31.6, 20),
        ("EPSG:4326", 8.98e-5, 10),  # 10 m by 6.3 m, as Earth Engine writes 10 m in degrees
        ("EPSG:4326", 2.2e-4, 20),
        ("EPSG:3035", 30.0, 30),
    ],
)
def test_pixels_are_square_and_as_large_as_what_the_image_holds_on_the_ground(
    workspace, tmp_path, crs, step, size
) -> None:
    path = draw(tmp_path / f"{DAY}_B04.tif", crs, step)
    done, cube = made(workspace, path)
    assert done.info.pixel_m == size
    assert (cube["x"].values - size / 2) % size == pytest.approx(0)  # edges as those of Sentinel-2's own tiles
    assert set(np.diff(cube["x"].values)) == {size}
    assert set(np.diff(cube["y"].values)) == {-size}


def test_the_zone_is_that_of_the_middle_south_of_the_equator_too(workspace, tmp_path) -> None:
    for site, west, zone in (("west", 149.9980, "EPSG:32755"), ("east", 149.9990, "EPSG:32756")):  # 30 pixels, to 150
        path = tmp_path / site / f"{DAY}_B04.tif"
        place = from_origin(west, -35.65, 1e-4, 1e-4)
        write_tiff(path, np.full((1, 30, 30), 900, np.uint16), crs="EPSG:4326", transform=place)
        done = ingest(workspace, [path], site=site)
        assert done.info.crs == zone
        assert (done.info.lon, done.info.lat) == pytest.approx((west + 0.0015, -35.6515), abs=1e-4)


def test_missing_values_stay_missing_and_no_value_is_mixed_with_them(workspace, tmp_path) -> None:
    def holed(x: NDArray, y: NDArray) -> NDArray:
        return np.where((np.abs(x - EAST) < 50) & (np.abs(y - NORTH) < 50), 0, EDGE)

    _, cube = made(workspace, draw(tmp_path / f"{DAY}_B04.tif", "EPSG:3035", 10.0, of=holed, nodata=0))
    x, y = on_ground(cube)
    image = cube["B04"].values[0]
    inner = (np.abs(x - EAST) < 280) & (np.abs(y - NORTH) < 280)
    hole = np.isnan(image) & inner
    assert hole.sum() == pytest.approx(100, abs=8)
    assert (x[hole].mean(), y[hole].mean()) == pytest.approx((EAST, NORTH), abs=1.5)
    assert set(np.round(image[inner & ~hole] * 10_000)) == {EDGE}


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3035"])
def test_scene_classes_stay_whole(workspace, tmp_path, crs) -> None:
    """Stripes of classes 2 and 4: a mean of the two would be 3, shadow, and without a view."""

    def striped(x: NDArray, y: NDArray) -> NDArray:
        clouded = np.hypot(x - EAST, y - NORTH) < 100
        return np.where(clouded, 9, np.where(np.floor(x / 20) % 2, 2, 4))

    step = STEPS[crs]
    bands = draw(tmp_path / f"{DAY}_B04.tif", crs, step), draw(tmp_path / f"{DAY}_SCL.tif", crs, 2 * step, of=striped)
    _, cube = made(workspace, *bands)
    x, y = on_ground(cube)
    apart = np.hypot(x - EAST, y - NORTH)
    inner = (np.abs(x - EAST) < 280) & (np.abs(y - NORTH) < 280)
    hidden = np.isnan(cube["B04"].values[0])
    assert hidden[apart < 80].all()
    assert not hidden[inner & (apart > 120)].any()


def test_radar_is_not_mixed_and_two_passes_of_a_day_are_averaged_in_linear_power(workspace, tmp_path) -> None:
    optical = draw(tmp_path / f"{DAY}_B04.tif", ZONE, 10.0)
    x, y = 451_700 + 15.8 * np.arange(66), 6_575_900 - 15.8 * np.arange(66)  # in Web Mercator, over the field
    east, _ = Transformer.from_crs("EPSG:3857", ZONE, always_xy=True).transform(*np.meshgrid(x, y))
    passes = np.stack([np.where(east < FENCE, west, -8.0) for west in (-20.0, -10.0)])
    times = np.array([f"{DAY}T05:00", f"{DAY}T17:00"], "datetime64[ns]")
    radar = xr.Dataset(dict.fromkeys(S1_BANDS, (("time", "y", "x"), passes)), {"time": times, "y": y, "x": x})
    radar.assign_attrs(crs="EPSG:3857").to_netcdf(tmp_path / "S1.nc")
    _, cube = made(workspace, optical, tmp_path / "S1.nc")
    x, _ = on_ground(cube)
    image = cube["VV"].values[0]
    mean = 10 * np.log10((10**-2 + 10**-1) / 2)  # -12.6, and not -15
    assert set(np.round(image[np.isfinite(image)], 2)) == {np.float32(round(mean, 2)), np.float32(-8.0)}
    assert x[np.isclose(image, mean, atol=0.01)].max() + 5 == pytest.approx(FENCE, abs=10)


def test_images_in_several_crss_are_one_grid(workspace, tmp_path) -> None:
    paths = [
        draw(tmp_path / f"{DAY}_{band}.tif", crs, STEPS[crs])
        for band, crs in (("B03", "EPSG:3857"), ("B04", "EPSG:4326"), ("B08", "EPSG:31370"))
    ]
    done, cube = made(workspace, *paths)
    for band in ("B03", "B04", "B08"):
        assert_field(cube[band].values[0], cube)
    assert [remark.split(" (")[0] for remark in done.remarks if " are brought onto " in remark] == [
        "Images in EPSG:3857",
        "Images in EPSG:4326",
        "Images in EPSG:31370",
    ]


# ---------------------------------------------------------------- UTM
def utm(path: Path, crs: str = ZONE, *, high: float = 10.0) -> tuple[Path, NDArray]:
    """A raster whose edges lie on no round metre, and its values."""
    values = np.random.default_rng(1).integers(200, 5000, (1, 30, 40), dtype=np.uint16)
    place = from_origin(EAST - 203, NORTH + 157, 10, high)
    return write_tiff(path, values, crs=crs, transform=place), values[0] / 10_000


@pytest.mark.parametrize("crs", [ZONE, "EPSG:25831", "without code"])
def test_images_in_utm_stay_as_they_are_pixel_for_pixel(workspace, tmp_path, crs) -> None:
    """On WGS 84, ETRS89, and on a datum without a name, as NASA's HLS images are."""
    stated = CRS(ZONE).to_wkt("WKT1_GDAL").replace('"WGS_1984"', '"Not specified (based on WGS 84 spheroid)"')
    stated = re.sub(
        r",AUTHORITY\[[^]]*\]", "", stated.replace("WGS 84 / UTM zone 31N", "UTM Zone 31, Northern Hemisphere")
    )
    path, values = utm(tmp_path / f"{DAY}_B04.tif", stated if crs == "without code" else crs)
    done, cube = made(workspace, path)
    np.testing.assert_allclose(cube["B04"].values[0], values, atol=1e-7)
    assert (cube["x"].values[0], cube["y"].values[0]) == (EAST - 198, NORTH + 152)
    assert cube.attrs["crs"] == (crs if crs.startswith("EPSG") else ZONE)
    assert not any("brought" in remark for remark in done.remarks)
    assert "Brought" not in done.info.provenance


def test_images_in_utm_stay_as_they_are_beside_others(workspace, tmp_path) -> None:
    other = draw(tmp_path / f"a_{DAY}_B08.tif", "EPSG:3857", 9.0)  # first, and finer on the ground
    path, values = utm(tmp_path / f"{DAY}_B04.tif")
    done, cube = made(workspace, other, path)
    part = cube["B04"].sel(x=slice(EAST - 203, EAST + 197), y=slice(NORTH + 157, NORTH - 143))
    np.testing.assert_allclose(part.values[0], values, atol=1e-7)
    assert np.isfinite(cube["B08"].values[0]).mean() > 0.8  # the grid reaches as far as both
    assert ["EPSG:3857" in remark for remark in done.remarks if "brought" in remark] == [True]


def test_pixels_that_are_not_square_become_so(workspace, tmp_path) -> None:
    path, values = utm(tmp_path / f"{DAY}_B04.tif", high=20.0)
    done, cube = made(workspace, path)
    assert set(np.diff(cube["x"].values)) == {10.0}
    assert set(np.diff(cube["y"].values)) == {-10.0}
    assert any("brought onto square pixels of 10 m" in remark for remark in done.remarks)
    assert set(np.round(cube["B04"].values[np.isfinite(cube["B04"].values)], 4)) <= set(
        values.ravel().astype(np.float32).round(4)
    )
