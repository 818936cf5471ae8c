"""The tower's daily series: true uptake of its footprint, then everything that eddy covariance adds and loses."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.ndimage import uniform_filter1d

from core.simulate.arrays import Bools, Floats, autoregressive
from core.simulate.rng import child
from core.simulate.spec import SiteSpec
from core.simulate.weather import Weather

SITE_BIAS = 0.05  # relative, 1 sd between towers
DRIFT, DRIFT_DAYS = 0.08, 15.0  # relative 1 sd and memory of the partitioning's slow error
NOISE_FLOOR, NOISE_SHARE = 0.18, 0.055  # gC m-2 d-1 and relative: random error of a perfect day
FILLED_BELOW = 0.5  # quality under which a day is mostly gap-filled
FILL_WEIGHT, FILL_DAYS = 0.65, 11  # how much of a filled day comes from the mean of the days around it
GAP_SHARE = (0.085, 0.125)  # range of the share of days without any value
OUTAGE_DAYS = (20, 42)  # range of the one long breakdown
GAP_DAYS = 6.0  # mean extra length of a common gap

COLUMN = "simulated footprint GPP"


class TowerSeries(NamedTuple):
    """A tower over the whole calendar, spin-up included; each (days,)."""

    gpp: Floats  # gC m-2 d-1, NaN in gaps
    quality: Floats  # 0..1, 0 in gaps
    filled: Bools  # mostly gap-filled
    true: Floats  # gC m-2 d-1 without any error

    def table(self, weather: Weather) -> pd.DataFrame:
        """The recorded years as a daily table in the form of `TOWER_COLUMNS`."""
        days = weather.calendar.recorded
        index = pd.DatetimeIndex(weather.calendar.dates[days].astype("datetime64[ns]"), name="time")
        columns = {"gpp": self.gpp[days], "quality": self.quality[days], "filled": self.filled[days]}
        table = pd.DataFrame(columns, index=index)
        table.attrs["column"] = COLUMN
        return table


def measure(spec: SiteSpec, weather: Weather, true: Floats, *, seed: int) -> TowerSeries:
    """What a tower reports of the true uptake (days,) of its footprint."""
    rng = child(seed, spec.id, "tower")
    days = len(true)
    bias = 1 + SITE_BIAS * rng.normal()
    drift = 1 + DRIFT * autoregressive(rng.normal(size=days), memory=np.exp(-1 / DRIFT_DAYS))
    quality = _quality(weather, rng)
    spread = (NOISE_FLOOR + NOISE_SHARE * true) / np.sqrt(np.clip(quality, 0.1, 1))
    measured = true * bias * drift + rng.laplace(0, spread / np.sqrt(2))
    filled = quality < FILLED_BELOW
    around = uniform_filter1d(measured, FILL_DAYS, mode="nearest")
    reported = np.where(filled, FILL_WEIGHT * around + (1 - FILL_WEIGHT) * measured, measured)
    gap = _gaps(days, weather.calendar.recorded, rng)
    return TowerSeries(
        gpp=np.where(gap, np.nan, reported), quality=np.where(gap, 0.0, quality), filled=filled & ~gap, true=true
    )


def _quality(weather: Weather, rng: np.random.Generator) -> Floats:
    """Share of a day's half hours that were good: less in rain, calm and deep cold."""
    lost_to_rain = 0.45 * np.clip(weather.precipitation / 8, 0, 1)
    lost_to_calm = 0.25 * (weather.wind_speed < 1)
    lost_to_cold = 0.12 * (weather.temperature < -5)
    return np.clip(rng.beta(7, 1.6, len(weather.calendar)) - lost_to_rain - lost_to_calm - lost_to_cold, 0, 1)


def _gaps(days: int, recorded: slice, rng: np.random.Generator) -> Bools:
    """One long breakdown, then short gaps until the share of lost days is reached."""
    gap = np.zeros(days, dtype=bool)
    wanted = rng.uniform(*GAP_SHARE)
    outage = int(rng.integers(*OUTAGE_DAYS))
    start = int(rng.integers(recorded.start, max(recorded.stop - outage, recorded.start + 1)))
    gap[start : start + outage] = True
    while gap[recorded].mean() < wanted:
        start = int(rng.integers(days))
        gap[start : start + 1 + int(rng.exponential(GAP_DAYS))] = True
    return gap
