"""What a tower sees: a patch of ground upwind of it, farther away in calm stable air."""

from dataclasses import dataclass

import numpy as np

from core.simulate.arrays import Floats
from core.simulate.pixels import Pixels
from core.simulate.spec import PIXEL_M
from core.simulate.weather import Weather

SECTORS = 16  # wind directions
PEAK_DISTANCES = (70.0, 140.0)  # m upwind of the tower: unstable and stable air


@dataclass(frozen=True)
class Footprint:
    """`by_unit` (SECTORS, 2, units) weighs each unit's uptake; `mean` (size, size) is where it comes from, sum 1."""

    by_unit: Floats
    mean: Floats

    def seen(self, weather: Weather, gpp: Floats) -> Floats:
        """Uptake the tower sees each day (days,), from that of every unit (units, days)."""
        # one product for all sectors and both stabilities, then each day takes its own
        every = np.einsum("skt->tsk", np.tensordot(self.by_unit, gpp, axes=(2, 0)))
        sector = np.rint(weather.wind_direction / (360 / SECTORS)).astype(np.int64) % SECTORS
        far = 0.2 + 0.6 * np.clip((weather.wind_speed - 1) / 3, 0, 1)
        day = np.arange(len(sector))
        seen = np.zeros(len(sector))
        for turn, share in ((-1, 0.25), (0, 0.5), (1, 0.25)):  # the wind veers within a day
            near_far = every[day, (sector + turn) % SECTORS]
            seen += share * ((1 - far) * near_far[:, 0] + far * near_far[:, 1])
        return seen


def make_footprint(pixels: Pixels, units: int, size: int) -> Footprint:
    """The footprint of a tower in the middle of the site."""
    by_unit = np.zeros((SECTORS, len(PEAK_DISTANCES), units))
    mean = np.zeros((size, size))
    vegetated = (1 - pixels.still_share) * pixels.leaf_area**0.4
    second = np.where(pixels.second >= 0, pixels.second_share, 0.0)
    for sector in range(SECTORS):
        for air, peak in enumerate(PEAK_DISTANCES):
            weight = source_weights(size, 360 / SECTORS * sector, peak)
            mean += weight / by_unit[..., 0].size
            flat = weight.ravel() * vegetated
            by_unit[sector, air] += np.bincount(pixels.main, flat * (1 - second), minlength=units)
            by_unit[sector, air] += np.bincount(np.maximum(pixels.second, 0), flat * second, minlength=units)
    return Footprint(by_unit, mean)


def source_weights(size: int, wind_from: float, peak: float) -> Floats:
    """Share of the flux from each pixel (size, size), sum 1, for a wind direction (degrees) and peak distance (m).

    Along the wind after Schuepp et al. 1990, with its maximum at `peak`; a normal distribution across it.
    """
    middle = (size - 1) / 2
    row, column = np.mgrid[:size, :size]
    east, north = (column - middle) * PIXEL_M, (middle - row) * PIXEL_M
    direction = np.radians(wind_from)
    upwind = east * np.sin(direction) + north * np.cos(direction)
    aside = east * np.cos(direction) - north * np.sin(direction)
    distance = np.maximum(upwind, 1.0)
    width = 0.28 * distance + 8  # m
    along = peak / distance**2 * np.exp(-2 * peak / distance)
    weight = along * np.exp(-0.5 * (aside / width) ** 2) / width * (upwind > 0)
    return weight / weight.sum()
