"""What a model has to beat: the day-of-year climatology of the training days, and NIRv without and with radiation.

Each takes the samples and the rows of both parts, and sees the targets of the training rows only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.gpp.windows import Samples

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.floating]
Rows = NDArray[np.intp]
AROUND = 7  # days before and after a day of the year that its mean takes in
LEAST_DAYS = 5  # training days of a mean; else it is widened
YEAR = 366
LEAST_OWN = 60  # training days for a tower to get a line of its own


def climatology(samples: Samples, train: Rows, test: Rows) -> Floats:
    """The mean of the training days around the same day of the year: of the same tower, of all where it is new."""
    found = np.empty(len(test))
    every = curve_of(samples.doy[train], samples.y[train])
    for site in np.unique(samples.sites[test]):
        own = train[samples.sites[train] == site]
        curve = curve_of(samples.doy[own], samples.y[own]) if len(own) >= LEAST_DAYS else every
        rows = samples.sites[test] == site
        found[rows] = curve[samples.doy[test][rows]]
    return found


def curve_of(doy: NDArray[np.int64], y: Floats) -> Floats:
    """Mean of each day of the year (366,), over a window that widens until it holds enough days; `doy` from 0."""
    total, count = (np.bincount(doy, weights, minlength=YEAR) for weights in (y, np.ones(len(y))))
    curve = np.full(YEAR, np.nan)
    for around in (AROUND, 15, 30, 60, 120, YEAR // 2):
        kernel = np.ones(2 * around + 1)
        wide = [np.convolve(np.concatenate([a[-around:], a, a[:around]]), kernel, "valid") for a in (total, count)]
        fits = np.isnan(curve) & (wide[1] >= min(LEAST_DAYS, len(y)))
        curve[fits] = wide[0][fits] / wide[1][fits]
    return np.where(np.isnan(curve), y.mean(), curve)


def tower_climatology(tower: pd.DataFrame) -> pd.Series:
    """The climatology of a daily tower series, on each of its days: to look at, not to judge by."""
    import pandas as pd

    days = pd.DatetimeIndex(tower.index)
    doy = days.dayofyear.to_numpy() - 1
    known = (tower["gpp"].notna() & ~tower["filled"].astype(bool)).to_numpy()
    if not known.any():
        return pd.Series(np.nan, index=days)
    return pd.Series(curve_of(doy[known], tower["gpp"].to_numpy(float)[known])[doy], index=days)


def nirv(samples: Samples, train: Rows, test: Rows) -> Floats | None:
    """A straight line through NIRv, of the tower itself where it trains."""
    return None if samples.nirv is None else _line(samples, samples.nirv, train, test)


def nirv_radiation(samples: Samples, train: Rows, test: Rows) -> Floats | None:
    """A straight line through NIRv times radiation."""
    if samples.nirv is None or samples.radiation is None:
        return None
    return _line(samples, samples.nirv * samples.radiation, train, test)


def _line(samples: Samples, x: Floats, train: Rows, test: Rows) -> Floats | None:
    known = train[np.isfinite(x[train])]
    if len(known) < 2:
        return None
    found = np.empty(len(test))
    every = _fitted(x[known], samples.y[known])
    for site in np.unique(samples.sites[test]):
        own = known[samples.sites[known] == site]
        slope, offset = _fitted(x[own], samples.y[own]) if len(own) >= LEAST_OWN else every
        rows = samples.sites[test] == site
        filled = np.where(np.isfinite(x[test][rows]), x[test][rows], x[own if len(own) else known].mean())
        found[rows] = slope * filled + offset
    return found


def _fitted(x: Floats, y: Floats) -> tuple[float, float]:
    spread = float(np.var(x))
    slope = float(np.mean((x - x.mean()) * (y - y.mean()))) / spread if spread > 0 else 0.0
    return slope, float(y.mean()) - slope * float(x.mean())


BASELINES: Mapping[str, Callable[[Samples, Rows, Rows], Floats | None]] = {
    "climatology": climatology,
    "nirv": nirv,
    "nirv_radiation": nirv_radiation,
}
