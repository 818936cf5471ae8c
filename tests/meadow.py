"""MEADOW: a site of three fields that differ from each other, so that what should be found is known beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from core.sources.embeddings.load import load_embedding
from core.store import Workspace

SIDE, WEST = 40, 12  # pixels; the western field is 12 columns wide: 480 pixels of 10 m, 4.8 ha
NORTH = 15  # rows of the northern of the two eastern fields


def meadow_in(folder: Path) -> Workspace:
    """A workspace in `folder` with an embedding of five dates and three values a pixel, loaded from a cube."""
    dice = np.random.default_rng(3)
    middles = np.zeros((3, SIDE, SIDE))
    middles[0, :, :WEST], middles[1, :NORTH, WEST:], middles[2, NORTH:, WEST:] = 1, 1, 1
    noise = 0.02 * dice.normal(size=(3, 5, SIDE, SIDE))
    cube = xr.Dataset(
        {"features": (("feature", "time", "y", "x"), (middles[:, None] + noise).astype(np.float32))},
        coords={
            "time": np.arange("2021-05-01", "2021-06-20", 10, "datetime64[D]").astype("datetime64[ns]"),
            "y": 5_538_115.0 - 10 * np.arange(SIDE),
            "x": 535_825.0 + 10 * np.arange(SIDE),
        },
        attrs={"crs": "EPSG:32632"},
    )
    cube.to_zarr(folder / "theirs.zarr", zarr_format=3, consolidated=False)
    space = Workspace(folder / "workspace")
    load_embedding(space, [folder / "theirs.zarr"], site="MEADOW", model="theirs")
    return space
