"""The growing plants' state of today, and the record of all days."""

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from core.simulate.arrays import Floats, Ints
from core.simulate.day import Day
from core.simulate.units import Units
from core.simulate.water import SoilWater


@dataclass
class Canopy:
    """What stands on the ground today; every array (units,). Each group of plants writes its own rows."""

    green: Floats  # green leaf area index, m2 m-2
    brown: Floats  # dead leaf area index, m2 m-2
    chlorophyll: Floats  # ug cm-2 of green leaf
    carotenoids: Floats  # ug cm-2
    brown_pigment: Floats  # PROSPECT units
    capacity: Floats  # carboxylation capacity over its best, 0..1; what no satellite sees
    flowers: Floats  # share of the canopy in yellow flower, 0..1

    @classmethod
    def at_start(cls, units: Units) -> "Canopy":
        """A bare winter canopy with the leaf pigments of the units."""
        zero = np.zeros(len(units))
        chlorophyll = 0.8 * units.chlorophyll
        return cls(
            zero + 0.5, zero + 0.3, chlorophyll, 2 + 0.15 * units.chlorophyll, zero.copy(), zero + 1, zero.copy()
        )


class PlantGroup(Protocol):
    """Plants of one habit: `step` grows them by one day and writes their `rows` of the canopy."""

    rows: Ints

    def step(self, day: Day, water: SoilWater, canopy: Canopy) -> None: ...


@dataclass(frozen=True, kw_only=True)
class History:
    """The hidden state of every unit on every day, each (units, days); truth that no feature may be made of."""

    green: Floats  # leaf area index, m2 m-2
    brown: Floats  # m2 m-2
    chlorophyll: Floats  # ug cm-2
    carotenoids: Floats  # ug cm-2
    brown_pigment: Floats
    capacity: Floats  # 0..1
    flowers: Floats  # 0..1
    supply: Floats  # water supply over demand, 0..1
    stress: Floats  # 0..1
    turgor: Floats  # leaf water over its unstressed value
    topsoil: Floats  # volumetric water, percent
    wood: Floats  # standing stems over undisturbed ones, 0..1
    char: Floats  # blackened share of the ground, 0..1
    frost: Floats  # (days,) frozen share of the topsoil

    @classmethod
    def empty(cls, units: int, days: int) -> "History":
        shapes = {field.name: (units, days) for field in fields(cls)} | {"frost": (days,)}
        return cls(**{name: np.zeros(shape) for name, shape in shapes.items()})

    def record(self, day: int, canopy: Canopy, water: SoilWater, *, wood: Floats, char: Floats) -> None:
        """Keep today's state."""
        for field in fields(canopy):
            getattr(self, field.name)[:, day] = getattr(canopy, field.name)
        self.supply[:, day] = water.supply
        self.stress[:, day] = water.stress
        self.turgor[:, day] = water.turgor
        self.topsoil[:, day] = water.topsoil_moisture
        self.frost[day] = water.frost
        self.wood[:, day] = wood
        self.char[:, day] = char
