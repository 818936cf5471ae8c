"""Where an embedding is to be doubted: too little was seen around it, too long ago, or too far apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is still trusted; each by the name of its trust layer."""

    context_share: float = 0.25  # of the window around it was seen, at least, 0..1
    days_since_clear: float = 40  # days, at most
    sensor_gap: float = 6  # days, at most: one repeat of a Sentinel satellite


def doubtful(trust: xr.Dataset, limits: Limits) -> NDArray[np.bool_]:
    """Which pixel-dates (time, y, x) break any of the limits, of the layers that are there.

    A first view has no earlier one, and is not doubted for it. Where radar saw nothing the two sensors are apart for
    ever, unless the whole cube was made without radar.
    """
    found: list[NDArray[np.bool_]] = []
    for name, limit in asdict(limits).items():
        if name not in trust:
            continue
        values = trust[name].values
        if name == "context_share":
            found.append(values < limit)
        elif name == "days_since_clear":
            found.append(values > limit)
        elif np.isfinite(values).any():
            found.append(~(values <= limit))
    shape = tuple(trust.sizes[axis] for axis in ("time", "y", "x"))
    return np.logical_or.reduce(found) if found else np.zeros(shape, bool)
