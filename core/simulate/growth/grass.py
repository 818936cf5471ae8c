"""Grass and sedge: leaf area grows with warmth, light and water towards a limit, and dies of cold, drought and age."""

from typing import NamedTuple

import numpy as np

from core.simulate.arrays import Bools, Floats, Ints, clip, logistic, ramp, ramp_at
from core.simulate.day import Day
from core.simulate.growth.canopy import Canopy
from core.simulate.rng import child
from core.simulate.spec import Plant, SiteSpec
from core.simulate.units import Units
from core.simulate.water import SoilWater
from core.simulate.weather import Weather


class Habit(NamedTuple):
    """How a kind of grass grows."""

    growth: float  # relative growth of a thin, warm, well-watered canopy, d-1
    base: float  # degC below which it rests; 13 K above it is at its best
    least_green: float  # leaf area index that survives anything, m2 m-2
    least_brown: float = 0.05  # m2 m-2 of litter that never goes


class Grass:
    """Perennial grass that grows whenever it can."""

    def __init__(self, units: Units, rows: Ints, habit: Habit) -> None:
        self.rows = rows
        self.habit = habit
        self.green = np.full(len(rows), 0.5)
        self.brown = np.full(len(rows), 0.3)
        self._most_green = units.leaf_area[rows]
        self._full_chlorophyll = units.chlorophyll[rows]
        self.chlorophyll = 0.8 * self._full_chlorophyll

    def vigour(self, day: Day) -> float:
        """How ready the grass is to grow, 0..1."""
        return 1.0

    def ripeness(self, day: Day) -> float:
        """How far it has set seed and is dying, 0..1."""
        return 0.0

    def step(self, day: Day, water: SoilWater, canopy: Canopy) -> None:
        supply = water.supply[self.rows]
        warmth = ramp_at(day.temperature, self.habit.base, self.habit.base + 13) * ramp_at(day.temperature, 38, 26)
        watered = np.minimum(1.15 * supply, 1)
        self._grow(day, warmth * watered)
        self._die(day, supply)
        crowding = ramp(self.green / self._most_green, 0.75, 1)
        wanted = self._full_chlorophyll * (0.72 + 0.28 * warmth * watered) * (1 - 0.18 * crowding)
        self.chlorophyll += 0.06 * (wanted - self.chlorophyll)
        self._write(day, canopy)

    def _grow(self, day: Day, condition: Floats) -> None:
        light = min(max(day.radiation / 9, 0.1), 1.0)  # 9 MJ m-2 d-1: no longer short of light
        room = 1 - self.green / self._most_green
        readiness = self.vigour(day) * (1 - self.ripeness(day))
        self.green = self.green + self.habit.growth * self.green * room * condition * light * readiness

    def _die(self, day: Day, supply: Floats) -> None:
        cold = 0.013 * min(max((7 - day.temperature) / 6, 0.0), 1.6)
        drought = 0.05 * ramp(supply, 0.45, 0)
        age = 0.055 * self.ripeness(day) * (1 - 0.7 * supply)
        rest = 0.055 * (1 - self.vigour(day)) * (day.doy > 200)
        died = self.green * clip(0.004 + cold + drought + age + rest, 0, 1)
        rotting = 0.012 + 0.02 * (day.temperature > 8 and day.precipitation > 1)
        self.green = np.maximum(self.green - died, self.habit.least_green)
        self.brown = clip(self.brown * (1 - rotting) + 0.75 * died, self.habit.least_brown, 2.2)

    def _write(self, day: Day, canopy: Canopy) -> None:
        rows = self.rows
        canopy.green[rows], canopy.brown[rows] = self.green, self.brown
        canopy.chlorophyll[rows] = self.chlorophyll
        canopy.carotenoids[rows] = 2 + 0.153 * self._full_chlorophyll
        pale = np.where(self.chlorophyll < 0.7 * self._full_chlorophyll, 0.85, 1.0)
        canopy.capacity[rows] = clip((day.warmth + 2) / 10, 0.05, 1) * pale


