"""Independent random streams, one per named component.

A component draws from a stream of its own, so that changing one (say, more cloud fields) leaves all others as they are.
"""

import zlib

import numpy as np
from scipy.ndimage import gaussian_filter

from core.simulate.arrays import Floats


def child(seed: int, *names: object) -> np.random.Generator:
    """The stream of the component `names` under `seed`; the same on every machine and in every process."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode()) for name in names)])


def smooth_field(rng: np.random.Generator, size: int, scale: float) -> Floats:
    """Random field (size, size) of mean 0 and standard deviation 1, smooth over about `scale` pixels."""
    field = gaussian_filter(rng.normal(size=(size, size)), scale, mode="reflect")
    return (field - field.mean()) / field.std()
