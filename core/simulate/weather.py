"""Daily weather: one hidden synoptic state drives rain, cloud and temperature together.

So the clouds that hide a Sentinel-2 scene are the clouds that dim the plants' light on that day.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.special import ndtr, ndtri

from core.schema import WEATHER_COLUMNS
from core.simulate.arrays import Bools, Floats, autoregressive, ramp
from core.simulate.astronomy import day_length, extraterrestrial_radiation
from core.simulate.calendar import Calendar
from core.simulate.rng import child
from core.simulate.spec import Climate, SiteSpec

SYNOPTIC_MEMORY = 0.62  # correlation of the weather from one day to the next
WARMEST_DOY = 203  # 22 July
CO2_2018 = 405.0  # ppm, with its rise and season after the global mean of NOAA
CO2_RISE = 2.4  # ppm a-1
SNOW_TEMPERATURE = 1.0  # degC; below it precipitation turns to snow over the next 2 K
MELT_RATE = 2.8  # mm d-1 K-1, degree-day factor of snow


@dataclass(frozen=True, kw_only=True)
class Weather:
    """Daily weather of a calendar; every array is (days,). The first ten are the columns of the weather table."""

    calendar: Calendar
    temperature: Floats  # degC, daily mean
    temperature_min: Floats  # degC
    temperature_max: Floats  # degC
    dewpoint: Floats  # degC
    precipitation: Floats  # mm d-1
    radiation: Floats  # MJ m-2 d-1, shortwave
    vpd: Floats  # kPa, daytime
    wind_speed: Floats  # m s-1
    wind_direction: Floats  # degrees it comes from
    snow: Floats  # mm of water on the ground
    cloud: Floats  # share of the sky, 0..1
    liquid: Floats  # mm d-1, rain and melt
    diffuse: Floats  # share of the radiation, 0..1
    day_length: Floats  # h
    co2: Floats  # ppm
    drought: Floats  # severity of the drought, 0 = none

    def table(self) -> pd.DataFrame:
        """The recorded years as a daily table with the columns of `WEATHER_COLUMNS`."""
        days = self.calendar.recorded
        index = pd.DatetimeIndex(self.calendar.dates[days].astype("datetime64[ns]"), name="time")
        return pd.DataFrame({name: getattr(self, name)[days] for name in WEATHER_COLUMNS}, index=index)


def simulate_weather(spec: SiteSpec, calendar: Calendar, *, seed: int) -> Weather:
    """Draw the weather of `spec` for every day of `calendar`."""
    rng = child(seed, spec.id, "weather")
    summer = np.cos(2 * np.pi * (calendar.doy - WARMEST_DOY) / 365.25)  # 1 in July, -1 in January
    drought = _drought(spec, calendar)
    state = _synoptic_state(rng, drought)
    wet_share = np.clip(spec.climate.wet_days + spec.climate.wet_days_in_summer * summer, 0.02, 0.95)

    rain = _precipitation(spec.climate, state, wet_share, summer, drought, rng)
    cloud = _cloud(state, wet_share, rain > 0, rng)
    above = extraterrestrial_radiation(spec.lat, calendar.doy)
    radiation = _radiation(above, cloud, spec.elevation_m, rng)
    mean = _temperature(spec.climate, calendar, summer, cloud, drought, rng)
    daily_range = spec.climate.daily_range * (1 + 0.25 * summer) * (1.25 - 0.75 * cloud)
    dewpoint = _dewpoint(spec.climate, mean - daily_range / 2, summer, drought, rng)
    snow, liquid = _snow(rain, mean)
    daytime = mean + 0.2 * daily_range
    return Weather(
        calendar=calendar,
        temperature=mean,
        temperature_min=mean - daily_range / 2,
        temperature_max=mean + daily_range / 2,
        dewpoint=dewpoint,
        precipitation=rain,
        radiation=radiation,
        vpd=np.maximum(vapour_pressure(daytime) - vapour_pressure(dewpoint), 0.02),
        wind_speed=np.maximum(rng.gamma(4.0, 0.6, len(calendar)) + 0.5 * np.maximum(state, 0), 0.4),
        wind_direction=(spec.climate.wind_from + 52 * state + rng.normal(0, 55, len(calendar))) % 360,
        snow=snow,
        cloud=cloud,
        liquid=liquid,
        diffuse=np.clip(1.13 - 1.32 * radiation / np.maximum(above, 0.1), 0.15, 1.0),  # after Spitters et al. 1986
        day_length=day_length(spec.lat, calendar.doy),
        co2=_co2(calendar),
        drought=drought,
    )


def vapour_pressure(temperature: Floats) -> Floats:
    """Saturation vapour pressure, kPa, over water at degC (FAO-56 eq. 11)."""
    return 0.6108 * np.exp(17.27 * temperature / (temperature + 237.3))


def _drought(spec: SiteSpec, calendar: Calendar) -> Floats:
    """Severity of the drought on every day."""
    if spec.drought is None:
        return np.zeros(len(calendar))
    in_season = (calendar.doy >= spec.drought.first_doy) & (calendar.doy <= spec.drought.last_doy)
    return spec.drought.severity * ((calendar.year == spec.drought.year) & in_season)


def _synoptic_state(rng: np.random.Generator, drought: Floats) -> Floats:
    """Standard normal in the long run, high in wet spells; about a week of memory on top of a slow wave."""
    fast = autoregressive(rng.normal(size=len(drought)), memory=SYNOPTIC_MEMORY)
    slow = _smooth_noise(rng, len(drought), days=25)
    return 0.98 * fast + 0.20 * slow - 0.5 * drought


def _smooth_noise(rng: np.random.Generator, length: int, *, days: float) -> Floats:
    noise = gaussian_filter1d(rng.normal(size=length), days)
    return noise / noise.std()


def _precipitation(
    climate: Climate, state: Floats, wet_share: Floats, summer: Floats, drought: Floats, rng: np.random.Generator
) -> Floats:
    wet = state > ndtri(1 - wet_share)
    amount = rng.gamma(0.8, 1 / 0.8, len(state)) * climate.rain * (1 + climate.rain_in_summer * summer)
    return np.where(wet, amount, 0.0) * (1 - 0.2 * drought)


def _cloud(state: Floats, wet_share: Floats, wet: Bools, rng: np.random.Generator) -> Floats:
    middle = ndtri(np.clip(wet_share + 0.12, 0.05, 0.95))
    share = ndtr(0.95 * (state + middle) + 0.75 * rng.normal(size=len(state)))
    return np.clip(share + 0.12 * wet, 0.0, 1.0)


def _radiation(above: Floats, cloud: Floats, elevation_m: float, rng: np.random.Generator) -> Floats:
    """Shortwave at the ground: clear sky after FAO-56 eq. 37, hazier; clouds after Kasten & Czeplak 1980.

    Their exponent is 3.4 by the hour; over a day, in which clouds come and go, 2.6 gives the radiation of the regions.
    """
    clear_sky = above * (0.71 + 2e-5 * elevation_m)
    haze = np.clip(1 + 0.04 * rng.normal(size=len(above)), 0.85, 1.12)
    return np.maximum(clear_sky * (1 - 0.75 * cloud**2.6) * haze, 0.05)


def _temperature(
    climate: Climate, calendar: Calendar, summer: Floats, cloud: Floats, drought: Floats, rng: np.random.Generator
) -> Floats:
    days = len(calendar)
    anomaly = autoregressive(rng.normal(size=days), memory=0.8) * climate.variability * (1 - 0.18 * summer)
    by_year = rng.normal(0, 0.5, len(calendar.years))[calendar.year - calendar.years[0]]
    by_month = 0.9 * _smooth_noise(rng, days, days=20)
    overcast = -2.2 * (cloud - 0.5) * np.maximum(summer, -0.3)  # clouds cool summer days, warm winter ones
    season = climate.temperature + climate.seasonality * summer
    return season + anomaly + by_year + by_month + overcast + 1.8 * drought


def _dewpoint(climate: Climate, minimum: Floats, summer: Floats, drought: Floats, rng: np.random.Generator) -> Floats:
    depression = climate.dryness * (1 + 0.5 * np.maximum(summer, 0)) + 1.5 * drought
    return np.minimum(minimum - depression + 0.6 * rng.normal(size=len(minimum)), minimum)


def _snow(precipitation: Floats, temperature: Floats) -> tuple[Floats, Floats]:
    """Snow water on the ground (mm) and liquid water reaching the soil (mm d-1)."""
    frozen = precipitation * ramp(temperature, SNOW_TEMPERATURE, SNOW_TEMPERATURE - 2)
    possible_melt = np.maximum(MELT_RATE * (temperature - 0.3), 0)
    snow, melt, store = np.zeros_like(frozen), np.zeros_like(frozen), 0.0
    for day in range(len(frozen)):
        store += frozen[day]
        melt[day] = min(store, possible_melt[day])
        store -= melt[day]
        snow[day] = store
    return snow, precipitation - frozen + melt


def _co2(calendar: Calendar) -> Floats:
    season = 6 * np.cos(2 * np.pi * (calendar.doy - 100) / 365)
    return CO2_2018 + CO2_RISE * (calendar.year - 2018 + calendar.doy / 365) + season
