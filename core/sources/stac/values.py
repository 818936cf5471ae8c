"""The numbers of a day's scenes become one image of reflectance or backscatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.schema import BACKSCATTER_RANGE, REFLECTANCE_RANGE, S1_BANDS, S2_BANDS
from core.sources.describe_grid import UNUSABLE_CLASSES
from core.sources.ingest.scenes import LEAST_POWER
from core.sources.ingest.words import SCENE_CLASSES
from core.sources.stac.assets import Scene
from core.sources.stac.cog import Floats

Read = Sequence[tuple[Scene, Mapping[str, Floats]]]  # scenes with their numbers by role, as they are stored


def optical(read: Read) -> NDArray[np.float32]:
    """Reflectance (band, y, x): each pixel from the first scene in which the ground is seen."""
    first = read[0][1][SCENE_CLASSES]
    out = np.full((len(S2_BANDS), *first.shape), np.nan, dtype=np.float32)
    taken = np.zeros(first.shape, dtype=bool)
    low, high = REFLECTANCE_RANGE
    for scene, images in read:
        classes = images[SCENE_CLASSES]
        seen = np.isfinite(classes) & ~np.isin(classes, UNUSABLE_CLASSES) & ~taken
        for band, role in enumerate(S2_BANDS):
            source, stored = scene.sources[role], images[role]
            values = (
                np.where(stored == 0, np.nan, stored) * source.scale + source.offset
            )  # 0 is no value in any of them
            fit = seen & (values >= low) & (values <= high)
            out[band][fit] = values[fit]
        taken |= seen & np.isfinite(out).any(axis=0)
    return out


def radar(read: Read) -> NDArray[np.float32]:
    """Backscatter (band, y, x) in dB: the mean of the day's scenes in linear power."""
    shape = next(iter(read[0][1].values())).shape
    out = np.full((len(S1_BANDS), *shape), np.nan, dtype=np.float32)
    for band, role in enumerate(S1_BANDS):
        total, count = np.zeros(shape), np.zeros(shape)
        for scene, images in read:
            if role in images:
                source = scene.sources[role]
                power = images[role].astype(float) * source.scale + source.offset
                known = np.isfinite(power) & (power > 0)
                total += np.where(known, power, 0)
                count += known
        with np.errstate(invalid="ignore", divide="ignore"):
            decibels = 10 * np.log10(np.maximum(total / count, LEAST_POWER))
        out[band] = np.clip(decibels, *BACKSCATTER_RANGE)
    return out
