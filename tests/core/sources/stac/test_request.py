"""A place, a size and a period become one grid in UTM."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from core.schema import InputError
from core.sources.stac.providers import choose, find_provider
from core.sources.stac.request import Request


def request(lat: float = 47.0, lon: float = 11.98, size: float = 1.0) -> Request:
    return Request.of(lat=lat, lon=lon, size=size, start="2021-01-01", end="2021-12-31")


@given(st.floats(-79.9, 83.9), st.floats(-180, 180), st.floats(0.3, 5.0))
def test_the_grid_holds_the_place_in_its_middle_and_lies_on_the_20_m_raster(lat, lon, size) -> None:
    grid = request(lat, lon, size).grid()
    west, south, east, north = grid.bounds
    assert west % 20 == south % 20 == east % 20 == north % 20 == 0
    assert abs((east - west) - size * 1000) <= 20
    assert len(grid.x) == len(grid.y)
    x, y = Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(lon, lat)
    assert abs((west + east) / 2 - x) <= 20.01
    assert abs((south + north) / 2 - y) <= 20.01
    assert grid.crs.startswith("EPSG:326" if lat >= 0 else "EPSG:327")


def test_a_size_may_be_given_in_metres() -> None:
    assert request(size=1000).grid().bounds == request(size=1.0).grid().bounds
    for size in (0.1, 20, 200, 6000, -1, float("nan")):
        with pytest.raises(InputError, match="is no size"):
            request(size=size)


def test_a_period_that_begins_before_sentinel_2_may_be_asked_for() -> None:
    assert Request.of(lat=47, lon=11, size=1, start="2014-01-01", end="2016-01-01").end.year == 2016


def test_the_collections_of_an_unknown_archive_are_found_by_name() -> None:
    unknown = find_provider(None, "https://host/stac")
    found = choose(unknown, ["landsat", "sentinel-1-grd", "sentinel-1-rtc", "sentinel-2-l1c", "sentinel-2-l2a"])
    assert (found.optical.id, found.radar.id) == ("sentinel-2-l2a", "sentinel-1-rtc")
    assert choose(unknown, ["my-S2-msi-l2a", "sentinel-1-grd"]).radar is None
    with pytest.raises(InputError, match=r"no collection of Sentinel-2 Level-2A \(it has: landsat\)"):
        choose(unknown, ["landsat"])


def test_the_address_of_a_known_archive_is_known() -> None:
    known = find_provider(None, "https://planetarycomputer.microsoft.com/api/stac/v1/")
    assert known.signed
    assert not find_provider("earth-search", "http://127.0.0.1:8000").signed
