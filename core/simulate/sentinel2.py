"""Sentinel-2 scenes every five days: clouds, what the air and the correction for it leave behind, the sensor."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.ndimage import binary_dilation, gaussian_filter

from core.schema import SENTINEL2
from core.simulate.arrays import Bools, Floats
from core.simulate.astronomy import sun_position
from core.simulate.clouds import CloudMask, cloud_mask, scene_cloud_share
from core.simulate.reflectance import Surface, View
from core.simulate.rng import child, smooth_field
from core.simulate.spec import PIXEL_M, SiteSpec
from core.simulate.weather import Weather

REVISIT_DAYS = 5  # two satellites
SOLAR_HOUR = 10.6  # local solar time of the overpass
VIEW_ZENITH, VIEW_AZIMUTH = 3.2, 105.0  # degrees; one relative orbit
LOWEST_SUN = 76.0  # degrees of zenith; below that no surface reflectance is produced
OVERCAST = 0.97  # cloud share from which a scene holds nothing
LEAST_CLEAR = 0.03  # share of clear pixels under which a scene is dropped

# One value per band B02 B03 B04 B05 B06 B07 B08 B8A B11 B12.
HAZE = np.array([1.0, 0.85, 0.72, 0.66, 0.60, 0.56, 0.50, 0.48, 0.22, 0.14])  # brightness of thin cloud
AEROSOL_OFFSET = np.array([6.0, 4.5, 3.5, 3.0, 2.2, 2.0, 1.8, 1.8, 1.0, 1.0]) * 1e-3  # reflectance, 1 sd
BAND_GAIN = np.array([30.0, 20.0, 16.0, 12.0, 10.0, 8.0, 8.0, 8.0, 6.0, 6.0]) * 1e-3  # relative, 1 sd
SCENE_GAIN = 0.012  # relative, 1 sd
NOISE_FLOOR, NOISE_SHARE = 0.0015, 0.008  # reflectance and relative, 1 sd
MISREGISTRATION = 0.22  # pixels, 1 sd in each direction
BLUR = 0.5  # pixels, point spread
COARSE = [i for i, band in enumerate(SENTINEL2) if band.resolution_m == 20]
REFLECTANCE_LIMITS = (1e-4, 1.2)


class Scene(NamedTuple):
    """One date with at least some clear land; NaN where the mask took the pixel."""

    day: int  # position in the calendar
    observed: Floats  # reflectance (10, size, size)
    true: Floats  # the same without air and sensor


def overpass_days(spec: SiteSpec, weather: Weather, *, seed: int) -> list[int]:
    """Positions in the calendar of every overpass of the recorded years."""
    recorded = weather.calendar.recorded
    first = recorded.start + int(child(seed, spec.id, "sentinel-2 orbit").integers(REVISIT_DAYS))
    return list(range(first, recorded.stop, REVISIT_DAYS))


def scenes(
    spec: SiteSpec, weather: Weather, surface: Surface, days: list[int], size: int, *, seed: int
) -> Iterator[Scene | None]:
    """The scene of each overpass, None where cloud or night hides all of it; every date has its own stream."""
    for day in days:
        rng = child(seed, spec.id, "sentinel-2", weather.calendar.dates[day])
        yield _scene(spec, weather, surface, day, size, rng)


def _scene(
    spec: SiteSpec, weather: Weather, surface: Surface, day: int, size: int, rng: np.random.Generator
) -> Scene | None:
    sun = sun_position(spec.lat, weather.calendar.doy[day], SOLAR_HOUR + 0.1 * rng.normal())
    share = scene_cloud_share(float(weather.cloud[day]))
    if float(sun.zenith) > LOWEST_SUN or share >= OVERCAST:
        return None
    mask = cloud_mask(rng, size, share, sun)
    if mask.clear.mean() < LEAST_CLEAR:
        return None
    true = _surface_image(surface, day, View(sun, VIEW_ZENITH, VIEW_AZIMUTH), mask.clear)
    image = _through_the_air(true, mask, hazy=share > 0.3, rng=rng)
    image = _after_correction(image, float(sun.zenith), rng)
    image = _sensed(image, rng)
    return Scene(day, np.where(mask.clear, image, np.nan), np.where(mask.clear, true, np.nan))


def _surface_image(surface: Surface, day: int, view: View, clear: Bools) -> Floats:
    """Reflectance (10, size, size) of the clear pixels and a rim that blurs into them; their mean elsewhere."""
    needed = np.flatnonzero(binary_dilation(clear, iterations=3))
    known = surface.reflectance(day, view, needed)
    flat = np.tile(known.mean(axis=0), (clear.size, 1))
    flat[needed] = known
    return np.ascontiguousarray(flat.T).reshape(-1, *clear.shape)


def _through_the_air(image: Floats, mask: CloudMask, *, hazy: bool, rng: np.random.Generator) -> Floats:
    """Thin cloud, the bright rims of clouds and the soft rims of shadows that no mask finds."""
    amount = max(0.0, rng.normal(0, 0.012) + 0.018 * hazy)
    haze = amount * np.clip(1 + 0.5 * smooth_field(rng, len(mask.cloud), 15), 0, 2)
    rim = 0.10 * gaussian_filter(mask.cloud.astype(np.float64), 3)
    penumbra = 0.35 * gaussian_filter(mask.shadow.astype(np.float64), 1.5)
    veil = (haze + rim) * HAZE[:, None, None]
    return (image + veil * (1 - image)) * (1 - penumbra)


def _after_correction(image: Floats, sun_zenith: float, rng: np.random.Generator) -> Floats:
    """Errors of the atmospheric correction, the same over a scene and alike in neighbouring bands."""
    gain = 1 + SCENE_GAIN * rng.normal() + BAND_GAIN * rng.normal()
    offset = rng.normal() * AEROSOL_OFFSET / max(0.5, np.cos(np.radians(sun_zenith)))
    return image * gain[:, None, None] + offset[:, None, None]


def _sensed(image: Floats, rng: np.random.Generator) -> Floats:
    """Blur, misregistration, the 20 m bands' real pixels, noise."""
    blurred = gaussian_filter(image, (0, BLUR, BLUR))
    moved = blurred
    for axis in (1, 2):
        moved = _moved(moved, float(np.clip(rng.normal(0, MISREGISTRATION), -1, 1)), axis)
    moved[COARSE] = _coarse(moved[COARSE], factor=round(20 / PIXEL_M))
    noisy = moved + rng.normal(size=moved.shape) * (NOISE_FLOOR + NOISE_SHARE * np.abs(moved))
    return np.clip(noisy, *REFLECTANCE_LIMITS)


def _moved(image: Floats, distance: float, axis: int) -> Floats:
    """`image` moved by up to one pixel along an axis, bilinearly; the edge row repeats."""
    length = image.shape[axis]
    neighbour = np.clip(np.arange(length) - (1 if distance > 0 else -1), 0, length - 1)
    return (1 - abs(distance)) * image + abs(distance) * image.take(neighbour, axis=axis)


def _coarse(image: Floats, *, factor: int) -> Floats:
    """Means of blocks of `factor` pixels, spread over the fine grid again; (bands, size, size)."""
    bands, rows, columns = image.shape
    blocks = image.reshape(bands, rows // factor, factor, columns // factor, factor).mean(axis=(2, 4))
    return blocks.repeat(factor, axis=1).repeat(factor, axis=2)
