"""How long a site of one's own takes: `python -m benchmarks.own_site`.

Fetches a site-year of 1 x 1 km (70 optical and 60 radar dates) from a real STAC API on loopback, in a process of its
own. The baseline is opening and reading the same files from the disk one after another with rasterio, in the same run.
A second fetch is killed on its way and begun again: no file of a date that was done may be asked for once more.

Where `../shared/data` is there, its real site in Flanders is taken in from its files. The baseline is reading every
value of these files with xarray.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import rasterio

from benchmarks.report import Figure, show
from tests.core.sources.stac.archive import Archive
from tests.core.sources.stac.servers import FileServer, stac_api

LAT, LON, CRS = 47.0, 11.98, "EPSG:32632"
BOX = (725_540, 5_208_480, 727_540, 5_210_480)  # m around it
OPTICAL, RADAR = 70, 60  # dates
SECONDS, MEGABYTES, FLANDERS_SECONDS = 60, 1000, 10  # targets
DONE_AT_LEAST = 5  # dates of the fetch that is killed
FLANDERS = Path(__file__).parents[2] / "shared" / "data" / "s2s1_0000280849BAC91C"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = FileServer(Path(folder))
        archive = Archive(Path(folder), files.address)
        _fill(archive)
        baseline = _read_all(Path(folder))
        with stac_api(archive.store()) as api:
            seconds = _fetch(api, Path(folder) / "workspace")
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            reused, twice = _resumed(api, files, Path(folder) / "resumed")
        files.close()
    name = f"fetch of {OPTICAL} + {RADAR} dates"
    show(
        [
            Figure(name=name, value=seconds, unit="s", at_most=SECONDS, baseline=baseline),
            Figure(name="of which processor", value=usage.ru_utime + usage.ru_stime, unit="s"),
            Figure(name="peak memory", value=usage.ru_maxrss / 1000, unit="MB", at_most=MEGABYTES),
            Figure(name="killed and resumed: dates that were there", value=reused, at_least=DONE_AT_LEAST),
            Figure(name="killed and resumed: dates fetched twice", value=twice, at_most=0),
            *_flanders(),
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


# ---------------------------------------------------------------- fetching
def _command(api: str, workspace: Path) -> list[str]:
    place = ["--lat", str(LAT), "--lon", str(LON), "--size", "1", "--start", "2021-01-01", "--end", "2021-12-31"]
    where = ["--api", api, "--site", "year", "--json", "--workspace", str(workspace)]
    return [sys.executable, "-m", "core", "fetch", *place, *where]


def _fetch(api: str, workspace: Path) -> float:
    began = time.perf_counter()
    done = subprocess.run(_command(api, workspace), capture_output=True, text=True, check=True)
    made = json.loads(done.stdout)
    assert (made["optical_dates"], made["radar_dates"]) == (OPTICAL, RADAR)
    return time.perf_counter() - began


def _resumed(api: str, files: FileServer, workspace: Path) -> tuple[int, int]:
    """Dates that a killed fetch had left, and how many of them were asked for again by the next."""
    command = _command(api, workspace)
    days = workspace / "sites" / ".year.partial" / "days"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(days.glob("*.json"))) < DONE_AT_LEAST:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {path.stem[3:].replace("-", "") for path in days.glob("s2-*.json")}
    files.behave()
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    asked = {scene.split("_")[2][:8] for scene in files.scenes_asked() if "MSIL2A" in scene}
    return json.loads(again.stdout)["reused"], len(asked & done)


# ---------------------------------------------------------------- real files
def _flanders() -> Iterator[Figure]:
    if not FLANDERS.is_dir():
        print("The real site in Flanders is not beside the checkout: its ingest is not measured.")
        return
    baseline = _read_cubes(FLANDERS)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "core", "ingest", str(FLANDERS), "--site", "flanders", "--json"]
        began = time.perf_counter()
        done = subprocess.run([*command, "--workspace", folder], capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - began
    made = json.loads(done.stdout)
    name = f"ingest of Flanders, {made['optical_dates']} + {made['radar_dates']} dates"
    yield Figure(name=name, value=seconds, unit="s", at_most=FLANDERS_SECONDS, baseline=baseline)


def _read_cubes(folder: Path) -> float:
    import xarray as xr

    began = time.perf_counter()
    for path in sorted(folder.glob("*.nc")):
        with xr.open_dataset(path, engine="h5netcdf", decode_cf=False) as cube:
            cube.load()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
