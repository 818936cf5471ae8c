"""Noise-free surface reflectance of every pixel on a day: canopy by the emulator, then shade, flowers, snow, roofs."""

from typing import NamedTuple

import numpy as np

from core.simulate.arrays import Floats, Ints
from core.simulate.astronomy import SunPosition
from core.simulate.emulator.rtm import Canopy, canopy_reflectance
from core.simulate.growth.crop_calendar import CROPS
from core.simulate.growth.grow import Growth
from core.simulate.pixels import Pixels
from core.simulate.spec import Plant
from core.simulate.units import Units
from core.simulate.weather import Weather

# One value per band B02 B03 B04 B05 B06 B07 B08 B8A B11 B12.
SNOW = np.array([0.86, 0.86, 0.86, 0.85, 0.84, 0.82, 0.81, 0.78, 0.09, 0.07])  # reflectance, ECOSTRESS library
CHAR = np.array([0.035, 0.042, 0.055, 0.065, 0.075, 0.085, 0.095, 0.105, 0.17, 0.18])  # reflectance of burnt ground
SHADE_LIGHT = np.array([0.20, 0.20, 0.18, 0.25, 0.35, 0.38, 0.38, 0.38, 0.22, 0.18])  # shaded over lit crown
PETALS = np.array([0.004, 0.045, 0.055, 0.045, 0.030, 0.030, 0.030, 0.030, 0.0, 0.0])  # added by rape in flower

DEAD_CHLOROPHYLL = 2.5  # ug cm-2
DEAD_CAROTENOIDS = 2.5  # ug cm-2
DEAD_PIGMENT = 0.85  # PROSPECT units
DEAD_WATER = 0.0025  # cm
DEAD_MASS = 0.006  # g cm-2
FULL_SNOW = 12.0  # mm of water that hide the ground
SNOW_HIDDEN = {Plant.CONIFER: 0.35, Plant.BROADLEAF: 0.6}  # share of snow seen below crowns; all of it elsewhere


class View(NamedTuple):
    """Sun and sensor of one scene, degrees."""

    sun: SunPosition
    view_zenith: float
    view_azimuth: float

    @property
    def relative_azimuth(self) -> float:
        return abs((float(self.sun.azimuth) - self.view_azimuth + 180) % 360 - 180)


class _Variation(NamedTuple):
    """How places differ from their unit, see `Pixels`; each (places,) or one number for all."""

    leaf_area: Floats | float
    chlorophyll: Floats | float
    soil: Floats | float
    delay: Ints | int


NO_VARIATION = _Variation(1.0, 1.0, 1.0, 0)


class Surface:
    """The surface of a site through time."""

    def __init__(self, weather: Weather, units: Units, growth: Growth, pixels: Pixels) -> None:
        self._weather, self._units, self._growth, self._pixels = weather, units, growth, pixels
        self._fen = np.isin(np.arange(len(units)), units.rows(Plant.SEDGE))
        self._snow_seen = np.array([SNOW_HIDDEN.get(plant, 1.0) for plant in units.plant])
        self._crop_angle = np.array([crop.leaf_angle for crop in CROPS])

    def reflectance(self, day: int, view: View, where: Ints) -> Floats:
        """Reflectance (len(where), 10) of the flat pixel positions `where` on a day of the calendar."""
        pixels = self._pixels
        own = _Variation(pixels.leaf_area[where], pixels.chlorophyll[where], pixels.soil[where], pixels.delay[where])
        result = self._vegetation(day, view, pixels.main[where], own)
        result = self._with_second(result, day, view, where)
        still = pixels.still_share[where][:, None]
        result = result * (1 - still) + still * pixels.still[where]
        return result * pixels.texture[where][:, None]

    def _with_second(self, main: Floats, day: int, view: View, where: Ints) -> Floats:
        """Mix in the second unit of each pixel; being the lesser part, it is the same all over its patch."""
        second, share = self._pixels.second[where], self._pixels.second_share[where]
        present = np.unique(second[second >= 0])
        if not present.size:
            return main
        of_unit = np.zeros((len(self._units), main.shape[1]))
        of_unit[present] = self._vegetation(day, view, present, NO_VARIATION)
        weight = np.where(second >= 0, share, 0.0)[:, None]
        return main * (1 - weight) + weight * of_unit[second]

    def _vegetation(self, day: int, view: View, unit: Ints, variation: _Variation) -> Floats:
        """Reflectance (len(unit), 10) of places that `unit` fills."""
        canopy, green = self._canopy(day, view, unit, variation)
        lit = canopy_reflectance(canopy)
        history, units = self._growth.history, self._units
        sun_height = np.clip(np.tan(np.radians(min(float(view.sun.zenith), 72.0))) / 1.19, 0.3, 1.6)  # tan 50 = 1.19
        crown = np.clip(green / (0.6 * units.leaf_area[unit] + 1e-6), 0.25, 1)
        shade = (units.shade[unit] * sun_height * crown)[:, None]
        seen = lit * (1 - shade + shade * SHADE_LIGHT)
        char = history.char[unit, day][:, None]
        seen = seen * (1 - char) + char * CHAR + history.flowers[unit, day][:, None] * PETALS
        depth = min(float(self._weather.snow[day]) / FULL_SNOW, 1.0)
        snow = (depth * np.exp(-0.55 * green * units.clumping[unit]) * self._snow_seen[unit])[:, None]
        return seen * (1 - snow) + snow * SNOW

    def _canopy(self, day: int, view: View, unit: Ints, variation: _Variation) -> tuple[Canopy, Floats]:
        """Inputs of the emulator, and the green leaf area of each place."""
        history, units = self._growth.history, self._units
        when = np.clip(day + variation.delay, 0, history.green.shape[1] - 1)
        green = history.green[unit, when] * variation.leaf_area
        brown = history.brown[unit, when] * variation.leaf_area
        leaves = green + brown + 1e-3
        alive = green / leaves
        species = self._growth.species[unit, day]
        fen = self._fen[unit]
        dry = np.clip(1.15 - (history.topsoil[unit, day] - 8) / 28, 0, 1)
        canopy = Canopy(
            leaf_layers=units.leaf_layers[unit],
            chlorophyll=_mixed(history.chlorophyll[unit, when] * variation.chlorophyll, DEAD_CHLOROPHYLL, alive),
            carotenoids=_mixed(history.carotenoids[unit, when], DEAD_CAROTENOIDS, alive),
            brown=_mixed(history.brown_pigment[unit, when], DEAD_PIGMENT, alive),
            leaf_water=_mixed(units.leaf_water[unit] * history.turgor[unit, when], DEAD_WATER, alive),
            leaf_mass=_mixed(units.leaf_mass[unit], DEAD_MASS, alive),
            lai=leaves * units.clumping[unit],
            leaf_angle=np.where(species > 0, self._crop_angle[species], units.leaf_angle[unit]),
            hotspot=units.hotspot[unit],
            sun_zenith=view.sun.zenith,
            view_zenith=view.view_zenith,
            relative_azimuth=view.relative_azimuth,
            soil_brightness=units.soil_brightness[unit] * variation.soil * np.where(fen, 0.75, 1.0),
            soil_dryness=dry * np.where(fen, 0.4, 1.0),  # dark wet moss
        )
        return canopy, green


def _mixed(living: Floats, dead: float, alive: Floats) -> Floats:
    """A leaf property averaged over living and dead leaves."""
    return living * alive + dead * (1 - alive)
