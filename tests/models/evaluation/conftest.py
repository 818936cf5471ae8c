"""Places made by hand, whose answers are known, and a small model to embed them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.compact_fusion import CompactFusion
from models.cubes import Cube
from models.evaluation.places import Place
from models.inputs import OPTICAL, RADAR, Frames
from tests.small_models import small_compact

FRAMES, SIDE = 12, 20


@pytest.fixture(scope="session")
def model() -> CompactFusion:
    """Random weights, but the sensors and bands of the preset."""
    return small_compact()


@pytest.fixture
def make_place() -> Callable[..., Place]:
    """Two covers side by side that differ in every band; noise on what is seen, none on the truth."""

    def make(*, seed: int = 0, noise: float = 0.01, cloudy: float = 0.1, name: str = "place") -> Place:
        dice = np.random.default_rng(seed)
        cover = np.repeat([[1, 2]], SIDE // 2, axis=1).repeat(SIDE, axis=0)
        days = np.datetime64("2021-04-10").astype(int) + 15 * np.arange(FRAMES)
        truth, sensors = {}, {}
        for sensor, bands in ((OPTICAL, 10), (RADAR, 2)):
            level = 0.2 + 0.1 * dice.random((1, bands, 1, 1)) + 0.1 * (cover == 2)
            truth[sensor] = np.broadcast_to(level, (FRAMES, bands, SIDE, SIDE)).astype(np.float32)
            seen = truth[sensor] + noise * dice.normal(size=truth[sensor].shape)
            if sensor == OPTICAL:
                seen = np.where(dice.random((FRAMES, 1, SIDE, SIDE)) < cloudy, np.nan, seen)
            sensors[sensor] = Frames(seen.astype(np.float32), days)
        return Place(Cube(name, sensors, truth), cover, {1: "wood", 2: "meadow"}, sensors[RADAR].values)

    return make
