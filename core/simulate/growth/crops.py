"""Fields: a stand sprouts, fills its leaf area, ripens, and is gone within a day."""

import numpy as np

from core.simulate.arrays import Bools, Floats, Ints, clip, ramp, ramp_at
from core.simulate.day import Day
from core.simulate.growth.canopy import Canopy
from core.simulate.growth.crop_calendar import CROPS, RAPE, plan_crops
from core.simulate.rng import child
from core.simulate.spec import Plant, SiteSpec
from core.simulate.units import Units
from core.simulate.water import SoilWater
from core.simulate.weather import Weather

SEEDLING = 0.02  # leaf area index on the day of sowing, m2 m-2


def _column(name: str) -> Floats:
    return np.array([getattr(crop, name) for crop in CROPS], dtype=np.float64)


class Crops:
    """All fields of a site; `calendar` says what is done on them when."""

    LEAF_AREA, GROWTH, BASE = _column("leaf_area"), _column("growth"), _column("base")
    CHLOROPHYLL, RESTS_UNTIL, WINTER = _column("chlorophyll"), _column("rests_until"), _column("winter_leaf_area")
    RIPENS, FLOWERS = np.array([crop.ripens for crop in CROPS]), np.array([crop.flowers for crop in CROPS])

    def __init__(self, units: Units, weather: Weather, spec: SiteSpec, *, seed: int) -> None:
        self.rows = units.rows(Plant.CROP)
        self.calendar = plan_crops(weather, len(self.rows), child(seed, spec.id, "crops"))
        self._leaf_area_factor = units.leaf_area[self.rows] / 5.0  # a field's own over the usual 5 m2 m-2
        self._chlorophyll_factor = units.chlorophyll[self.rows] / 50.0  # over the usual 50 ug cm-2
        self._full_chlorophyll = units.chlorophyll[self.rows]
        self.green = np.full(len(self.rows), 0.5)
        self.brown = np.full(len(self.rows), 0.3)
        self.chlorophyll = 0.8 * self._full_chlorophyll

    def step(self, day: Day, water: SoilWater, canopy: Canopy) -> None:
        calendar, t = self.calendar, day.index
        species, young = calendar.species[:, t], calendar.young[:, t]
        heat = np.where(young, 0.0, calendar.heat[:, t])
        supply = water.supply[self.rows]
        ripeness = ramp(heat, *self.RIPENS[species].T)
        self.green = np.where(calendar.sown[:, t], SEEDLING, self.green)
        self._grow_stand(day, species, young, heat, supply, ripeness)
        self._grow_weeds(day, species, supply)
        self._work(t)
        self._green_up(species, ripeness)
        self._write(day, species, heat, young, canopy)

    def _grow_stand(
        self, day: Day, species: Ints, young: Bools, heat: Floats, supply: Floats, ripeness: Floats
    ) -> None:
        """Leaf area of the sown fields; others are left alone."""
        base = self.BASE[species]
        warmth = ramp(day.temperature, base, base + 11) * ramp_at(day.temperature, 40, 30)
        resting = young | (heat < self.RESTS_UNTIL[species])
        limit = np.where(resting, self.WINTER[species], self.LEAF_AREA[species] * self._leaf_area_factor)
        room = 1 - np.minimum(self.green / limit, 1.2)
        watered = 0.25 + 0.75 * np.minimum(1.15 * supply, 1)
        grown = self.GROWTH[species] * self.green * room * warmth * watered * (ripeness < 0.05)
        dying = 0.065 * ripeness**0.7 + (0.018 * ramp(supply, 0.4, 0) + 0.01 * (day.radiation < 2)) * (ripeness > 0)
        frozen = 0.02 * self.green * max(0.0, -4 - day.temperature) / 6 * (species == RAPE)
        stands = species > 0
        died = self.green * dying
        self.green = np.where(stands, np.maximum(self.green + grown - died - frozen, 0), self.green)
        self.brown = np.where(stands, clip(0.996 * self.brown + 0.8 * died, 0, 2.6), 0.992 * self.brown)

    def _grow_weeds(self, day: Day, species: Ints, supply: Floats) -> None:
        """Volunteers and weeds between two crops."""
        sprouting = (supply > 0.6) & (day.temperature > 6)
        weeds = np.minimum(np.where(sprouting, 1.02 * self.green + 0.003, 0.995 * self.green), 0.9)
        self.green = np.where(species == 0, weeds, self.green)

    def _work(self, day: int) -> None:
        harvested, ploughed = self.calendar.harvested[:, day], self.calendar.ploughed[:, day]
        self.green = np.where(ploughed, 0.01, np.where(harvested, 0.06, self.green))
        self.brown = np.where(ploughed, 0.05, np.where(harvested, 0.75, self.brown))

    def _green_up(self, species: Ints, ripeness: Floats) -> None:
        sparse = 0.65 + 0.35 * np.minimum(self.green / 2, 1)
        wanted = self.CHLOROPHYLL[species] * self._chlorophyll_factor * (1 - 0.75 * ripeness) * sparse
        self.chlorophyll += 0.10 * (wanted - self.chlorophyll)

    def _write(self, day: Day, species: Ints, heat: Floats, young: Bools, canopy: Canopy) -> None:
        rows = self.rows
        canopy.green[rows], canopy.brown[rows] = self.green, self.brown
        canopy.chlorophyll[rows] = self.chlorophyll
        canopy.carotenoids[rows] = 2 + 0.153 * self._full_chlorophyll
        begin, end = self.FLOWERS[species].T
        flowering = ramp(heat, begin, begin + 90) * ramp(heat, end, end - 90)
        canopy.flowers[rows] = np.where((end > begin) & ~young, flowering, 0.0)
        healthy = clip(self.chlorophyll / (0.8 * self._full_chlorophyll), 0.15, 1)
        canopy.capacity[rows] = clip((day.warmth + 4) / 12, 0.1, 1) * healthy
