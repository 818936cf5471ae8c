"""The site cube: scenes and radar images in the layout every other part of Fluxscape reads."""

from dataclasses import dataclass

import numpy as np
import pyproj
import xarray as xr
from numpy.typing import NDArray

from core import __version__
from core.progress import Report
from core.schema import S1_BANDS, S2_BANDS
from core.simulate.backscatter import RadarScene
from core.simulate.calendar import Dates
from core.simulate.reflectance import Surface
from core.simulate.sentinel1 import acquisition_days, radar_images
from core.simulate.sentinel2 import overpass_days, scenes
from core.simulate.spec import PIXEL_M, Cover
from core.simulate.state import HiddenState

LICENCE = "CC0-1.0"
PROVENANCE = "Simulated by Fluxscape; no measurement of any real place"

Pixels32 = NDArray[np.float32]


@dataclass(frozen=True)
class Observed:
    """One sensor's observed and noise-free values on its dates."""

    dates: Dates  # (times,) of `observed`
    observed: Pixels32  # (bands, times, size, size)
    true_dates: Dates  # (clear times,) of `true`, the dates on which something was seen
    true: Pixels32  # (bands, clear times, size, size)


def observe_optical(state: HiddenState, report: Report) -> Observed:
    """All Sentinel-2 overpasses; `report` is told the share done."""
    size = state.landscape.size
    days = overpass_days(state.spec, state.weather, seed=state.seed)
    surface = Surface(state.weather, state.units, state.growth, state.pixels)
    observed = np.full((len(S2_BANDS), len(days), size, size), np.nan, dtype=np.float32)
    seen, true = [], []
    for turn, scene in enumerate(scenes(state.spec, state.weather, surface, days, size, seed=state.seed)):
        report(turn / len(days))
        if scene is not None:
            observed[:, turn] = scene.observed
            seen.append(scene.day)
            true.append(scene.true.astype(np.float32))
    dates = state.calendar.dates
    shape = (len(S2_BANDS), 0, size, size)
    stacked = np.stack(true, axis=1) if true else np.empty(shape, dtype=np.float32)
    return Observed(dates[days], observed, dates[seen], stacked)


def observe_radar(state: HiddenState, report: Report) -> Observed:
    """All Sentinel-1 acquisitions; `report` is told the share done."""
    size = state.landscape.size
    days = acquisition_days(state.spec, state.weather, seed=state.seed)
    radar = RadarScene(state.spec, state.weather, state.units, state.growth, state.pixels, seed=state.seed)
    observed, true = np.empty((2, len(S1_BANDS), len(days), size, size), dtype=np.float32)
    images = radar_images(state.spec, state.weather, radar, days, size, seed=state.seed)
    for turn, image in enumerate(images):
        report(turn / len(days))
        observed[:, turn], true[:, turn] = image.observed, image.true
    dates = state.calendar.dates[days]
    return Observed(dates, observed, dates, true)


def grid(state: HiddenState) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixel centres y (north to south) and x in metres, the tower in the middle, on Sentinel-2's 20 m raster."""
    size, spec = state.landscape.size, state.spec
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{spec.epsg}", always_xy=True)
    raster = 2 * PIXEL_M
    east, north = (raster * round(metres / raster) for metres in to_utm.transform(spec.lon, spec.lat))
    steps = (np.arange(size) - size / 2 + 0.5) * PIXEL_M
    return north - steps, east + steps


def site_cube(state: HiddenState, optical: Observed, radar: Observed) -> xr.Dataset:
    """The cube of a simulated site, with its land-cover map."""
    y, x = grid(state)
    data = {band: (("time", "y", "x"), optical.observed[i], {"units": "1"}) for i, band in enumerate(S2_BANDS)}
    data |= {band: (("s1_time", "y", "x"), radar.observed[i], {"units": "dB"}) for i, band in enumerate(S1_BANDS)}
    covers = list(Cover)
    flags = {
        "flag_values": np.array([cover.code for cover in covers], dtype=np.uint8),
        "flag_meanings": " ".join(covers),
    }
    landcover = (("y", "x"), state.landscape.cover_code.astype(np.uint8), flags)
    coords = {
        "time": optical.dates.astype("datetime64[ns]"),
        "s1_time": radar.dates.astype("datetime64[ns]"),
        "y": ("y", y, {"units": "m"}),
        "x": ("x", x, {"units": "m"}),
    }
    attrs = {
        "crs": f"EPSG:{state.spec.epsg}",
        "site": state.spec.id,
        "title": state.spec.title,
        "simulated": 1,
        "licence": LICENCE,
        "provenance": f"{PROVENANCE} (seed {state.seed})",
        "version": __version__,
    }
    return xr.Dataset(data | {"landcover": landcover}, coords=coords, attrs=attrs)
