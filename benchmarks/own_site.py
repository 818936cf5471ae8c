"""How long a site of one's own takes: `python -m benchmarks.own_site`.

Fetches a site-year of 1 x 1 km (70 optical and 60 radar dates) from a real STAC API on loopback, in a process of its
own. The baseline is opening and reading the same files from the disk one after another with rasterio, in the same run.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rasterio

from benchmarks.report import Figure, show
from tests.core.sources.stac.archive import Archive
from tests.core.sources.stac.servers import FileServer, stac_api

LAT, LON, CRS = 47.0, 11.98, "EPSG:32632"
BOX = (725_540, 5_208_480, 727_540, 5_210_480)  # m around it
OPTICAL, RADAR = 70, 60  # dates
SECONDS, MEGABYTES = 60, 1000  # targets


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = FileServer(Path(folder))
        archive = Archive(Path(folder), files.address)
        _fill(archive)
        baseline = _read_all(Path(folder))
        with stac_api(archive.store()) as api:
            seconds = _fetch(api, Path(folder) / "workspace")
        files.close()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    name = f"fetch of {OPTICAL} + {RADAR} dates"
    show(
        [
            Figure(name=name, value=seconds, unit="s", at_most=SECONDS, baseline=baseline),
            Figure(name="of which processor", value=usage.ru_utime + usage.ru_stime, unit="s"),
            Figure(name="peak memory", value=usage.ru_maxrss / 1000, unit="MB", at_most=MEGABYTES),
        ]
    )


def _fill(archive: Archive) -> None:
    first = dt.date(2021, 1, 1)
    for turn in range(OPTICAL):
        archive.add_optical(str(first + dt.timedelta(5 * turn)), tile="32TQT", crs=CRS, box=BOX)
    for turn in range(RADAR):
        archive.add_radar(str(first + dt.timedelta(6 * turn)), crs=CRS, box=BOX)


def _read_all(folder: Path) -> float:
    began = time.perf_counter()
    for path in folder.rglob("*.tif"):
        with rasterio.open(path) as tiff:
            tiff.read(1)
    return time.perf_counter() - began


def _fetch(api: str, workspace: Path) -> float:
    place = ["--lat", str(LAT), "--lon", str(LON), "--size", "1", "--start", "2021-01-01", "--end", "2021-12-31"]
    command = [sys.executable, "-m", "core", "fetch", *place, "--api", api, "--site", "year", "--json"]
    began = time.perf_counter()
    done = subprocess.run([*command, "--workspace", str(workspace)], capture_output=True, text=True, check=True)
    made = json.loads(done.stdout)
    assert (made["optical_dates"], made["radar_dates"]) == (OPTICAL, RADAR)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
