"""Coordinate reference systems by their text."""

from __future__ import annotations

import pytest

from core.schema import InputError
from core.sources.crs import carried, is_utm, known_crs, label_of, name_of, utm_at

ZONES = ("EPSG:32631", "EPSG:32718", "EPSG:25832", "EPSG:23030", "EPSG:26915", "EPSG:31979", "+proj=utm +zone=31")
OTHERS = (
    "EPSG:3857",
    "EPSG:4326",
    "EPSG:3035",
    "EPSG:31370",
    "EPSG:2154",
    "EPSG:27700",
    "EPSG:32661",
)  # the last: polar
SINUSOIDAL = "+proj=sinu +R=6371007.181 +units=m +no_defs"  # of MODIS, which has no code
HLS = (  # as NASA's images of Landsat and Sentinel-2 state it: no code, and a datum without a name
    'PROJCS["UTM Zone 31, Northern Hemisphere",GEOGCS["Unknown datum based upon the WGS 84 ellipsoid",'
    'DATUM["Not specified (based on WGS 84 spheroid)",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",3],PARAMETER["scale_factor",0.9996],'
    'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["Meter",1]]'
)


def test_zones_of_utm_are_told_from_other_projections() -> None:
    assert all(is_utm(crs) for crs in (*ZONES, HLS))
    assert not any(is_utm(crs) for crs in (*OTHERS, SINUSOIDAL))


def test_a_name_is_a_code_where_there_is_one() -> None:
    assert name_of("+proj=utm +zone=31 +datum=WGS84") == "EPSG:32631"
    assert name_of(HLS) == "EPSG:32631"
    assert name_of(SINUSOIDAL) == SINUSOIDAL
    assert (label_of("EPSG:3857"), label_of(SINUSOIDAL)) == ("EPSG:3857", "a CRS without a name")


def test_the_zone_of_a_place() -> None:
    assert utm_at(4.07, 50.74) == "EPSG:32631"
    assert (utm_at(5.999, 50), utm_at(6.0, 50), utm_at(180, 0)) == ("EPSG:32631", "EPSG:32632", "EPSG:32660")
    assert utm_at(149.1, -35.3) == "EPSG:32755"


def test_a_box_is_carried_or_refused() -> None:
    box = carried((575_000, 5_621_000, 576_000, 5_622_000), "EPSG:32631", "EPSG:4326")
    assert box == pytest.approx((4.063, 50.734, 4.078, 50.744), abs=2e-3)
    assert carried(box, "EPSG:4326", "EPSG:4326") == box
    with pytest.raises(InputError, match="does not fit coordinates like"):
        carried((5e9, 5e9, 6e9, 6e9), "EPSG:32631", "EPSG:4326")
    with pytest.raises(InputError, match="'EPSG:1' is no CRS that PROJ knows; write it as EPSG:32632"):
        known_crs("EPSG:1")
