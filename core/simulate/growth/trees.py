"""Trees: broadleaves that come into leaf with warmth, conifers and oaks that keep theirs."""

import numpy as np

from core.simulate.arrays import Floats, Ints, clip, logistic, ramp, ramp_at
from core.simulate.calendar import Calendar
from core.simulate.day import Day
from core.simulate.growth.canopy import Canopy
from core.simulate.rng import child
from core.simulate.spec import Plant, SiteSpec
from core.simulate.units import Units
from core.simulate.water import SoilWater
from core.simulate.weather import Weather

BUDBURST_SPREAD = 10.0  # degree-days between stands
LEAF_FALL_SPREAD = 12.0  # degree-days between stands
LATEST_BUDBURST = 170  # day of the year
COLOURING_WINDOW = (255, 305)  # first and last day of the year on which leaves may begin to colour


class BroadleafTrees:
    """Leaves by thermal time in spring, by cold and short days in autumn; a thin evergreen understorey below."""

    def __init__(self, units: Units, weather: Weather, spec: SiteSpec, *, seed: int) -> None:
        self.rows = units.rows(Plant.BROADLEAF)
        self._leaf_area = units.leaf_area[self.rows]
        self._chlorophyll = units.chlorophyll[self.rows]
        rng = child(seed, spec.id, "broadleaf trees")
        heat = spec.budburst_heat + BUDBURST_SPREAD * rng.normal(size=len(self.rows))
        cold = spec.leaf_fall_cold + LEAF_FALL_SPREAD * rng.normal(size=len(self.rows))
        budburst, colouring = budburst_days(weather, heat), colouring_days(weather, cold)
        self._unfolded = _season(weather.calendar, budburst + 12, 4.2)
        self._mature = _season(weather.calendar, budburst + 26, 8.0)
        self._coloured = _season(weather.calendar, colouring + 2, 6.0)
        self._fallen = _season(weather.calendar, colouring + 14, 5.0)

    def step(self, day: Day, water: SoilWater, canopy: Canopy) -> None:
        rows, stress, t = self.rows, water.stress[self.rows], day.index
        leafy = self._unfolded[:, t] * (1 - self._fallen[:, t])
        shed_by_drought = 0.22 * ramp(stress, 0.25, 0.75) * (day.doy > 190)
        pale_by_drought = 0.20 * clip(stress - 0.3, 0, 0.6)
        ageing = ramp_at(day.doy, 190, 260)
        canopy.green[rows] = self._leaf_area * (1 - shed_by_drought) * leafy + 0.30
        canopy.brown[rows] = 0.55 * (1 - leafy) + 0.10 * self._fallen[:, t]
        canopy.chlorophyll[rows] = (
            self._chlorophyll
            * (0.22 + 0.78 * self._mature[:, t])
            * (1 - 0.10 * ageing)
            * (1 - 0.85 * self._coloured[:, t])
            * (1 - pale_by_drought)
        )
        canopy.carotenoids[rows] = 2 + 0.17 * self._chlorophyll * (1 - 0.45 * self._fallen[:, t])
        canopy.brown_pigment[rows] = 0.9 * self._coloured[:, t] * leafy
        fading = (1 - 0.18 * ramp_at(day.doy, 185, 275)) * (1 - 0.6 * self._fallen[:, t])
        canopy.capacity[rows] = (0.45 + 0.55 * self._mature[:, t]) * fading


def budburst_days(weather: Weather, heat: Floats) -> Floats:
    """Day of the year on which buds break, (trees, years), by degree-days above 5 degC from 2 February."""
    calendar = weather.calendar
    warm = np.maximum(weather.temperature - 5, 0) * (calendar.doy > 32)
    sums = [np.cumsum(warm[calendar.days_of(year)]) for year in calendar.years]
    days = np.stack([np.searchsorted(total, heat) for total in sums], axis=1)
    return np.minimum(days, LATEST_BUDBURST).astype(np.float64)


def colouring_days(weather: Weather, cold: Floats) -> Floats:
    """Day of the year on which leaves begin to colour, (trees, years), by cold in days shorter than 13.2 h."""
    calendar = weather.calendar
    autumn = (calendar.doy > 225) & (weather.day_length < 13.2)
    cool = np.maximum(15 - weather.temperature, 0) * autumn
    sums = [np.cumsum(cool[calendar.days_of(year)]) for year in calendar.years]
    days = np.stack([np.searchsorted(total, cold) for total in sums], axis=1)
    return clip(days, *COLOURING_WINDOW).astype(np.float64)


def _season(calendar: Calendar, middle: Floats, width: float) -> Floats:
    """A rise from 0 to 1 around each year's day `middle` (trees, years), for every day (trees, days)."""
    of_day: Ints = calendar.year - calendar.years[0]
    return logistic(calendar.doy, middle[:, of_day], width)


class Conifers:
    """Green all year; their capacity follows the warmth of past weeks, which reflectance hardly shows."""

    def __init__(self, units: Units) -> None:
        self.rows = units.rows(Plant.CONIFER)
        self._leaf_area = units.leaf_area[self.rows]
        self._chlorophyll = units.chlorophyll[self.rows]

    def step(self, day: Day, water: SoilWater, canopy: Canopy) -> None:
        rows, stress = self.rows, water.stress[self.rows]
        new_needles = 0.06 * clip(np.sin(2 * np.pi * (day.doy - 130) / 365), -0.5, 1)
        canopy.green[rows] = self._leaf_area * (1 + new_needles) * (1 - 0.12 * ramp(stress, 0.35, 0.85))
        canopy.brown[rows] = 0.10
        canopy.chlorophyll[rows] = self._chlorophyll * (0.93 + 0.07 * clip(day.warmth / 14, -0.5, 1))
        canopy.carotenoids[rows] = 2 + 0.153 * self._chlorophyll
        canopy.capacity[rows] = clip((day.warmth + 3.5) / 17.5, 0.02, 1)


class EvergreenOaks:
    """Leathery leaves all year, renewed in a flush around early May."""

    def __init__(self, units: Units) -> None:
        self.rows = units.rows(Plant.OAK)
        self._leaf_area = units.leaf_area[self.rows]
        self._chlorophyll = units.chlorophyll[self.rows]

    def step(self, day: Day, water: SoilWater, canopy: Canopy) -> None:
        rows, thirst = self.rows, ramp(water.stress[self.rows], 0.3, 0.9)
        flush = np.exp(-(((day.doy - 128) / 18.0) ** 2))
        canopy.green[rows] = self._leaf_area * (1 - 0.22 * flush) * (1 - 0.15 * thirst)
        canopy.brown[rows] = 0.15 + 0.25 * flush
        canopy.chlorophyll[rows] = self._chlorophyll * (1 - 0.18 * flush) * (1 - 0.07 * thirst)
        canopy.carotenoids[rows] = 2 + 0.153 * self._chlorophyll
        canopy.capacity[rows] = clip((day.warmth + 3) / 16, 0.15, 1)
