"""The day loop: water, plants and disturbances step together, and every day is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.simulate.arrays import Floats, Ints, autoregressive
from core.simulate.calendar import Calendar
from core.simulate.day import days
from core.simulate.events import Event, management_events
from core.simulate.growth.canopy import Canopy, History, PlantGroup
from core.simulate.growth.crops import Crops
from core.simulate.growth.disturbance import Disturbances
from core.simulate.growth.grass import AnnualGrass, Meadow, Pasture, Sedges
from core.simulate.growth.trees import BroadleafTrees, Conifers, EvergreenOaks
from core.simulate.landscape import Landscape
from core.simulate.rng import child
from core.simulate.spec import SiteSpec
from core.simulate.units import Units
from core.simulate.water import SoilWater
from core.simulate.weather import Weather

VIGOUR_SPREAD = 0.17  # of the hidden swings of capacity, 1 sd of the logarithm
VIGOUR_DAYS = 60.0  # how long such a swing lasts


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The hidden state of all units through all days, and what was done to them."""

    history: History
    species: Ints  # (units, days) crop standing on a field, index into CROPS; 0 = none
    crop_of_year: Ints  # (units, recorded years) crop harvested, 0 = none
    management: list[Event]  # mowings and harvests


def grow(
    spec: SiteSpec,
    weather: Weather,
    landscape: Landscape,
    units: Units,
    disturbances: Sequence[Event],
    *,
    seed: int,
) -> Growth:
    """Grow every unit through every day of the weather, spin-up included."""
    meadow, crops = Meadow(units, weather, spec, seed=seed), Crops(units, weather, spec, seed=seed)
    groups: tuple[PlantGroup, ...] = (
        BroadleafTrees(units, weather, spec, seed=seed),
        Conifers(units),
        EvergreenOaks(units),
        Pasture(units),
        Sedges(units, spec),
        AnnualGrass(units),
        meadow,
        crops,
    )
    groups = tuple(group for group in groups if len(group.rows))
    history = _run(groups, weather, units, disturbances, hidden_vigour(spec, weather.calendar, seed=seed))
    return Growth(
        history=history,
        species=_spread(crops.calendar.species, crops.rows, len(units)),
        crop_of_year=_spread(crops.calendar.crop_of_year(weather.calendar), crops.rows, len(units)),
        management=_management(meadow, crops, weather, landscape, units),
    )


def hidden_vigour(spec: SiteSpec, calendar: Calendar, *, seed: int) -> Floats:
    """Factor (days,) on every plant's capacity, for what no model accounts for: nutrients, pests, last year."""
    noise = child(seed, spec.id, "vigour").normal(size=len(calendar))
    return np.exp(VIGOUR_SPREAD * autoregressive(noise, memory=np.exp(-1 / VIGOUR_DAYS)))


def _run(
    groups: Sequence[PlantGroup], weather: Weather, units: Units, disturbances: Sequence[Event], vigour: Floats
) -> History:
    water, canopy = SoilWater(units), Canopy.at_start(units)
    standing = canopy
    damage = Disturbances(disturbances, units, weather.calendar)
    history = History.empty(len(units), len(weather.calendar))
    for day in days(weather):
        water.step(day, standing.green, standing.brown)
        for group in groups:
            group.step(day, water, canopy)
        damage.step(day)
        standing = damage.applied_to(canopy)
        standing.capacity = standing.capacity * vigour[day.index]
        history.record(day.index, standing, water, wood=damage.wood, char=damage.char)
    return history


def _spread(values: Ints, rows: Ints, units: int) -> Ints:
    """Values of some rows as an array over all units, 0 elsewhere."""
    spread = np.zeros((units, values.shape[1]), dtype=np.int64)
    spread[rows] = values
    return spread


def _management(meadow: Meadow, crops: Crops, weather: Weather, landscape: Landscape, units: Units) -> list[Event]:
    mowings = ((int(row), int(day), "") for row, day in np.argwhere(meadow.cuts))
    return [
        *management_events("mowing", units.patch[meadow.rows], mowings, landscape, weather.calendar),
        *management_events("harvest", units.patch[crops.rows], crops.calendar.harvests(), landscape, weather.calendar),
    ]
