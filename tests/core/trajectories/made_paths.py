"""A path made by hand: a loop a year in three dimensions, every five days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.trajectories.paths import Path


def made_path(
    *, years: Sequence[int] = (2019, 2020, 2021), noise: float = 0.02, seed: int = 0, label: str = "here", **source: str
) -> Path:
    days = np.concatenate(
        [np.arange(np.datetime64(f"{year}-01-03"), np.datetime64(f"{year}-12-30"), 5) for year in years]
    )
    phase = 2 * np.pi * (days - days.astype("datetime64[Y]")).astype(float) / 365
    dice = np.random.default_rng(seed)
    values = np.stack([np.cos(phase), np.sin(phase), 0.3 * np.cos(2 * phase)], axis=1)
    values += dice.normal(0, noise, values.shape)
    said = {"model": "hand-3", "weights": "w1", "version": "1", "site": "HAND", "simulated": "yes"} | source
    return Path(
        label=label,
        days=days,
        values=values.astype(np.float32),
        seen=np.ones(len(days), np.float32),
        low_trust=np.zeros(len(days), bool),
        source=said,
        run="HAND-embedding-0",
    )
