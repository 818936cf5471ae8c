"""Embeddings made by hand: three kinds of land with seasons of their own, clouds that come and go."""

from __future__ import annotations

import numpy as np
import xarray as xr

from core.embedding.draft import EMBEDDING
from core.embedding.result import KIND
from core.schema import RunSpec
from core.sources.grids import write_zarr
from core.store import Run, Workspace

DIMS, SIDE = 4, 18


def kinds(side: int = SIDE) -> np.ndarray:
    """1 above, 2 below left, 3 below right: half, a quarter and a quarter."""
    land = np.ones((side, side), int)
    land[side // 2 :, : side // 2] = 2
    land[side // 2 :, side // 2 :] = 3
    return land


def made(
    *,
    dates: int = 24,
    side: int = SIDE,
    cloud: float = 0.4,
    noise: float = 0.1,
    seed: int = 0,
    year: int = 2021,
    **attrs,
) -> xr.Dataset:
    dice = np.random.default_rng(seed)
    land = kinds(side)
    days = np.datetime64(f"{year}-01-03", "D") + np.arange(dates) * (360 // dates)
    phase = 2 * np.pi * np.arange(dates)[:, None, None] / dates
    level = np.array([0.0, 0.6, -0.6])[land - 1]
    swing = np.array([0.2, 1.0, 0.5])[land - 1]
    layers = [level * (dim == 0) + swing * np.sin(phase + dim + land) for dim in range(DIMS)]
    values = np.stack(layers) + dice.normal(0, noise, (DIMS, dates, side, side))
    values[:, dice.random((dates, side, side)) < cloud] = np.nan
    said = {
        "crs": "EPSG:32632", "site": "HAND", "simulated": 1, "model": "hand-4", "weights_digest": "w1", "version": "1",
        "window_s2": "5 dates, 15 pixels",
    }  # fmt: skip
    return xr.Dataset(
        {"features": (("feature", "time", "y", "x"), values.astype(np.float32))},
        coords={
            "feature": np.arange(DIMS),
            "time": days.astype("datetime64[ns]"),
            "y": 5_538_115.0 - 10 * np.arange(side),
            "x": 535_825.0 + 10 * np.arange(side),
        },
        attrs=said | attrs,
    )


def publish(space: Workspace, cube: xr.Dataset) -> Run:
    """`cube` as a run of its site."""
    parameters = {"weights": cube.attrs["weights_digest"], "dates": str(cube["time"].values[[0, -1]])}
    site = cube.attrs["site"]
    spec = RunSpec(kind=KIND, site=site, input_digest="0" * 16, version="1", parameters=parameters)
    with space.draft_run(spec, {"model": cube.attrs["model"]}) as folder:
        write_zarr(cube, folder / EMBEDDING)
    return space.run(spec.id)
