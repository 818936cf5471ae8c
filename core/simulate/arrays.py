"""Array types and the few shapes of response that recur everywhere in the simulator."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Values = Floats | Ints | float  # what arithmetic takes


def clip(value: Values, low: Values, high: Values) -> Floats:
    """`np.clip` without its checks, which cost more than the work on the short arrays of a day."""
    return np.minimum(np.maximum(value, low), high)


def ramp(value: Values, start: Values, end: Values) -> Floats:
    """0 up to `start`, 1 from `end` on, straight in between; falls from 1 to 0 where `end` lies below `start`."""
    return clip(np.subtract(value, start) / np.subtract(end, start), 0.0, 1.0)


def ramp_at(value: float, start: float, end: float) -> float:
    """`ramp` of one number."""
    return min(max((value - start) / (end - start), 0.0), 1.0)


def logistic(value: Values, middle: Values, width: Values) -> Floats:
    """Smooth rise from 0 to 1 around `middle`; about 80 % of it happens within 2.2 widths either side."""
    position = np.subtract(value, middle) / width
    return 1.0 / (1.0 + np.exp(np.clip(-position, -60.0, 60.0)))


def autoregressive(noise: Floats, *, memory: float) -> Floats:
    """Unit-variance AR(1) series from white noise of unit variance; `memory` is the correlation from day to day."""
    series = np.empty_like(noise)
    series[0] = noise[0]
    gain = np.sqrt(1.0 - memory**2)
    for day in range(1, len(noise)):
        series[day] = memory * series[day - 1] + gain * noise[day]
    return series
