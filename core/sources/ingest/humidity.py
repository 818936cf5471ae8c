"""Vapour pressure deficit by day, where a source tells the air's moisture in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

VAPOUR = "vapour_pressure"  # kPa, a daily mean; a column on the way to vpd, never stored
DAY_WEIGHT = 0.45  # daytime temperature = mean + 0.45 (max - mean) (Running et al. 1987, MT-CLIM)
SATURATED = (0.6108, 17.27, 237.3)  # kPa, 1, degC: over water, FAO Irrigation and Drainage Paper 56, equation 11


def saturation(temperature: pd.Series) -> pd.Series:
    """Saturation vapour pressure in kPa at a temperature in degC."""
    at_zero, slope, shift = SATURATED
    return (slope * temperature / (temperature + shift)).apply(np.exp) * at_zero


def with_vpd(table: pd.DataFrame) -> pd.DataFrame:
    """The daily table with daytime vpd (kPa) where it has none, from vapour pressure, else from the dewpoint."""
    plain = table.drop(columns=VAPOUR, errors="ignore")
    if "vpd" in table or "temperature" not in table:
        return plain
    if VAPOUR in table:
        actual = table[VAPOUR]
    elif "dewpoint" in table:
        actual = saturation(table["dewpoint"])
    else:
        return plain
    daytime = table["temperature"]
    if "temperature_max" in table:
        daytime = daytime + DAY_WEIGHT * (table["temperature_max"] - daytime)
    return plain.assign(vpd=(saturation(daytime) - actual).clip(lower=0))
