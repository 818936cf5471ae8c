"""An embedding as red, green and blue: its principal components, or any three of its dimensions.

Colours are decided once for a whole cube, on a sample of it, so that the same colour means the same at every date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embedding.sample import Sample
from core.frames import Channel
from core.schema import InputError

PRINCIPAL = "principal components"
SPAN = (1.0, 99.0)  # %, what the brightness of a colour spans: what lies beyond saturates
STEEPEST = 3.0  # gamma of a colour, at most: how far a long tail may bend its brightness
OUTLIERS = 0.01  # of the sample, the furthest from its middle: leftover cloud and its shadow decide no axis

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Colours:
    """What red, green and blue are of an embedding."""

    label: str
    note: str  # a sentence on what the colours are; may be empty
    centre: Floats  # (D,)
    axes: Floats  # (D, 3)
    channels: tuple[Channel, ...]  # three: name, and the values that are darkest and brightest

    def scores(self, features: Floats) -> Floats:
        """What red, green and blue stand for: (D, ...) -> (3, ...), NaN where an embedding is missing."""
        flat = features.reshape(features.shape[0], -1)
        moved = self.axes.T @ flat - (self.axes.T @ self.centre)[:, None]
        return np.asarray(moved.reshape(3, *features.shape[1:]), np.float32)


def principal(sample: Sample) -> Colours:
    """The three directions along which the sample varies most.

    Turning, mirroring or shifting the whole embedding leaves the picture as it is: each direction points to where the
    sample's longer tail lies.
    """
    centre, axes, parts = _components(sample.values.astype(np.float64))
    names = [f"PC{place + 1}" for place in range(3)]
    shares = ", ".join(f"{name} {100 * part:.0f} %" for name, part in zip(names, parts, strict=True))
    return _stretched(sample, PRINCIPAL, f"Of what varies in this embedding: {shares}.", centre, axes, names)


def chosen(sample: Sample, dims: Sequence[int]) -> Colours:
    """Three dimensions, counted from 0, as they are; one may stand for two colours."""
    for dim in dims:
        if not 0 <= dim < sample.dims:
            raise InputError("dimension", dim + 1, "is not in this embedding", f"choose from 1 to {sample.dims}")
    axes = np.zeros((sample.dims, 3))
    axes[list(dims), range(3)] = 1
    names = [f"dim {dim + 1}" for dim in dims]
    label = f"dimensions {', '.join(str(dim + 1) for dim in dims)}"
    return _stretched(sample, label, "", np.zeros(sample.dims), axes, names)


def limits(values: NDArray[np.floating]) -> tuple[float, float]:
    """Robust ends of a stretch, never equal."""
    low, high = (float(limit) for limit in np.percentile(values, SPAN)) if values.size else (0.0, 0.0)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


# ---------------------------------------------------------------- inside
def _channel(name: str, scores: NDArray[np.floating]) -> Channel:
    """One colour of the picture: half bright in the middle of the sample, so that a long tail leaves it no dark one."""
    low, high = limits(scores)
    middle = (float(np.median(scores)) - low) / (high - low) if scores.size else 0.5
    gamma = np.log(np.clip(middle, 0.01, 0.99)) / np.log(0.5)
    return Channel(name, low, high, gamma=float(np.clip(gamma, 1 / STEEPEST, STEEPEST)))


def _components(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Centre (D,), the first three axes (D, 3), zero where there are fewer, and their parts of the variance (3,)."""
    if len(values) < 2:
        raise InputError("embedding", len(values), "clear pixel-dates are too few to colour", "choose another run")
    values = _without_outliers(values)
    centre = values.mean(axis=0)
    variance, directions = np.linalg.eigh(np.cov(values - centre, rowvar=False).reshape(values.shape[1], -1))
    order = np.argsort(variance)[::-1][:3]
    axes, parts = np.zeros((values.shape[1], 3)), np.zeros(3)
    axes[:, : len(order)] = directions[:, order]
    parts[: len(order)] = variance[order].clip(0) / max(variance.clip(0).sum(), np.finfo(float).tiny)
    tails = (((values - centre) @ axes) ** 3).sum(axis=0)
    return centre, axes * np.where(tails < 0, -1, 1), parts


def _without_outliers(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sample but for those furthest from its mean."""
    distance = np.linalg.norm(values - values.mean(axis=0), axis=1)
    return values[distance <= np.quantile(distance, 1 - OUTLIERS)]


def _stretched(
    sample: Sample,
    label: str,
    note: str,
    centre: NDArray[np.float64],
    axes: NDArray[np.float64],
    names: Sequence[str],
) -> Colours:
    scores = (sample.values - centre) @ axes
    channels = tuple(_channel(name, scores[:, place]) for place, name in enumerate(names))
    middle, directions = centre.astype(np.float32), axes.astype(np.float32)
    return Colours(label=label, note=note, centre=middle, axes=directions, channels=channels)
