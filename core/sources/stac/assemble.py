"""The days of a draft as the cube of a site; each image is read from its file when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.schema import S1_BANDS, S2_BANDS
from core.sources.embeddings.grid import Grid
from core.sources.ingest.cube import lazy
from core.sources.stac.cog import Floats
from core.sources.stac.parts import OPTICAL, RADAR, Parts

if TYPE_CHECKING:
    import xarray as xr

Days = Sequence[np.datetime64]


def cube_of(parts: Parts, grid: Grid, optical: Days, radar: Days) -> xr.Dataset:
    """The cube; its values stay in the files of the draft."""
    import xarray as xr

    shape = len(grid.y), len(grid.x)
    data: dict[str, Any] = {}
    coords: dict[str, Any] = {"y": ("y", grid.y, {"units": "m"}), "x": ("x", grid.x, {"units": "m"})}
    for axis, sensor, days, bands, unit in (
        ("time", OPTICAL, optical, S2_BANDS, "1"),
        ("s1_time", RADAR, radar, S1_BANDS, "dB"),
    ):
        if days:
            coords[axis] = np.array(days).astype("datetime64[ns]")
            for index, band in enumerate(bands):
                data[band] = lazy((axis, "y", "x"), len(days), shape, _image(parts, sensor, days, index), unit)
    return xr.Dataset(data, coords=coords, attrs={"crs": grid.crs})


def _image(parts: Parts, sensor: str, days: Days, band: int) -> Callable[[int], Floats]:
    return lambda index: parts.image(sensor, days[index], band)


def bands_with_values(parts: Parts, optical: Days, radar: Days) -> tuple[str, ...]:
    found = []
    for sensor, days, bands in ((OPTICAL, optical, S2_BANDS), (RADAR, radar, S1_BANDS)):
        for index, band in enumerate(bands):
            if any(np.isfinite(parts.image(sensor, day, index)).any() for day in days):
                found.append(band)
    return tuple(found)
