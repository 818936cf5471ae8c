"""What is sown, harvested and ploughed when: a rotation on every field, its dates set by warmth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.simulate.arrays import Bools, Floats, Ints
from core.simulate.calendar import Calendar
from core.simulate.weather import Weather


class Crop(NamedTuple):
    """One species. Heat is degree-days above `base` since 1 January (maize: since it emerged)."""

    name: str
    leaf_area: float  # peak leaf area index, m2 m-2
    growth: float  # relative growth of a thin, warm, well-watered stand, d-1
    base: float  # degC below which leaves do not grow
    chlorophyll: float  # ug cm-2
    leaf_angle: float  # degrees
    vcmax25: float  # umol m-2 s-1
    c4: bool
    rests_until: float  # heat before which an overwintering stand keeps low
    winter_leaf_area: float  # leaf area index of that stand
    ripens: tuple[float, float]  # heat at which leaves begin and end to die
    flowers: tuple[float, float]  # heat between which it stands in yellow flower; empty where equal


FALLOW, WHEAT, MAIZE, RAPE, BEET = range(5)
CROPS: tuple[Crop, ...] = (
    Crop("fallow", 0.5, 0.05, 4, 35, 55, 50, False, 0, 0.5, (9e3, 9.9e3), (0, 0)),
    Crop("winter wheat", 5.6, 0.088, 0, 52, 63, 94, False, 90, 0.42, (1430, 1860), (0, 0)),
    Crop("maize", 4.6, 0.160, 8, 52, 52, 34, True, 0, 4.6, (880, 1210), (0, 0)),
    Crop("winter rape", 4.4, 0.100, 1, 46, 50, 92, False, 70, 1.6, (1230, 1700), (380, 690)),
    Crop("sugar beet", 4.8, 0.135, 4, 48, 45, 86, False, 0, 4.8, (3050, 4950), (0, 0)),
)
ROTATIONS = (
    (WHEAT, RAPE, WHEAT, MAIZE),
    (BEET, WHEAT, WHEAT, RAPE),
    (MAIZE, WHEAT, BEET, WHEAT),
    (RAPE, WHEAT, MAIZE, WHEAT),
)
MAIZE_EMERGES = 110  # day of the year
MAIZE_BASE = 8.0  # degC, of maize's heat sum
FALLOW_DAYS = 3  # least days between a harvest and the next sowing


@dataclass(frozen=True, kw_only=True)
class CropCalendar:
    """Field work by field and day, each (fields, days)."""

    species: Ints  # index into CROPS of what stands on the field, 0 = nothing sown
    heat: Floats  # degree-days of that species
    young: Bools  # sown, but its year of harvest has not begun
    sown: Bools
    harvested: Bools
    ploughed: Bools

    def harvests(self) -> Iterator[tuple[int, int, str]]:
        """(field, day, crop name) of every harvest."""
        for row, day in np.argwhere(self.harvested):
            yield int(row), int(day), CROPS[self.species[row, day - 1]].name

    def crop_of_year(self, calendar: Calendar) -> Ints:
        """Species harvested on each field in each recorded year, (fields, years)."""
        of_year = []
        for year in calendar.recorded_years:
            days = calendar.days_of(year)
            before = np.roll(self.species, 1, axis=1)[:, days]
            of_year.append(np.where(self.harvested[:, days], before, 0).max(axis=1))
        return np.stack(of_year, axis=1)


class _Season(NamedTuple):
    """Field work for one crop, as positions in the calendar."""

    sow: int
    harvest: int


def plan_crops(weather: Weather, fields: int, rng: np.random.Generator) -> CropCalendar:
    """A calendar for `fields` fields, each with its own rotation and its own farmer's timing."""
    calendar = weather.calendar
    shape = (fields, len(calendar))
    plan = CropCalendar(
        species=np.zeros(shape, dtype=np.int64),
        heat=np.zeros(shape),
        young=np.zeros(shape, dtype=bool),
        sown=np.zeros(shape, dtype=bool),
        harvested=np.zeros(shape, dtype=bool),
        ploughed=np.zeros(shape, dtype=bool),
    )
    for row in range(fields):
        _plan_field(plan, row, weather, rng)
    return plan


def _plan_field(plan: CropCalendar, row: int, weather: Weather, rng: np.random.Generator) -> None:
    rotation = ROTATIONS[int(rng.integers(len(ROTATIONS)))]
    offset = int(rng.integers(len(rotation)))
    free_from = 0
    for turn, year in enumerate(weather.calendar.years):
        species = rotation[(turn + offset) % len(rotation)]
        heat = _heat_sum(species, year, weather, delay=4 * rng.normal())
        season = _season_of(species, weather.calendar.index(f"{year}-01-01"), heat, rng)
        sow, harvest = max(season.sow, free_from), season.harvest
        _enter(plan, row, species, weather.calendar.days_of(year), heat, _Season(sow, harvest))
        _plough(plan, row, species, _Season(sow, harvest), 14 + int(abs(5 * rng.normal())))
        free_from = harvest + FALLOW_DAYS


def _heat_sum(species: int, year: int, weather: Weather, *, delay: float) -> Floats:
    """Degree-days since 1 January on every day of a year."""
    days = weather.calendar.days_of(year)
    temperature, doy = weather.temperature[days], weather.calendar.doy[days]
    if species == MAIZE:
        return np.cumsum(np.maximum(temperature - MAIZE_BASE, 0) * (doy > MAIZE_EMERGES + delay))
    return np.cumsum(np.maximum(temperature, 0))


def _season_of(species: int, new_year: int, heat: Floats, rng: np.random.Generator) -> _Season:
    """Sowing and harvest of a species in the year that begins at position `new_year`."""
    early, late = rng.normal(size=2)
    if species == WHEAT:
        sow, harvest = -82 + 5 * early, np.searchsorted(heat, 2060 + 50 * late)
    elif species == RAPE:
        sow, harvest = -130 + 4 * early, np.searchsorted(heat, 1850 + 45 * late)
    elif species == MAIZE:
        sow, harvest = 112 + 5 * early, 268 + 6 * late
    else:
        sow, harvest = 96 + 5 * early, 288 + 7 * late
    return _Season(new_year + int(sow), new_year + min(int(harvest), 350))


def _enter(plan: CropCalendar, row: int, species: int, year: slice, heat: Floats, season: _Season) -> None:
    sow, new_year = max(season.sow, 0), year.start
    plan.species[row, sow : season.harvest] = species
    plan.young[row, sow : max(new_year, sow)] = True
    plan.heat[row, year] = heat
    plan.sown[row, sow] = True
    plan.harvested[row, season.harvest] = True


def _plough(plan: CropCalendar, row: int, species: int, season: _Season, wait: int) -> None:
    """Turn the stubble some weeks after harvest, and the seedbed before a spring crop."""
    days = plan.ploughed.shape[1]
    plan.ploughed[row, min(season.harvest + wait, days - 1)] = True
    if species in (MAIZE, BEET) and season.sow >= FALLOW_DAYS:
        plan.ploughed[row, season.sow - FALLOW_DAYS] = True
