"""What every preset is fed: scaled frames of each sensor on the optical dates, NaN = missing.

The same preparation serves training, verification and the engine, so that a pixel is seen alike everywhere.
Arrays are numpy; T frames, C bands, H x W pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.checks import InputError
from models.contract import Window

Floats = NDArray[np.float32]
Days = NDArray[np.int64]

DB_RANGE = (-30.0, 5.0)  # dB, backscatter is clipped to it and scaled to 0..1 (arXiv 2511.11706)
SPECKLE_FRAMES = 3  # acquisitions averaged around each one, in linear power (arXiv 2511.11706)
LONGEST_SPAN = 200  # days from a window's first to its last frame, beyond which its dates say nothing (released code)
RADAR, OPTICAL = "s1", "s2"  # the sensors' names in every preset


class Frames(NamedTuple):
    """One sensor's frames on the optical dates."""

    values: Floats  # (T, C, H, W) scaled to 0..1; NaN = missing
    days: Days  # (T,) day each frame was acquired, counted from 1970-01-01; never decreasing


def prepare(optical: Floats, optical_days: Days, radar: Floats | None, radar_days: Days | None) -> dict[str, Frames]:
    """Frames by sensor from reflectance (T, C, H, W) and, where there is any, backscatter in dB (T', C', H, W).

    An optical acquisition is a frame when it has any valid pixel; each takes the radar acquisition nearest in time.
    """
    seen = is_frame(optical)
    if not seen.any():
        raise InputError("the optical bands hold no valid pixel at any date; check the cloud mask and the fill value")
    frames = Frames(scale_reflectance(optical[seen]), optical_days[seen])
    if radar is None or radar_days is None or not len(radar_days):
        return {OPTICAL: frames}
    nearest = nearest_in_time(frames.days, radar_days)
    return {RADAR: Frames(scale_backscatter(despeckle(radar))[nearest], radar_days[nearest]), OPTICAL: frames}


def days_of(times: NDArray[np.datetime64]) -> Days:
    """Dates as days counted from 1970-01-01."""
    return times.astype("datetime64[D]").astype(np.int64)


def is_frame(optical: Floats) -> NDArray[np.bool_]:
    """Which acquisitions (T, C, H, W) have any valid value: (T,)."""
    return np.asarray(np.isfinite(optical).any(axis=(1, 2, 3)))


def scale_reflectance(reflectance: Floats) -> Floats:
    """Reflectance clipped to 0..1; NaN stays."""
    return np.clip(reflectance, 0, 1).astype(np.float32)


def despeckle(decibels: Floats) -> Floats:
    """Backscatter (T, C, H, W) in dB, averaged over neighbouring acquisitions in linear power; shorter at both ends.

    A value that is missing stays missing; neighbours that are missing do not count.
    """
    power = 10 ** (decibels.astype(np.float64) / 10)
    reach = SPECKLE_FRAMES // 2
    total, count = np.zeros_like(power), np.zeros_like(power)
    for shift in range(-reach, reach + 1):
        there = slice(max(0, shift), len(power) + min(0, shift))
        here = slice(max(0, -shift), len(power) + min(0, -shift))
        known = np.isfinite(power[there])
        total[here] += np.where(known, power[there], 0)
        count[here] += known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = 10 * np.log10(total / count)
    return np.where(np.isfinite(decibels), mean, np.nan).astype(np.float32)


def scale_backscatter(decibels: Floats) -> Floats:
    """Backscatter in dB clipped to DB_RANGE and scaled to 0..1; NaN stays."""
    low, high = DB_RANGE
    return ((np.clip(decibels, low, high) - low) / (high - low)).astype(np.float32)


def nearest_in_time(days: Days, candidates: Days) -> NDArray[np.intp]:
    """For each day the index of the nearest candidate, the earlier one of two equally near; candidates sorted."""
    after = np.searchsorted(candidates, days).clip(1, max(1, len(candidates) - 1))
    if len(candidates) == 1:
        return np.zeros(len(days), dtype=np.intp)
    earlier, later = candidates[after - 1], candidates[after]
    return np.where(days - earlier <= later - days, after - 1, after)


def window_days(days: Days, optical: Days) -> Days:
    """A sensor's days (T,) in a window, or one-day steps around its centre frame (paper).

    The latter where the window's `optical` frames span LONGEST_SPAN days or more, for every sensor alike.
    """
    if optical[-1] - optical[0] < LONGEST_SPAN:
        return days
    return days[len(days) // 2] + np.arange(len(days)) - len(days) // 2


def remarks(frames: Mapping[str, Frames], sensors: Sequence[Window]) -> list[str]:
    """What makes embeddings of these frames poorer than a model of these sensors could give, a sentence each."""
    given = {sensor.name for sensor in sensors if sensor.name in frames and _known_dates(frames[sensor.name])}
    if not given:
        raise InputError(
            f"none of the sensors {', '.join(sensor.name for sensor in sensors)} holds a valid value at any date; "
            "give one of them, and check the cloud mask and the fill value"
        )
    found = []
    for sensor in sensors:
        if sensor.name not in given:
            word = "has no valid value" if sensor.name in frames else "is absent"
            found.append(f"{sensor.name} {word}: the embedding comes from {' and '.join(sorted(given))} alone.")
        elif (known := _known_dates(frames[sensor.name])) < sensor.frames:
            dates = "one valid date" if known == 1 else f"{known} valid dates"
            found.append(f"{sensor.name} holds {dates}: its windows have room for {sensor.frames}.")
    return found


def _known_dates(frames: Frames) -> int:
    """How many different dates have a valid value."""
    return len(set(frames.days[is_frame(frames.values)].tolist()))
