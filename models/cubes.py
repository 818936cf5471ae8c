"""Site cubes on disk as prepared frames, for training and evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from models.checks import InputError
from models.inputs import Frames, prepare
from models.presets import S1_BANDS, S2_BANDS

CUBE_FOLDER = "cube.zarr"  # what a site folder calls its cube


class Cube(NamedTuple):
    """One site, prepared."""

    name: str
    sensors: dict[str, Frames]


def find_cubes(folder: Path) -> list[Path]:
    """Every site cube below `folder`, or `folder` itself where it is one; drafts are left out."""
    found = [folder] if folder.name == CUBE_FOLDER else sorted(folder.rglob(CUBE_FOLDER))
    whole = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not whole:
        raise InputError(f"cubes: {folder} holds no {CUBE_FOLDER}; give a workspace, or a folder of site folders")
    return whole


def read_cubes(paths: Sequence[Path]) -> list[Cube]:
    """Read and prepare cubes, in memory."""
    return [read_cube(path) for path in paths]


def read_cube(path: Path) -> Cube:
    """Read and prepare one cube in the site-cube layout: bands by name on (time, y, x) and (s1_time, y, x)."""
    import xarray as xr

    try:
        with xr.open_zarr(path, chunks=None) as dataset:
            missing = [band for band in S2_BANDS if band not in dataset]
            if missing:
                raise InputError(f"cubes: {path} lacks the bands {', '.join(missing)}; give a site cube")
            radar = all(band in dataset for band in S1_BANDS)
            sensors = prepare(
                _stacked(dataset, S2_BANDS),
                _days(dataset["time"]),
                _stacked(dataset, S1_BANDS) if radar else None,
                _days(dataset["s1_time"]) if radar else None,
            )
    except (OSError, ValueError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cubes: {path} cannot be read as a site cube ({error}); make it again") from error
    return Cube(path.parent.name, sensors)


def _stacked(dataset: Any, bands: Sequence[str]) -> np.ndarray:
    """Bands by name as one array (T, C, H, W)."""
    return np.stack([dataset[band].values for band in bands], axis=1).astype(np.float32)


def _days(times: Any) -> np.ndarray:
    """Dates as days counted from 1970-01-01."""
    return times.values.astype("datetime64[D]").astype(np.int64)
