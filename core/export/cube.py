"""A run's embedding cube as Zarr."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from core.embedding.draft import EMBEDDING
from core.embedding.result import read_embedding
from core.export.aside import aside
from core.store import Run

GRID_MAPPING = "spatial_ref"  # where GDAL and rioxarray look for the CRS


def export_zarr(run: Run, path: Path, *, overwrite: bool = False) -> Path:
    """Write the run's cube with its trust layers to the folder `path`; returns it.

    The values are those of the run, byte for byte; added are the run's id, and the CRS by the CF conventions.
    """
    import zarr
    from pyproj import CRS

    path = Path(path)
    cube = read_embedding(run)
    with aside(path, overwrite=overwrite, ours=lambda old: (old / "zarr.json").is_file()) as draft:
        shutil.copytree(run.path / EMBEDDING, draft)
        group: Any = zarr.open_group(draft, mode="r+")
        group.attrs["run"] = run.id
        mapping = group.create_array(name=GRID_MAPPING, shape=(), dtype="int32", dimension_names=())
        y, x = (cube[axis].values.astype(float) for axis in ("y", "x"))
        mapping.attrs.update({**CRS.from_user_input(cube.attrs["crs"]).to_cf(), "GeoTransform": _transform(y, x)})
        for name in cube.data_vars:
            group[str(name)].attrs["grid_mapping"] = GRID_MAPPING
        with warnings.catch_warnings(action="ignore"):  # Zarr warns that version 3 has not settled this yet
            zarr.consolidate_metadata(draft)
    return path


def _transform(y: np.ndarray, x: np.ndarray) -> str:
    """The six numbers of GDAL: west, width, 0, north, 0, -height."""
    width = (x[-1] - x[0]) / (len(x) - 1) if len(x) > 1 else y[0] - y[1]
    height = (y[0] - y[-1]) / (len(y) - 1) if len(y) > 1 else width
    numbers = (x[0] - width / 2, width, 0.0, y[0] + height / 2, 0.0, -height)
    return " ".join(repr(float(number)) for number in numbers)
