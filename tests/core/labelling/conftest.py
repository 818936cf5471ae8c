"""A hand-made embedding with three kinds of land, and labels on it."""

from __future__ import annotations

import numpy as np
import pytest

from core.clustering.features import PixelFeatures, read_features
from core.frames import Grid
from core.labelling.labels import Labels
from tests.core.made_land import made

SIDE = 60


def centre(grid: Grid, row: int, column: int) -> tuple[float, float]:
    return grid.x + column * grid.pixel_width, grid.y - row * grid.pixel_height


@pytest.fixture(scope="session")
def features() -> PixelFeatures:
    """60 x 60 pixels: 1 above, 2 below left, 3 below right; one corner never seen."""
    cube = made(side=SIDE, dates=12, cloud=0.2)
    cube["features"][:, :, :3, :3] = np.nan
    return read_features(cube)


@pytest.fixture
def labels(features) -> Labels:
    """Points of three classes, all over their land."""
    grid, dice = features.grid, np.random.default_rng(0)
    found = Labels(site="HAND", crs=grid.crs)
    for name, rows, columns in (
        ("forest", (4, 29), (4, 58)),
        ("meadow", (31, 58), (1, 28)),
        ("crop", (31, 58), (31, 58)),
    ):
        for _ in range(8):
            place = centre(grid, int(dice.integers(*rows)), int(dice.integers(*columns)))
            found = found.add(name, "Point", [place], grid=grid)
    return found
