"""Sentinel-1 acquisitions: every six days with two satellites, every twelve with one, each with its speckle."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter

from core.simulate.arrays import Floats
from core.simulate.backscatter import RadarScene
from core.simulate.rng import child
from core.simulate.spec import SiteSpec
from core.simulate.weather import Weather

REPEAT_DAYS = 6  # with both satellites, 12 with one
SENTINEL_1B_LOST = "2021-12-23"
LOOKS = 5  # independent images averaged
SPECKLE_CORRELATION = 0.72  # pixels
BLUR = 0.5  # pixels
CALIBRATION = 0.025  # log10 of power, 1 sd: 0.25 dB from date to date
THERMAL_NOISE = (0.0009, 0.0013)  # linear power left in VV and VH
LEAST_POWER = 1e-5  # -50 dB


class RadarImage(NamedTuple):
    """One date; each (2, size, size) in dB, VV then VH."""

    day: int  # position in the calendar
    observed: Floats
    true: Floats


def acquisition_days(spec: SiteSpec, weather: Weather, *, seed: int) -> list[int]:
    """Positions in the calendar of every acquisition of the recorded years."""
    calendar = weather.calendar
    first = calendar.recorded.start + int(child(seed, spec.id, "sentinel-1 orbit").integers(REPEAT_DAYS))
    lost = calendar.index(SENTINEL_1B_LOST)
    every = range(first, calendar.recorded.stop, REPEAT_DAYS)
    return [day for turn, day in enumerate(every) if day < lost or turn % 2 == 0]


def radar_images(
    spec: SiteSpec, weather: Weather, radar: RadarScene, days: list[int], size: int, *, seed: int
) -> Iterator[RadarImage]:
    """The image of each acquisition; every date has its own stream."""
    for day in days:
        rng = child(seed, spec.id, "sentinel-1", weather.calendar.dates[day])
        true = np.stack(radar.pixels(day)).reshape(2, size, size)
        yield RadarImage(day, decibel(_observed(true, rng)), decibel(true))


def decibel(power: Floats) -> Floats:
    """Linear power in dB."""
    return 10 * np.log10(np.maximum(power, LEAST_POWER))


def _observed(true: Floats, rng: np.random.Generator) -> Floats:
    """Linear power (2, size, size) with calibration error, thermal noise, blur and speckle."""
    noise = np.array(THERMAL_NOISE)[:, None, None]
    image = true * 10 ** (CALIBRATION * rng.normal()) + noise
    return gaussian_filter(image, (0, BLUR, BLUR)) * speckle(rng, true.shape[-1], channels=len(true))


def speckle(rng: np.random.Generator, size: int, *, channels: int) -> Floats:
    """Multiplicative noise (channels, size, size) of mean 1: gamma-like, correlated between neighbours."""
    parts = rng.normal(size=(channels, 2 * LOOKS, size, size))  # real and imaginary part of every look
    parts = gaussian_filter(parts, (0, 0, SPECKLE_CORRELATION, SPECKLE_CORRELATION), mode="wrap")
    return (parts**2).mean(axis=1) / _filtered_variance()


def _filtered_variance() -> float:
    """Variance that the speckle's smoothing leaves of white noise."""
    impulse = np.zeros((17, 17))
    impulse[8, 8] = 1.0
    return float((gaussian_filter(impulse, SPECKLE_CORRELATION) ** 2).sum())
