"""What a tower usually takes up on a day of the year, and trees on what this year does otherwise.

A day's uptake is held against that of other years around the same day of the year, and so is every feature; what is
learnt is the difference of the one from the differences of the others. Both are made alike in training (each year
against the other training years) and in use (a new year against all of them), so that no day helps to predict itself.
A feature that was not seen is taken to be as usual, for a gap is no sign of an unusual year.
A tower without two training years is predicted by `plain`, which knows nothing of towers.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone

Floats = NDArray[np.floating]
YEAR = 366
AROUND = 15.0  # days, standard deviation of the weights that make a usual year of single days
LEAST = 30  # training days in other years, under which a year has nothing to be held against
FAINT = 1e-3  # weight of the mean of all days, which takes over far from any


class Unusual(RegressorMixin, BaseEstimator):
    """`trees` learn differences in the spread of their tower; `plain`, which takes NaN, predicts new towers."""

    def __init__(self, trees: Any, plain: Any) -> None:
        self.trees, self.plain = trees, plain

    def fit(self, X: Floats, y: Floats, *, sites: NDArray[np.str_], days: NDArray[np.datetime64]) -> Self:
        """X (n, columns) with NaN where nothing was seen, y (n,) with the tower and the day of each."""
        self.plain_ = clone(self.plain).fit(X, y)
        doy, years = _doy(days), _years(days)
        both = np.column_stack([y, X])
        empty = np.isnan(X).all(axis=0)
        self.middle_ = np.nanmedian(np.where(empty, 0.0, X), axis=0)
        usual, towers, curves, spread = np.full(both.shape, np.nan), [], [], []
        for site in np.unique(sites[sites != ""]):
            own = np.flatnonzero(sites == site)
            if not against_others(both, own, doy, years, usual):
                continue
            towers.append(str(site))
            curves.append(self._told(usual_year(doy[own], both[own])))
            spread.append(max(float(y[own].std()), 1e-9))
        self.towers_ = np.array(towers, dtype=str)
        self.curves_ = np.array(curves, dtype=np.float32).reshape(len(towers), YEAR, both.shape[1])
        self.spread_ = np.array(spread)
        rows = np.flatnonzero(np.isfinite(usual[:, 0]))
        if len(rows):
            size = self.spread_[np.searchsorted(self.towers_, sites[rows])]
            unusual = (y[rows] - usual[rows, 0]) / size
            self.trees_ = clone(self.trees).fit(_beside(X[rows], self._told(usual[rows])), unusual)
        return self

    def predict(self, X: Floats, *, sites: NDArray[np.str_], days: NDArray[np.datetime64]) -> Floats:
        """X (n, columns) -> (n,)."""
        found = np.empty(len(X))
        known = np.isin(sites, self.towers_)
        if not known.all():
            found[~known] = self.plain_.predict(X[~known])
        if known.any():
            place = np.searchsorted(self.towers_, sites[known])
            usual = self.curves_[place, _doy(days[known])]
            found[known] = usual[:, 0] + self.spread_[place] * self.trees_.predict(_beside(X[known], usual))
        return found

    def _told(self, usual: Floats) -> Floats:
        """`usual` uptake and features, of a feature that the tower has never seen the middle of all towers."""
        return np.where(np.isnan(usual), np.concatenate([[np.nan], self.middle_]), usual)


def usual_year(doy: NDArray[np.int64], values: Floats) -> Floats:
    """Weighted mean of `values` (n, columns) around each day of the year -> (366, columns); `doy` from 0.

    NaN counts for nothing; a column of NaN alone stays NaN.
    """
    away = np.arange(YEAR)
    weight = np.exp(-0.5 * (np.minimum(away, YEAR - away) / AROUND) ** 2)
    near = weight[(away[:, None] - doy) % YEAR]
    known = np.isfinite(values)
    held = np.where(known, values, 0.0)
    total, count = near @ held + FAINT * held.mean(axis=0), near @ known + FAINT * known.mean(axis=0)
    return np.asarray(np.where(count > 0, total / np.where(count > 0, count, 1.0), np.nan))


def against_others(
    both: Floats, own: NDArray[np.intp], doy: NDArray[np.int64], years: NDArray[np.int64], usual: Floats
) -> bool:
    """Fill the rows of `usual` that other years of the tower can give; whether there were any."""
    filled = False
    for year in np.unique(years[own]):
        others = own[years[own] != year]
        if len(others) >= LEAST:
            rows = own[years[own] == year]
            usual[rows] = usual_year(doy[others], both[others])[doy[rows]]
            filled = True
    return filled


def _beside(X: Floats, usual: Floats) -> Floats:
    """What the trees see: the features, how far they are from usual, and the usual uptake."""
    whole = np.where(np.isnan(X), usual[:, 1:], X)
    return np.column_stack([whole, whole - usual[:, 1:], usual[:, 0]])


def _doy(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return (days - days.astype("datetime64[Y]")).astype(np.int64)


def _years(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return days.astype("datetime64[Y]").astype(np.int64)
