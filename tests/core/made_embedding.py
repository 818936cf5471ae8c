"""A small embedding cube made by hand, and the same published as a run, as the engine would leave it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from core.embedding.draft import EMBEDDING
from core.embedding.result import KIND
from core.schema import RunSpec
from core.sources.grids import write_zarr
from core.store import Run, Workspace

ROWS, COLS, DATES, SIZE = 12, 10, 4, 3
NORTH, WEST = 5_538_120.0, 535_820.0  # of the pixels' outer edges; the place of the site SMALL of `small_site`


def made_cube(*, size: int = SIZE, dates: int = DATES, rows: int = ROWS, cols: int = COLS) -> xr.Dataset:
    """Values that differ everywhere; date 1 is half cloudy, one corner is never seen; two trust layers."""
    values = np.random.default_rng(7).gamma(2, 0.5, (size, dates, rows, cols)).astype(np.float32)
    values[:, 1:2, : rows // 2] = np.nan
    values[:, :, :2, :2] = np.nan
    seen = np.isfinite(values[0])
    share = np.where(seen, np.float32(0.75), np.float32(0.25))
    gap = np.full(seen.shape, 3, np.float32)
    gap[0] = np.nan
    return xr.Dataset(
        {
            "features": (("feature", "time", "y", "x"), values, {"long_name": "embedding", "units": "1"}),
            "context_share": (("time", "y", "x"), share, {"long_name": "share of the window", "units": "1"}),
            "sensor_gap": (("time", "y", "x"), gap, {"long_name": "days between the views", "units": "day"}),
        },
        coords={
            "feature": np.arange(size),
            "time": pd.date_range("2021-05-01", periods=dates, freq="5D", unit="ns"),
            "y": NORTH - 5 - 10 * np.arange(rows, dtype=float),
            "x": WEST + 5 + 10 * np.arange(cols, dtype=float),
        },
        attrs={
            "site": "SMALL",
            "title": "A small site",
            "crs": "EPSG:32632",
            "simulated": 1,
            "licence": "CC0-1.0",
            "provenance": "Made by hand.",
            "model": "hand-3",
            "preset": "compact",
            "weights_digest": "0123456789abcdef",
            "input_digest": "fedcba9876543210",
            "version": "0.1.0",
            "sensors": "s1 s2",
        },
    )


def publish(workspace: Workspace, cube: xr.Dataset) -> Run:
    """The cube as an embedding run of the site it names."""
    spec = RunSpec(kind=KIND, site=cube.attrs["site"], input_digest=cube.attrs["input_digest"], version="0.1.0")
    with workspace.draft_run(spec, {"model": cube.attrs["model"]}, resume=False) as folder:
        write_zarr(cube, folder / EMBEDDING)
    return workspace.run(spec.id)
