"""Radiation of a cloudless sky from place and date alone (pvlib: Ineichen and Perez 2002, monthly turbidity)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

MEGAJOULE = 3600e-6  # MJ of an hour at 1 W m-2
NAME = "clearsky"


def clear_sky(lat: float, lon: float, elevation_m: float | None, days: pd.DatetimeIndex) -> pd.Series:
    """Daily shortwave radiation on a horizontal plane under a cloudless sky, MJ m-2 d-1, of any days."""
    import pandas as pd

    year = _year(round(lat, 3), round(lon, 3), round(elevation_m or 0.0))
    return pd.Series(year[np.minimum(days.dayofyear, 366) - 1], index=days, name=NAME)


@lru_cache(maxsize=256)
def _year(lat: float, lon: float, elevation_m: float) -> np.ndarray:
    """Of each day of a leap year (366,); years differ by less than 1 %."""
    import pandas as pd
    from pvlib.location import Location

    hours = pd.date_range("2020-01-01 00:30", "2020-12-31 23:30", freq="h") - pd.Timedelta(hours=lon / 15)
    place = Location(lat, lon, altitude=elevation_m)
    sky = place.get_clearsky(hours.tz_localize("UTC"), model="ineichen")
    return np.asarray(sky["ghi"].to_numpy().reshape(366, 24).sum(axis=1) * MEGAJOULE)
