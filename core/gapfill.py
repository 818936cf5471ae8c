"""Days without a value, filled for drawing and for models that need every day. A filled day is never counted as data.

linear       a straight line between the values before and after, within one calendar year; nothing beyond the first and
             the last value of a year. Uncertain like a Brownian bridge: nothing at its ends, most in its middle; how
             much is found by leaving out every value once.
structural   a local level with a yearly season of three harmonics and noise, fitted to the series by maximum likelihood
             (state-space smoothing, statsmodels), as in arXiv 2511.11706. Every day from the first to the last value.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError

Method = Literal["linear", "structural"]
METHODS: Mapping[Method, str] = {
    "linear": "straight lines within a year",
    "structural": "structural time-series model",
}
FEWEST_IN_YEAR = 4  # values; a year with fewer has no line
FEWEST = 24  # values for the structural model: more than three times what it has to find
SHORTEST = 365  # days that the structural model must span to know a season
PERIOD, HARMONICS = 365, 3  # of the season, days and waves (arXiv 2511.11706)
STEPS = 100  # of the fit, at most
NO_MORE = 1e-9  # of a series' spread; below it, it is constant

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class FilledSeries:
    """A series on every day between its first and last value."""

    days: Days  # (n,) datetime64[D], step 1
    values: Floats  # (n,): measured where there is a measurement, else filled, NaN where not fillable
    sd: Floats  # (n,): standard deviation of what would have been measured on a filled day; 0 where measured
    filled: NDArray[np.bool_]  # (n,): True where the value was not measured
    method: Method
    remarks: tuple[str, ...]  # what a reader should know, a sentence each


def fill_days(
    days: Days, values: NDArray[np.floating], *, method: Method = "linear", name: str = "series"
) -> FilledSeries:
    """Fill the days between the first and last finite value of a series `values` (t,) at `days` (t,), ascending."""
    if method not in get_args(Method):
        raise InputError("method", method, "is no way to fill", f"use one of {', '.join(METHODS)}")
    dense = _dense(np.asarray(days), np.asarray(values, dtype=np.float64), name)
    filled, sd, remarks = _WAYS[method](dense.days, dense.values, name)
    known = np.isfinite(dense.values)
    return FilledSeries(
        days=dense.days,
        values=np.where(known, dense.values, filled),
        sd=np.where(known, 0.0, sd),
        filled=~known,
        method=method,
        remarks=remarks,
    )


# ---------------------------------------------------------------- one value a day
@dataclass(frozen=True, eq=False)
class _Dense:
    days: Days
    values: Floats  # NaN where there is none


def _dense(days: Days, values: Floats, name: str) -> _Dense:
    if days.shape != values.shape or days.ndim != 1:
        raise InputError(name, f"{days.shape}, {values.shape}", "has not one value a date", "give equally long vectors")
    days = days.astype("datetime64[D]")
    if np.isnat(days).any() or (np.diff(days) <= np.timedelta64(0)).any():
        raise InputError(name, f"{days.size} dates", "are not ascending days", "sort them and merge those of one day")
    known = np.isfinite(values)
    if not known.any():
        raise InputError(name, f"{days.size} dates", "holds no value", "choose a place or period that was seen")
    days, values = days[known], values[known]
    every = np.arange(days[0], days[-1] + 1)
    spread = np.full(every.size, np.nan)
    spread[(days - days[0]).astype(int)] = values
    return _Dense(every, spread)


# ---------------------------------------------------------------- straight lines
def _linear(days: Days, values: Floats, name: str) -> tuple[Floats, Floats, tuple[str, ...]]:
    filled, sd = np.full(days.size, np.nan), np.full(days.size, np.nan)
    years = days.astype("datetime64[Y]").astype(int) + 1970
    found = {int(year): np.flatnonzero((years == year) & np.isfinite(values)) for year in np.unique(years)}
    left_out = [year for year, at in found.items() if at.size < FEWEST_IN_YEAR]
    if len(left_out) == len(found):
        most = max(at.size for at in found.values())
        problem = f"has at most {most} values a year, too few for a line"
        raise InputError(name, f"{days[0]} to {days[-1]}", problem, f"choose a place with {FEWEST_IN_YEAR} or more")
    noise, drift = _looseness([(at, values[at]) for year, at in found.items() if year not in left_out])
    for year, at in found.items():
        if year in left_out:
            continue
        inside = np.arange(at[0], at[-1] + 1)
        filled[inside] = np.interp(inside, at, values[at])
        share, bridge = _between(inside, at)
        sd[inside] = np.sqrt(noise * (1 + share**2 + (1 - share) ** 2) + drift * bridge)
    remarks = tuple(f"{year} has fewer than {FEWEST_IN_YEAR} values and was not filled." for year in left_out)
    return filled, sd, remarks


def _between(inside: NDArray[np.int64], at: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """How far each day lies on its line, 0..1, and the variance there of a bridge that varies by 1 a day."""
    right = np.clip(np.searchsorted(at, inside, side="left"), 1, at.size - 1)
    before, after = inside - at[right - 1], at[right] - inside
    length = before + after
    return before / length, before * after / length


def _looseness(years: list[tuple[NDArray[np.int64], Floats]]) -> tuple[float, float]:
    """Variance of a value around the truth, and of the truth's steps a day, from leaving out every inner value."""
    from scipy.optimize import nnls

    rows, errors = [], []
    for at, known in years:
        share = (at[1:-1] - at[:-2]) / (at[2:] - at[:-2])
        bridge = (at[1:-1] - at[:-2]) * (at[2:] - at[1:-1]) / (at[2:] - at[:-2])
        errors.append((known[1:-1] - (known[:-2] * (1 - share) + known[2:] * share)) ** 2)
        rows.append(np.stack([1 + share**2 + (1 - share) ** 2, bridge], axis=1))
    design, found = np.concatenate(rows), np.concatenate(errors)
    # each squared error varies as its own expectation: weigh it by that of a pure drift
    weight = 1 / (1 + design[:, 1])
    (noise, drift), _ = nnls(design * weight[:, None], found * weight)
    return float(noise), float(drift)


