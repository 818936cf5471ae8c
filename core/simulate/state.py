"""The hidden state of a site: land, weather, growth and true uptake, before any instrument has looked at it."""

from dataclasses import dataclass

import numpy as np

from core.simulate.arrays import Floats
from core.simulate.calendar import Calendar
from core.simulate.events import Event, draw_disturbances, drought_events
from core.simulate.footprint import Footprint, make_footprint
from core.simulate.growth.grow import Growth, grow
from core.simulate.landscape import Landscape, make_landscape
from core.simulate.photosynthesis import daily_gpp
from core.simulate.pixels import Pixels, make_pixels
from core.simulate.spec import SiteSpec
from core.simulate.units import Units, make_units
from core.simulate.weather import Weather, simulate_weather


@dataclass(frozen=True, kw_only=True)
class HiddenState:
    """Everything there is to know of a site."""

    spec: SiteSpec
    seed: int
    weather: Weather
    landscape: Landscape
    units: Units
    pixels: Pixels
    growth: Growth
    gpp: Floats  # (units, days) gC m-2 d-1
    footprint: Footprint
    events: tuple[Event, ...]  # by date

    @property
    def calendar(self) -> Calendar:
        return self.weather.calendar

    @property
    def patch_weights(self) -> Floats:
        """Share (patches, units) of each unit in each patch's ground; rows sum to the vegetated share."""
        pixels, shape = self.pixels, (len(self.landscape.covers), len(self.units))
        patch = self.landscape.patch.ravel() - 1
        vegetated = 1 - pixels.still_share
        second = np.where(pixels.second >= 0, pixels.second_share, 0.0)
        weights = np.zeros(shape)
        np.add.at(weights, (patch, pixels.main), vegetated * (1 - second))
        np.add.at(weights, (patch, np.maximum(pixels.second, 0)), vegetated * second)
        return weights / self.landscape.pixels[:, None]


def hidden_state(spec: SiteSpec, *, seed: int, size: int, years: tuple[int, int]) -> HiddenState:
    """Draw a site and let it live through `years` (first and last, after a year of spin-up)."""
    calendar = Calendar(*years)
    weather = simulate_weather(spec, calendar, seed=seed)
    landscape = make_landscape(spec, size, seed=seed)
    units = make_units(spec, landscape, seed=seed)
    pixels = make_pixels(spec, landscape, units, seed=seed)
    disturbances = draw_disturbances(spec, landscape, calendar, seed=seed)
    growth = grow(spec, weather, landscape, units, disturbances, seed=seed)
    events = [*disturbances, *growth.management, *drought_events(spec, landscape, calendar)]
    return HiddenState(
        spec=spec,
        seed=seed,
        weather=weather,
        landscape=landscape,
        units=units,
        pixels=pixels,
        growth=growth,
        gpp=daily_gpp(spec.lat, weather, units, growth),
        footprint=make_footprint(pixels, len(units), size),
        events=tuple(sorted(events, key=lambda event: (event.date, event.type, event.patches))),
    )
