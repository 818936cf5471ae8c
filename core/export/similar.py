"""A map of similarity for other programs: a cloud-optimised GeoTIFF that says what it is similar to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.clustering.agreement import transform_of
from core.export.aside import aside
from core.frames import Grid
from core.schema import InputError

TILE = 256  # pixels along the side of a tile within the file


def export_similarity(
    values: NDArray[np.float32], grid: Grid, path: Path, facts: Mapping[str, str], *, overwrite: bool = False
) -> Path:
    """Write similarity (rows, cols), NaN where it cannot be told; `facts` become tags of the file."""
    import rasterio

    path = Path(path).expanduser()
    if path.suffix.lower() not in (".tif", ".tiff"):
        raise InputError("path", str(path), "has an ending that does not fit", "use .tif")
    if not grid.crs:
        raise InputError("map", path.name, "has no CRS", "use an embedding that says where it lies")
    profile = {
        "driver": "COG",
        "count": 1,
        "height": grid.rows,
        "width": grid.cols,
        "dtype": "float32",
        "nodata": np.nan,
        "crs": grid.crs,
        "transform": transform_of(grid),
        "compress": "DEFLATE",
        "blocksize": TILE,
        "overview_resampling": "NEAREST",
    }
    same = path.suffix
    with (
        aside(path, overwrite=overwrite, ours=lambda old: old.is_file() and old.suffix == same) as draft,
        rasterio.open(draft, "w", **profile) as tiff,
    ):
        tiff.write(values.astype(np.float32), 1)
        tiff.set_band_description(1, "similarity, up to 1: the same")
        tiff.update_tags(fluxscape="similarity", **facts)
    return path
