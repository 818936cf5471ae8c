"""A small archive of last year behind a real STAC API on loopback: what the panel "Add a site" asks for first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.core.sources.stac.archive import Archive
from tests.core.sources.stac.conftest import MEADOW, ZONE_32, around
from tests.core.sources.stac.servers import FileServer, stac_api

YEAR = dt.datetime.now(dt.UTC).year - 1
OPTICAL, RADAR = (f"{YEAR}-06-04", f"{YEAR}-06-09", f"{YEAR}-06-14"), (f"{YEAR}-06-05",)


@contextmanager
def last_year(folder: Path) -> Iterator[tuple[str, FileServer]]:
    """The address of the API, and the server of its files; all are of MEADOW."""
    folder.mkdir(parents=True, exist_ok=True)
    files = FileServer(folder)
    archive = Archive(folder, files.address)
    box = around(MEADOW, ZONE_32)
    for day in OPTICAL:
        archive.add_optical(day, tile="32TQT", crs=ZONE_32, box=box, baseline="05.10")
    for day in RADAR:
        archive.add_radar(day, crs=ZONE_32, box=box)
    with stac_api(archive.store()) as api:
        yield api, files
    files.close()
