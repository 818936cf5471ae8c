"""One small archive for all tests of this folder, behind a real STAC API on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from pyproj import Transformer

from core.sources.stac import patience
from core.sources.stac.providers import find_provider
from core.sources.stac.request import Request
from core.sources.stac.search import Plan, plan_fetch
from tests.core.sources.stac.archive import CLOUD, Archive, Box
from tests.core.sources.stac.servers import FileServer, stac_api

ZONE_32, ZONE_33 = "EPSG:32632", "EPSG:32633"
MEADOW = (47.0, 11.98)  # latitude and longitude: in the middle of two tiles
BORDER = (47.0, 12.0)  # where zone 32 ends and 33 begins
CLOUDY = (47.06, 11.97)
BROKEN = (47.03, 11.97)
EMPTY = (47.09, 11.97)
FIRST, SECOND, THIRD, FOURTH = "2021-06-04", "2021-06-09", "2022-06-04", "2022-06-09"


@dataclass(frozen=True)
class Service:
    """The STAC API, and the files behind it."""

    api: str
    files: FileServer
    archive: Archive

    def plan(
        self, place: tuple[float, float], start: str = "2021-01-01", end: str = "2022-12-31", **more: object
    ) -> Plan:
        orbit = str(more.pop("orbit", "both"))
        request = Request.of(lat=place[0], lon=place[1], size=0.4, start=start, end=end, orbit=orbit)
        return plan_fetch(find_provider(None, self.api), request, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def service(tmp_path_factory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("archive")
    files = FileServer(folder)
    archive = Archive(folder, files.address)
    fill(archive)
    with stac_api(archive.store()) as api:
        yield Service(api, files, archive)
    files.close()


@pytest.fixture(autouse=True)
def well_behaved(request, monkeypatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.02)
    if "service" in request.fixturenames:
        request.getfixturevalue("service").files.behave()


def around(place: tuple[float, float], crs: str, *, west: float = 400, east: float = 400) -> Box:
    """A box in m about a place, on the 20 m raster."""
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(place[1], place[0])
    x, y = round(x / 20) * 20, round(y / 20) * 20
    return (x - west, y - 400, x + east, y + 400)


def fill(archive: Archive) -> None:
    """Two tiles that share a strip, of both processing baselines; a zone border; clouds, gaps and broken files."""
    west, east = around(MEADOW, ZONE_32, east=60), around(MEADOW, ZONE_32, west=0)
    for day, baseline in ((FIRST, "03.00"), (SECOND, "03.01"), (THIRD, "04.00"), (FOURTH, "05.10")):
        archive.add_optical(day, tile="32TQT", crs=ZONE_32, box=west, baseline=baseline)
        if day != SECOND:  # on which the eastern tile is not there
            archive.add_optical(day, tile="32TQS", crs=ZONE_32, box=east, baseline=baseline, time="10:20:35")
    archive.add_optical(FIRST, tile="32TQT", crs=ZONE_32, box=west, baseline="05.00", suffix="_again")
    whole = around(MEADOW, ZONE_32)
    archive.add_radar("2021-06-05", crs=ZONE_32, box=whole)
    archive.add_radar("2021-06-11", crs=ZONE_32, box=whole)
    archive.add_radar("2021-06-11", crs=ZONE_32, box=whole, orbit="descending", time="05:20:00", gain=3.0)

    archive.add_optical(FIRST, tile="32TQU", crs=ZONE_32, box=around(BORDER, ZONE_32, east=0), classes=stripes)
    archive.add_optical(FIRST, tile="33TUN", crs=ZONE_33, box=around(BORDER, ZONE_33, west=40), time="10:20:40")
    archive.add_radar("2021-06-06", crs=ZONE_33, box=around(BORDER, ZONE_33))

    cloudy = around(CLOUDY, ZONE_32)
    archive.add_optical(FIRST, tile="32TPT", crs=ZONE_32, box=cloudy, classes=lambda x, y: np.full(x.shape, CLOUD))

    box = around(BROKEN, ZONE_32)
    for day in (FIRST, SECOND, THIRD, FOURTH):
        archive.add_optical(day, tile="32TPS", crs=ZONE_32, box=box)
    spoil(archive, FIRST)


def stripes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Every scene class there is, 0 to 11, in rows of 20 m."""
    return (y // 20 % 12).astype(int)


def spoil(archive: Archive, day: str) -> None:
    name = f"S2A_MSIL2A_{day.replace('-', '')}T102031_R065_T32TPS"
    path = archive.folder / name / "B05.tif"
    path.write_bytes(path.read_bytes()[:600])