class Pasture(Grass):
    """Grazed or trodden grass that never grows tall: pastures, lawns, verges, banks."""

    def __init__(self, units: Units) -> None:
        super().__init__(units, units.rows(Plant.PASTURE, Plant.LAWN), Habit(0.087, 5, 0.35))


class Sedges(Grass):
    """Sprout and die back by the calendar, over a bed of their own litter."""

    def __init__(self, units: Units, spec: SiteSpec) -> None:
        super().__init__(units, units.rows(Plant.SEDGE), Habit(0.085, 6, 0.12, least_brown=0.35))
        self._green_up = spec.sedge_green_up

    def vigour(self, day: Day) -> float:
        return float(logistic(day.doy, self._green_up, 6) * (1 - logistic(day.doy, 248, 9)))


class AnnualGrass(Grass):
    """Germinates with the autumn rain, sets seed in late spring and is dead by summer."""

    def __init__(self, units: Units) -> None:
        super().__init__(units, units.rows(Plant.ANNUAL_GRASS), Habit(0.135, 3, 0.06))

    def ripeness(self, day: Day) -> float:
        return ramp_at(day.doy, 95, 140) if day.doy < 240 else 0.0


class Meadow(Grass):
    """Grass that is cut for hay or silage; after a cut it first has to rebuild its reserves."""

    RESERVE_DAYS = 10.0  # how long a cut sward takes to come back to full vigour

    def __init__(self, units: Units, weather: Weather, spec: SiteSpec, *, seed: int) -> None:
        super().__init__(units, units.rows(Plant.MEADOW), Habit(0.170, 4, 0.35))
        rng = child(seed, spec.id, "meadow")
        self.cuts = cut_days(weather, rng, len(self.rows))
        self._stubble = 0.45 + 0.12 * np.abs(rng.normal(size=len(self.rows)))
        self._reserve = np.ones(len(self.rows))

    def _grow(self, day: Day, condition: Floats) -> None:
        self._reserve += (1 - self._reserve) / self.RESERVE_DAYS
        super()._grow(day, condition * self._reserve)

    def _write(self, day: Day, canopy: Canopy) -> None:
        cut = self.cuts[:, day.index]
        if cut.any():
            self.green = np.where(cut, np.minimum(self._stubble, self.green), self.green)
            self.brown = np.where(cut, 0.55, self.brown)
            self.chlorophyll = np.where(cut, 0.78 * self.chlorophyll, self.chlorophyll)
            self._reserve = np.where(cut, 0.30, self._reserve)
        super()._write(day, canopy)


def cut_days(weather: Weather, rng: np.random.Generator, meadows: int) -> Bools:
    """Which days (meadows, days) each is mown: after enough warmth, when two days in a row are dry."""
    calendar = weather.calendar
    warm = np.maximum(weather.temperature - 3, 0) * (calendar.doy > 60)
    dry_tomorrow = np.append(weather.precipitation[1:], 0.0) < 2.0
    fit = (weather.precipitation < 0.5) & dry_tomorrow & (calendar.doy < 292)
    cuts = np.zeros((meadows, len(calendar)), dtype=bool)
    for meadow in range(meadows):
        first, again = 560 + 60 * rng.normal(), 470 + 50 * rng.normal()  # degree-days above 3 degC from March
        for year in calendar.years:
            _mow_year(cuts[meadow], range(*calendar.days_of(year).indices(len(calendar))), warm, fit, first, again)
    return cuts


def _mow_year(cuts: Bools, year: range, warm: Floats, fit: Bools, first: float, again: float) -> None:
    """Mark the cuts of one meadow and year in `cuts` (days,)."""
    heat, needed = 0.0, first
    for day in year:
        heat += warm[day]
        if heat > needed and fit[day]:
            cuts[day] = True
            heat, needed = 0.0, again