# ---------------------------------------------------------------- structural model
def _structural(days: Days, values: Floats, name: str) -> tuple[Floats, Floats, tuple[str, ...]]:
    known = np.isfinite(values)
    if days.size < SHORTEST or known.sum() < FEWEST:
        problem = f"spans {days.size} days with {known.sum()} values, too few to learn a season from"
        remedy = f"use the linear method, or give {SHORTEST} days with {FEWEST} values"
        raise InputError(name, f"{days[0]} to {days[-1]}", problem, remedy)
    middle, spread = float(values[known].mean()), float(values[known].std())
    if spread <= NO_MORE * max(1.0, abs(middle)):
        return np.full(days.size, middle), np.zeros(days.size), ("The series is constant.",)
    level, variance, remarks = _smoothed((values - middle) / spread)
    return middle + spread * level, spread * np.sqrt(variance), remarks


def _smoothed(values: Floats) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Mean and variance of what would be measured on each day."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    season = [{"period": PERIOD, "harmonics": HARMONICS}]
    model = UnobservedComponents(values, level="llevel", freq_seasonal=season)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told in our own words below
        fitted = model.fit(disp=False, maxiter=STEPS, method="lbfgs", cov_type="none")
    smooth, design = fitted.smoother_results, fitted.smoother_results.design[0, :, 0]
    mean = design @ smooth.smoothed_state
    variance = np.einsum("i,ijt,j->t", design, smooth.smoothed_state_cov, design)
    noise = float(fitted.params[list(fitted.param_names).index("sigma2.irregular")])
    settled = bool(fitted.mle_retvals.get("converged", True))
    remarks = () if settled else (f"The model did not settle within {STEPS} steps; its uncertainty is a rough one.",)
    return mean, np.maximum(variance, 0) + max(noise, 0), remarks


_WAYS: Mapping[Method, Callable[[Days, Floats, str], tuple[Floats, Floats, tuple[str, ...]]]] = {
    "linear": _linear,
    "structural": _structural,
}
