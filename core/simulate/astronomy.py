"""Where the sun stands, how long the day is, what arrives at the top of the atmosphere."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from core.simulate.arrays import Floats

SOLAR_CONSTANT = 0.0820  # MJ m-2 min-1, FAO-56 eq. 21
OBLIQUITY = 23.45  # degrees, Cooper 1969


class SunPosition(NamedTuple):
    zenith: Floats  # degrees from the vertical
    azimuth: Floats  # degrees clockwise from north


def declination(doy: ArrayLike) -> Floats:
    """Declination of the sun, radians (Cooper 1969)."""
    return np.radians(OBLIQUITY) * np.sin(2 * np.pi * (284 + np.asarray(doy)) / 365)


def sun_position(latitude: float, doy: ArrayLike, solar_hour: ArrayLike) -> SunPosition:
    """Position of the sun at an hour of local solar time (12 = culmination); shapes broadcast."""
    decl, lat = declination(doy), np.radians(latitude)
    hour_angle = np.radians(15.0 * (np.asarray(solar_hour) - 12.0))
    cos_zenith = np.sin(lat) * np.sin(decl) + np.cos(lat) * np.cos(decl) * np.cos(hour_angle)
    azimuth = np.arctan2(-np.sin(hour_angle), np.tan(decl) * np.cos(lat) - np.sin(lat) * np.cos(hour_angle))
    return SunPosition(np.degrees(np.arccos(np.clip(cos_zenith, -1, 1))), np.degrees(azimuth) % 360)


def sunset_angle(latitude: float, doy: ArrayLike) -> Floats:
    """Hour angle of sunset, radians (FAO-56 eq. 25); 0 in polar night, pi in polar day."""
    return np.arccos(np.clip(-np.tan(np.radians(latitude)) * np.tan(declination(doy)), -1, 1))


def day_length(latitude: float, doy: ArrayLike) -> Floats:
    """Hours between sunrise and sunset (FAO-56 eq. 34)."""
    return 24 / np.pi * sunset_angle(latitude, doy)


def extraterrestrial_radiation(latitude: float, doy: ArrayLike) -> Floats:
    """Daily radiation on a horizontal plane above the atmosphere, MJ m-2 d-1 (FAO-56 eq. 21)."""
    lat, decl, sunset = np.radians(latitude), declination(doy), sunset_angle(latitude, doy)
    distance = 1 + 0.033 * np.cos(2 * np.pi * np.asarray(doy) / 365)
    geometry = sunset * np.sin(lat) * np.sin(decl) + np.cos(lat) * np.cos(decl) * np.sin(sunset)
    return 24 * 60 / np.pi * SOLAR_CONSTANT * distance * geometry
