"""What a STAC item says: which asset is which band, how numbers become values, and what is not opened."""

from __future__ import annotations

import pystac
import pytest

from core.schema import S1_BANDS, S2_BANDS
from core.sources.stac.assets import OPTICAL_ROLES, scene_of
from core.sources.stac.providers import PROVIDERS, Collection

OPTICAL = Collection(id="sentinel-2-l2a", scale=1e-4, nodata=0)
COLOURS = ("blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08", "swir16", "swir22", "scl")
SIZED = (
    "B02_10m", "B03_10m", "B04_10m", "B05_20m", "B06_20m", "B07_20m", "B08_10m", "B8A_20m", "B11_20m", "B12_20m",
    "SCL_20m",
)  # fmt: skip


def item(
    keys: tuple[str, ...] = OPTICAL_ROLES, *, href: str = "https://host/{key}.tif", extra=None, **properties: object
):
    made = pystac.Item.from_dict(
        {
            "type": "Feature", "stac_version": "1.0.0", "id": "S2A_32TQT_20220604_0_L2A", "geometry": None,
            "properties": {"datetime": "2022-06-04T10:20:31.024000Z"} | properties, "links": [], "assets": {},
        }
    )  # fmt: skip
    for key in keys:
        made.add_asset(key, pystac.Asset(href=href.format(key=key), extra_fields=dict(extra or {})))
    return made


@pytest.mark.parametrize("keys", [OPTICAL_ROLES, COLOURS, SIZED], ids=["by name", "by colour", "with pixel size"])
def test_each_band_is_found_however_the_archive_spells_it(keys) -> None:
    scene = scene_of(item(keys), OPTICAL, OPTICAL_ROLES)
    assert {role: source.href for role, source in scene.sources.items()} == {
        role: f"https://host/{key}.tif" for role, key in zip(OPTICAL_ROLES, keys, strict=True)
    }


def test_a_known_archive_is_read_by_its_table() -> None:
    table = PROVIDERS["earth-search"].optical
    made = item((*COLOURS, *(f"{colour}-jp2" for colour in COLOURS), "thumbnail", "visual"))
    scene = scene_of(made, table, OPTICAL_ROLES)
    assert scene.sources["B8A"].href.endswith("/nir08.tif")
    assert scene.sources["B11"].href.endswith("/swir16.tif")


def test_of_several_sizes_the_finest_is_taken_and_never_a_jpeg() -> None:
    made = item(("B02_60m", "B02_20m", "B02_10m", "B04-jp2"))
    made.add_asset("B03", pystac.Asset(href="https://host/B03.jp2"))
    sources = scene_of(made, OPTICAL, OPTICAL_ROLES).sources
    assert sources["B02"].href == "https://host/B02_10m.tif"
    assert set(sources) == {"B02"}


def test_a_band_may_be_told_by_what_the_asset_states() -> None:
    made = item(("one",), extra={"eo:bands": [{"name": "B8A", "common_name": "nir08"}]})
    assert set(scene_of(made, OPTICAL, OPTICAL_ROLES).sources) == {"B8A"}


SHIFTS = {  # what item and asset say: the offset that is applied
    "before 04.00": ({"s2:processing_baseline": "03.01"}, {}, 0.0),
    "04.00": ({"s2:processing_baseline": "04.00"}, {}, -0.1),
    "05.10": ({"s2:processing_baseline": "05.10"}, {}, -0.1),
    "as four digits": ({"processing:version": "N0510"}, {}, -0.1),
    "in the product's name": ({"s2:product_uri": "S2A_MSIL2A_20220604T102031_N0400_R065_T32TQT_x.SAFE"}, {}, -0.1),
    "stated": ({"s2:processing_baseline": "05.00"}, {"raster:bands": [{"scale": 1e-4, "offset": -0.1}]}, -0.1),
    "stated as none": ({"s2:processing_baseline": "05.00"}, {"raster:bands": [{"scale": 1e-4, "offset": 0}]}, 0.0),
    "stated anew": ({}, {"bands": [{"raster:scale": 1e-4, "raster:offset": -0.1}]}, -0.1),
    "applied, and stated still": (
        {"s2:processing_baseline": "05.00", "earthsearch:boa_offset_applied": True},
        {"raster:bands": [{"scale": 1e-4, "offset": -0.1}]},
        0.0,
    ),
    "not applied": (
        {"s2:processing_baseline": "05.00", "earthsearch:boa_offset_applied": False},
        {"raster:bands": [{"scale": 1e-4, "offset": -0.1}]},
        -0.1,
    ),
    "nothing told": ({}, {}, 0.0),
}


@pytest.mark.parametrize("case", SHIFTS)
def test_the_offset_is_applied_exactly_once(case) -> None:
    properties, extra, offset = SHIFTS[case]
    scene = scene_of(item(extra=extra, **properties), OPTICAL, OPTICAL_ROLES)
    assert {scene.sources[band].offset for band in S2_BANDS} == {offset}
    assert {scene.sources[band].scale for band in S2_BANDS} == {1e-4}
    assert (scene.sources["SCL"].scale, scene.sources["SCL"].offset) == (1.0, 0.0)


@pytest.mark.parametrize(
    "href", ["/etc/passwd", "file:///etc/passwd", "/vsicurl/http://host/a.tif", "s3://bucket/{key}.tif", "http://"]
)
def test_what_is_no_file_on_the_web_is_not_opened(href) -> None:
    assert scene_of(item(href=href), OPTICAL, OPTICAL_ROLES) is None


def test_tile_time_and_radar_are_told() -> None:
    scene = scene_of(item(), OPTICAL, OPTICAL_ROLES)
    assert (scene.tile, str(scene.day)) == ("32TQT", "2022-06-04")
    radar = PROVIDERS["planetary-computer"].radar
    assert set(scene_of(item(("vv", "vh", "hh")), radar, S1_BANDS).sources) == {"VV", "VH"}
    assert scene_of(item(("hh", "hv")), radar, S1_BANDS) is None
