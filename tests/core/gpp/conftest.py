"""Towers made up for the tests of GPP models: uptake that follows greenness times radiation, with noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.gpp.frames import Frame, Frames
from core.gpp.windows import Samples, make_samples

GROUPS = {"NIRv": "indices", "red": "bands", "radiation": "weather", "temperature": "weather"}
CLASSES = ("DBF", "GRA", "DBF", "CRO")


def made_up(*, sites: int = 4, years: int = 3, every: int = 6, seed: int = 0, noise: float = 0.6) -> Frames:
    """Towers whose greenness is seen on every `every`-th day and whose uptake is known as often."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2019-01-01", periods=365 * years, freq="D", name="time")
    season = (1 - np.cos(2 * np.pi * (days.dayofyear.to_numpy() - 15) / 365)) / 2
    frames = []
    for turn in range(sites):
        weather = np.convolve(rng.normal(size=len(days) + 20), np.ones(10) / 3, "same")[: len(days)]
        radiation = 4 + 16 * season * rng.uniform(0.4, 1.1, len(days))
        temperature = 2 + 16 * season + 2 * weather
        green = 0.05 + (0.2 + 0.05 * turn) * season**1.5 * (1 + 0.15 * weather)
        gpp = 1.6 * green * radiation * np.clip(temperature / 15, 0, 1.2) + rng.normal(0, noise, len(days))
        seen = np.arange(len(days)) % every == turn % every
        features = pd.DataFrame(
            {
                "NIRv": np.where(seen, green + rng.normal(0, 0.01, len(days)), np.nan),
                "red": np.where(seen, 0.08 - 0.1 * green + rng.normal(0, 0.005, len(days)), np.nan),
                "radiation": radiation,
                "temperature": temperature,
            },
            index=days,
        )
        target = pd.Series(np.where(seen, gpp, np.nan), index=days)
        frames.append(
            Frame(
                site=f"T{turn}",
                features=features,
                target=target,
                quality=pd.Series(0.9, index=days),
                igbp=CLASSES[turn % len(CLASSES)],
            )
        )
    return Frames(frames=tuple(frames), groups=dict(GROUPS), nirv="NIRv", radiation="radiation")


@pytest.fixture(scope="session")
def frames() -> Frames:
    return made_up()


@pytest.fixture(scope="session")
def samples(frames) -> Samples:
    """About 730 days of four towers, with windows of ten days."""
    return make_samples(frames, 10)
