"""Felling, fire, storm and beetles, and the slow way back."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.simulate.calendar import Calendar
from core.simulate.day import Day
from core.simulate.events import Event
from core.simulate.growth.canopy import Canopy
from core.simulate.spec import Plant
from core.simulate.units import Units

LEAVES_LEFT = {"clearcut": 0.04, "fire": 0.12, "windthrow": 0.35}  # share of the leaf area after the event
WOOD_LEFT = {"clearcut": 0.05, "fire": 0.55, "windthrow": 0.40, "beetle": 0.75}  # share of the standing stems
FIRE_CHAR = 0.75  # share of the ground that is black after a fire
CHAR_FADING = 0.015  # d-1
REGROWTH = 0.00035  # of the full leaf area, d-1: trees take many years
REGROWTH_OF_GRASS = 0.006  # d-1: a burnt sward is whole again after half a year
BEETLE_DAYS = 75  # from attack to the last green needle
BEETLE_FELLING_DAYS = 600  # from attack until the dead stems are thinned to WOOD_LEFT


class Disturbances:
    """What events have left of each unit; every array (units,)."""

    def __init__(self, events: Sequence[Event], units: Units, calendar: Calendar) -> None:
        self._units = units
        self._by_day: dict[int, list[Event]] = {}
        for event in events:
            self._by_day.setdefault(calendar.index(event.date), []).append(event)
        self._leaves = np.ones(len(units))  # share of the leaf area still there
        self._dead = np.zeros(len(units))  # share of those leaves that has died standing
        grass = np.isin(np.arange(len(units)), units.rows(Plant.ANNUAL_GRASS))
        self._regrowth = np.where(grass, REGROWTH_OF_GRASS, REGROWTH)
        self._attacked = np.zeros(len(units), dtype=bool)
        self.wood = np.ones(len(units))
        self.char = np.zeros(len(units))

    def step(self, day: Day) -> None:
        """Recover by a day, then let today's events strike."""
        self._leaves = np.minimum(self._leaves + self._regrowth, 1)
        self._dead = np.where(self._attacked, np.minimum(self._dead + 1 / BEETLE_DAYS, 1), self._dead)
        thinning = self._attacked * (1 - WOOD_LEFT["beetle"]) / BEETLE_FELLING_DAYS
        self.wood = np.where(self._attacked, np.maximum(self.wood - thinning, WOOD_LEFT["beetle"]), self.wood)
        self.char = self.char * (1 - CHAR_FADING)
        for event in self._by_day.get(day.index, ()):
            self._strike(event)

    def _strike(self, event: Event) -> None:
        struck = np.isin(self._units.patch, event.patches)
        if event.type == "beetle":
            self._attacked |= struck
            return
        self._leaves[struck] = LEAVES_LEFT[event.type]
        self.wood[struck] = WOOD_LEFT[event.type]
        if event.type == "fire":
            self.char[struck] = FIRE_CHAR

    def applied_to(self, canopy: Canopy) -> Canopy:
        """The canopy as events have left it; the undisturbed one goes on growing underneath."""
        slash = np.where(self._leaves < 0.5, 0.25, 0.0)  # branches and stumps on the ground
        litter = np.where(self._leaves < 1, 0.5 + 0.5 * self._leaves, 1.0)
        return replace(
            canopy,
            green=canopy.green * self._leaves * (1 - 0.8 * self._dead),
            brown=canopy.brown * litter + slash + 0.45 * canopy.green * self._dead,
            chlorophyll=canopy.chlorophyll * (1 - 0.55 * self._dead),
            brown_pigment=canopy.brown_pigment + 0.6 * self._dead,
        )
