"""Clouds over one scene: where they are, where their shadows fall, and what a cloud mask finds of both."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import binary_dilation

from core.simulate.arrays import Bools
from core.simulate.astronomy import SunPosition
from core.simulate.rng import smooth_field

CLEAR_BELOW = 0.12  # cloud share of the day under which a scene has no cloud at all
OVERCAST_ABOVE = 0.80  # and above which it is hidden
SHADOW_FOUND = 0.85  # share of the scenes in which the mask finds the shadows
CLOUD_FOUND = 0.998  # share of cloudy pixels the mask finds
LONGEST_SHADOW = 14  # pixels from a cloud to its shadow
MARGIN = LONGEST_SHADOW + 2  # pixels around the scene in which clouds are drawn too: their shadows may reach into it


class CloudMask(NamedTuple):
    """One scene's clouds, each (size, size)."""

    cloud: Bools  # truly cloudy
    shadow: Bools  # truly in shadow
    masked: Bools  # what the mask took away: most of both, with a margin

    @property
    def clear(self) -> Bools:
        return ~self.masked


def scene_cloud_share(day_share: float) -> float:
    """Cloud share of the few hundred metres around the tower from that of the whole sky: mostly none or all."""
    if day_share < CLEAR_BELOW:
        return 0.0
    if day_share > OVERCAST_ABOVE:
        return 1.0
    return (day_share - 0.08) * 1.15


def cloud_mask(rng: np.random.Generator, size: int, share: float, sun: SunPosition) -> CloudMask:
    """Clouds that cover `share` (below 1) of a scene, with shadows thrown away from the sun."""
    if share <= 0:
        nothing = np.zeros((size, size), dtype=bool)
        return CloudMask(nothing, nothing, nothing)
    wide = size + 2 * MARGIN
    inside = (slice(MARGIN, -MARGIN),) * 2
    field = smooth_field(rng, wide, rng.uniform(5, 14)) + 0.35 * smooth_field(rng, wide, 2)
    cloud = field > np.quantile(field[inside], 1 - share)
    shadow = shadow_of(cloud, sun, length=min(3 + rng.exponential(4), LONGEST_SHADOW)) & ~cloud
    masked = binary_dilation(cloud, iterations=2) & (rng.random((wide, wide)) < CLOUD_FOUND)
    if rng.random() < SHADOW_FOUND:
        masked |= binary_dilation(shadow, iterations=1)
    return CloudMask(cloud[inside], shadow[inside], masked[inside])


def shadow_of(cloud: Bools, sun: SunPosition, *, length: float) -> Bools:
    """Where clouds throw their shadow: `length` pixels away from the sun; what leaves one edge enters at the other."""
    azimuth = np.radians(float(sun.azimuth))
    south, east = length * np.cos(azimuth), -length * np.sin(azimuth)
    return np.roll(cloud, (int(np.rint(south)), int(np.rint(east))), axis=(0, 1))
