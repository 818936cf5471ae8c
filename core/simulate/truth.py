"""The truth of a site as a dataset of its own, kept apart from everything a model may learn from."""

import numpy as np
import xarray as xr

from core.schema import S1_BANDS, S2_BANDS
from core.simulate.arrays import Floats
from core.simulate.growth.crop_calendar import CROPS
from core.simulate.seasons import season_dates
from core.simulate.state import HiddenState

DAILY = ("patch", "day")
SEASONAL = ("patch", "year")


def truth_dataset(
    state: HiddenState, tower_gpp: Floats, reflectance: xr.DataArray, backscatter: xr.DataArray
) -> xr.Dataset:
    """Hidden state by patch and day, and what the sensors would have seen without noise.

    `tower_gpp` (days,) is the footprint's true uptake, spin-up included; `reflectance` (band, time, y, x) and
    `backscatter` (band, s1_time, y, x) carry the coordinates.
    """
    calendar, recorded = state.calendar, state.calendar.recorded
    by_patch = _by_patch(state)
    daily = {name: (DAILY, values[:, recorded], attrs) for name, (values, attrs) in by_patch.items()}
    seasons = season_dates(by_patch["leaf_area"][0], calendar)
    coords = {
        "patch": np.arange(1, len(state.landscape.covers) + 1),
        "day": calendar.dates[recorded].astype("datetime64[ns]"),
        "year": np.array(calendar.recorded_years),
        "cover": ("patch", np.array([str(cover) for cover in state.landscape.covers])),
    }
    maps = {
        "patch_map": (("y", "x"), state.landscape.patch.astype(np.int16), {"long_name": "patch number"}),
        "footprint": (("y", "x"), state.footprint.mean.astype(np.float32), {"long_name": "mean share of tower flux"}),
        "crop": (("year", "y", "x"), _crop_map(state), _crop_flags()),
    }
    seasonal = {
        f"season_{name}": (SEASONAL, dates.astype("datetime64[ns]")) for name, dates in seasons._asdict().items()
    }
    tower = {"tower_gpp": ("day", tower_gpp[recorded].astype(np.float32), {"units": "gC m-2 d-1"})}
    dataset = xr.Dataset(daily | maps | seasonal | tower, coords=coords)
    dataset = dataset.assign(reflectance=reflectance, backscatter=backscatter)
    return dataset.assign_attrs(site=state.spec.id, simulated=1, note="truth of a simulation: never a feature")


def _by_patch(state: HiddenState) -> dict[str, tuple[Floats, dict[str, str]]]:
    """Daily values (patches, days) float32 with their attributes; water and capacity are those of the plants."""
    weights, history = state.patch_weights, state.growth.history
    plants = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    values = {
        "gpp": (weights @ state.gpp, "gC m-2 d-1", "true gross primary production"),
        "leaf_area": (weights @ history.green, "m2 m-2", "green leaf area index"),
        "water_stress": (plants @ (1 - history.supply), "1", "unmet share of water demand"),
        "capacity": (plants @ history.capacity, "1", "photosynthetic capacity over its best"),
    }
    return {
        name: (data.astype(np.float32), {"units": unit, "long_name": words})
        for name, (data, unit, words) in values.items()
    }


def _crop_map(state: HiddenState) -> np.ndarray:
    """Crop harvested in each year, (years, y, x) uint8, 0 = none."""
    crop = state.growth.crop_of_year[state.pixels.main].T
    return crop.reshape(-1, state.landscape.size, state.landscape.size).astype(np.uint8)


def _crop_flags() -> dict[str, object]:
    names = ["none", *(crop.name for crop in CROPS[1:])]
    return {
        "flag_values": np.arange(len(names), dtype=np.uint8),
        "flag_meanings": " ".join(name.replace(" ", "_") for name in names),
    }


def band_arrays(values: np.ndarray, times: np.ndarray, y: Floats, x: Floats, *, radar: bool) -> xr.DataArray:
    """Values (band, time, y, x) with the coordinates of the site cube."""
    axis, bands = ("s1_time", S1_BANDS) if radar else ("time", S2_BANDS)
    name = "polarisation" if radar else "band"
    coords = {name: list(bands), axis: times.astype("datetime64[ns]"), "y": y, "x": x}
    return xr.DataArray(values, dims=(name, axis, "y", "x"), coords=coords)
