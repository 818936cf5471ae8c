"""Site cubes on disk as prepared frames, for training and evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from models.checks import InputError
from models.inputs import OPTICAL, RADAR, Floats, Frames, days_of, prepare, scale_backscatter, scale_reflectance
from models.presets import S1_BANDS, S2_BANDS
from models.sensors import get_sensor

CUBE_FOLDER = "cube.zarr"  # what a site folder calls its cube
SENTINELS = (RADAR, OPTICAL)  # read from every cube that holds them
TRUTH = Path("truth/state.zarr")  # beside a simulated cube: what sensors would have seen without noise


class Cube(NamedTuple):
    """One site, prepared."""

    name: str
    sensors: dict[str, Frames]
    truth: Mapping[str, Floats] = MappingProxyType({})  # as the sensors' frames, NaN where it is not known


def find_cubes(folder: Path) -> list[Path]:
    """Every site cube below `folder`, or `folder` itself where it is one; drafts are left out."""
    found = [folder] if folder.name == CUBE_FOLDER else sorted(folder.rglob(CUBE_FOLDER))
    whole = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not whole:
        raise InputError(f"cubes: {folder} holds no {CUBE_FOLDER}; give a workspace, or a folder of site folders")
    return whole


def read_cubes(paths: Sequence[Path], sensors: Sequence[str] = SENTINELS) -> list[Cube]:
    """Read and prepare cubes, in memory, each with the truth where it is simulated."""
    return [with_truth(read_cube(path, sensors), path) for path in paths]


def read_cube(path: Path, sensors: Sequence[str] = SENTINELS) -> Cube:
    """Read and prepare one cube in the site-cube layout: bands by name on (time, y, x) and (s1_time, y, x).

    The two Sentinels are always read; `sensors` may name registered ones beside them. What a site lacks is left out.
    """
    import xarray as xr

    try:
        with xr.open_zarr(path, chunks=None, consolidated=False) as dataset:
            missing = [band for band in S2_BANDS if band not in dataset]
            if missing:
                raise InputError(
                    f"cubes: {path} lacks the bands {', '.join(missing)} and holds "
                    f"{', '.join(sorted(map(str, dataset.data_vars))) or 'none'}; rename its bands, or give a site cube"
                )
            radar = all(band in dataset for band in S1_BANDS)
            optical = _stacked(dataset, S2_BANDS)
            if not np.isfinite(optical).any():
                raise InputError(f"cubes: {path} holds no valid optical value; check its cloud mask and fill value")
            found = prepare(
                optical,
                days_of(dataset["time"].values),
                _stacked(dataset, S1_BANDS) if radar else None,
                days_of(dataset["s1_time"].values) if radar else None,
            )
            for name in (name for name in sensors if name not in SENTINELS):
                further = get_sensor(name, others=SENTINELS).read(path.parent, dataset, found[OPTICAL])
                if further is not None:
                    found[name] = further
    except (OSError, ValueError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cubes: {path} cannot be read as a site cube ({error}); make it again") from error
    return Cube(path.parent.name, found)


def with_truth(cube: Cube, path: Path) -> Cube:
    """The cube at `path` with what lies beside it of a simulation: noise-free frames on the dates of its own."""
    import xarray as xr

    if not (path.parent / TRUTH).exists():
        return cube
    with xr.open_zarr(path.parent / TRUTH, chunks=None, consolidated=False) as dataset:
        known = {OPTICAL: scale_reflectance(_on_days(dataset["reflectance"], "time", cube.sensors[OPTICAL].days))}
        if RADAR in cube.sensors:
            days = cube.sensors[RADAR].days
            known[RADAR] = scale_backscatter(_on_days(dataset["backscatter"], "s1_time", days))
    return cube._replace(truth=known)


def _on_days(truth: Any, axis: str, days: np.ndarray) -> Floats:
    """(band, time, H, W) -> (T, band, H, W) on these days, NaN where the truth holds none."""
    known = days_of(truth[axis].values)
    place = np.searchsorted(known, days).clip(0, len(known) - 1)
    values = truth.values[:, place].swapaxes(0, 1)
    return np.where((known[place] == days)[:, None, None, None], values, np.nan).astype(np.float32)


def band_statistics(cubes: Sequence[Cube], sensor: str) -> dict[str, list[float]]:
    """Mean and standard deviation of each band's scaled values, as a sensor's config asks for them."""
    frames = [cube.sensors[sensor].values for cube in cubes if sensor in cube.sensors]
    if not frames:
        raise InputError(f"cubes: none of the {len(cubes)} holds {sensor}; give sites that do")
    # One band at a time: a sensor that is alike at every pixel is small on disk, not when all bands are laid out.
    bands = [np.concatenate([values[:, band].ravel() for values in frames]) for band in range(frames[0].shape[1])]
    return {
        "mean": [round(float(np.nanmean(values, dtype=np.float64)), 3) for values in bands],
        "std": [round(float(np.nanstd(values, dtype=np.float64)), 3) for values in bands],
    }


def _stacked(dataset: Any, bands: Sequence[str]) -> np.ndarray:
    """Bands by name as one array (T, C, H, W)."""
    return np.stack([dataset[band].values for band in bands], axis=1).astype(np.float32)
