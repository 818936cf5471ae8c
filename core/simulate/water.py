"""Hidden water: two buckets under every unit, and what their emptiness does to the plants."""

import math

import numpy as np

from core.simulate.arrays import Floats, clip, ramp, ramp_at
from core.simulate.day import Day
from core.simulate.spec import Plant
from core.simulate.units import Units

TOPSOIL_STORE = 40.0  # mm, what the radar's upper centimetres exchange with
SUPPLY_THRESHOLD = 0.42  # relative extractable water below which stomata close (Granier et al. 1999: 0.4)
STRESS_MEMORY = 18.0  # days over which leaves remember thirst
TURGOR_MEMORY = 6.0  # days over which leaf water follows supply
FROST_MEMORY = 5.0  # days over which the topsoil freezes and thaws
SEEPAGE = 0.9  # mm d-1 of groundwater into a fen
EXTINCTION = 0.55  # of light by leaves, 1; how much of the evaporation is the plants'


class SoilWater:
    """State of the water under each unit; every array (units,). `step` moves it on by one day."""

    def __init__(self, units: Units) -> None:
        self._capacity = units.root_store
        self._fen = np.isin(np.arange(len(units)), units.rows(Plant.SEDGE))
        self._roots = 0.9 * units.root_store  # mm
        self._topsoil = np.full(len(units), TOPSOIL_STORE / 2)  # mm
        self.supply = np.ones(len(units))  # water supply over demand, 1 = no limit
        self.stress = np.zeros(len(units))  # lack of supply over the past weeks, 0..1
        self.turgor = np.ones(len(units))  # leaf water over its unstressed value
        self.frost = 0.0  # frozen share of the topsoil, 0..1

    @property
    def topsoil_moisture(self) -> Floats:
        """Volumetric water of the topsoil, percent."""
        return 5 + 33 * self._topsoil / TOPSOIL_STORE

    def step(self, day: Day, green: Floats, brown: Floats) -> None:
        """One day's supply from yesterday's store, then rain in and evaporation out; leaf areas (units,)."""
        self.supply = self._supply()
        self.stress += (1 - self.supply - self.stress) / STRESS_MEMORY
        self.turgor += (0.58 + 0.42 * ramp(self.supply, 0, 0.65) - self.turgor) / TURGOR_MEMORY
        freezing = ramp_at(day.temperature_min, -0.5, -4.5) * ramp_at(day.temperature, 1.5, -1.5)
        self.frost += (freezing - self.frost) / FROST_MEMORY
        self._exchange(day, covered=1 - np.exp(-EXTINCTION * (green + 0.3 * brown)))

    def _supply(self) -> Floats:
        filled = clip(self._roots / self._capacity, 0, 1)
        on_land = clip(filled / SUPPLY_THRESHOLD, 0, 1)
        thirsty = clip(1 - 1.6 * np.maximum(0, 0.55 - filled), 0.3, 1)
        flooded = 1 - 4 * np.maximum(0, filled - 0.97)
        return np.where(self._fen, thirsty * flooded, on_land)

    def _exchange(self, day: Day, covered: Floats) -> None:
        demand = potential_evaporation(day.temperature, day.radiation)
        transpired = 1.05 * demand * covered * self.supply
        evaporated = demand * (1 - covered) * clip((self._topsoil - 5) / 20, 0, 1)
        throughfall = day.liquid * (1 - 0.12 * covered)  # the rest evaporates from wet leaves
        drained = transpired * self._topsoil / TOPSOIL_STORE
        topsoil = clip(self._topsoil + throughfall - evaporated - 0.25 * drained, 3, TOPSOIL_STORE)
        roots = self._roots + throughfall - transpired - 0.6 * evaporated + SEEPAGE * self._fen
        self._roots = clip(roots, 0.02 * self._capacity, self._capacity)
        balanced = 0.85 * TOPSOIL_STORE * self._roots / self._capacity
        self._topsoil = topsoil + 0.06 * (balanced - topsoil)


def potential_evaporation(temperature: float, radiation: float) -> float:
    """Daily evaporation of a wet surface, mm (Makkink, as De Bruin 1987), from degC and MJ m-2 d-1."""
    pressure = 0.6108 * math.exp(17.27 * temperature / (temperature + 237.3))  # kPa, FAO-56 eq. 11
    slope = 4098 * pressure / (temperature + 237.3) ** 2  # kPa K-1, FAO-56 eq. 13
    return 0.65 * slope / (slope + 0.066) * radiation * 0.408  # 0.066 kPa K-1; 0.408 mm per MJ m-2
