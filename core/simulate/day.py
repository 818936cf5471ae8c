"""One day as the growing plants see it."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.simulate.weather import Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The weather of one day, as plain numbers."""

    index: int  # position in the calendar
    doy: int
    year: int
    temperature: float  # degC
    temperature_min: float  # degC
    warmth: float  # mean temperature of about the past nine days, degC: what plants are acclimated to
    radiation: float  # MJ m-2 d-1
    precipitation: float  # mm
    liquid: float  # mm, rain and melt


ACCLIMATION_DAYS = 9.0  # lag of a plant's capacity behind temperature (Makela et al. 2004: 5 to 14 days)


def days(weather: Weather) -> Iterator[Day]:
    """Every day of the weather's calendar in turn."""
    calendar, warmth = weather.calendar, -5.0
    for index in range(len(calendar)):
        warmth += (float(weather.temperature[index]) - warmth) / ACCLIMATION_DAYS
        yield Day(
            index=index,
            doy=int(calendar.doy[index]),
            year=int(calendar.year[index]),
            temperature=float(weather.temperature[index]),
            temperature_min=float(weather.temperature_min[index]),
            warmth=warmth,
            radiation=float(weather.radiation[index]),
            precipitation=float(weather.precipitation[index]),
            liquid=float(weather.liquid[index]),
        )
