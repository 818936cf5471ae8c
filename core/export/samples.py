"""Sampled pixels of a run as a table with a geometry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.embedding.draft import FEATURES
from core.embedding.result import read_embedding
from core.export.aside import aside
from core.schema import InputError
from core.store import Run

if TYPE_CHECKING:
    import xarray as xr

BLOCK_VALUES = 2**24  # values read at once, 64 MB of float32


def export_samples(run: Run, path: Path, n: int = 1000, seed: int = 0, *, overwrite: bool = False) -> Path:
    """Write `n` pixels drawn at random, at every date they were seen, as GeoParquet; returns `path`.

    One row a pixel and date: `date`, `feature_0` and on, the trust layers, `row` and `col` in the cube, what made it,
    and as geometry the pixel's centre in the run's CRS. Fewer than n where fewer were ever seen.
    """
    if n < 1:
        raise InputError("n", n, "is no number of pixels", "give at least 1")
    path = Path(path)
    cube = read_embedding(run)
    rows, cols = _drawn(cube, n, seed)
    table = _table(cube, run, rows, cols)
    with aside(path, overwrite=overwrite, ours=lambda old: old.is_file() and old.suffix == path.suffix) as draft:
        table.to_parquet(draft, index=False)
    return path


def _drawn(cube: xr.Dataset, n: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the pixels, in the order of the cube; the same for a seed whatever the machine."""
    seen = np.zeros((cube.sizes["y"], cube.sizes["x"]), dtype=bool)
    for times, part in _blocks(cube):
        seen[part] |= np.isfinite(cube[FEATURES][0, times, part].values).any(axis=0)
    places = np.flatnonzero(seen)
    chosen = np.random.default_rng(seed).permutation(places)[:n]
    rows, cols = np.unravel_index(np.sort(chosen), seen.shape)
    return rows, cols


def _blocks(cube: xr.Dataset) -> Iterator[tuple[slice, slice]]:
    """Dates and rows of what is read at once."""
    size, dates, rows, cols = (cube.sizes[axis] for axis in ("feature", "time", "y", "x"))
    deep = max(1, min(rows, BLOCK_VALUES // (size * cols)))
    long = max(1, BLOCK_VALUES // (size * cols * deep))
    for row in range(0, rows, deep):
        for date in range(0, dates, long):
            yield slice(date, min(date + long, dates)), slice(row, min(row + deep, rows))


def _table(cube: xr.Dataset, run: Run, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Any:
    import geopandas as gpd
    import pandas as pd

    trust = [str(name) for name, layer in cube.data_vars.items() if layer.dims == ("time", "y", "x")]
    parts = []
    for times, part in _blocks(cube):
        own = (rows >= part.start) & (rows < part.stop)
        at = (rows[own] - part.start, cols[own])
        values = cube[FEATURES][:, times, part].values[..., *at]  # (D, dates, pixels)
        dates, pixels = np.nonzero(np.isfinite(values).all(axis=0))
        columns = {"date": cube["time"].values[times][dates]}
        columns |= {f"feature_{index}": layer[dates, pixels] for index, layer in enumerate(values)}
        columns |= {name: cube[name][times, part].values[..., *at][dates, pixels] for name in trust}
        parts.append(pd.DataFrame({**columns, "row": rows[own][pixels], "col": cols[own][pixels]}))
    table = pd.concat(parts, ignore_index=True).sort_values(["row", "col", "date"], ignore_index=True)
    said = {"site": run.spec.site, "run": run.id, "model": str(cube.attrs["model"])}
    table = table.assign(**{name: pd.Categorical([text] * len(table)) for name, text in said.items()})
    table["simulated"] = bool(cube.attrs["simulated"])
    centres = gpd.points_from_xy(cube["x"].values[table["col"]], cube["y"].values[table["row"]])
    return gpd.GeoDataFrame(table, geometry=centres, crs=cube.attrs["crs"])
