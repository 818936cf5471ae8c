"""How unusual a date is for a place: how far its embedding lies from what the place does at that time of other years.

The expectation of a date is the mean of the place's own views within `REACH` days of the year in all other years, the
nearer the heavier; the year itself never takes part. What is left is measured against how the place's other years
scatter around their own expectations, with all values of the embedding at once: a Mahalanobis distance whose
covariance is shrunk as by Ledoit and Wolf (2004), since a place has few views for so many values. It is told in
multiples of the place's own median distance: 1 is an ordinary date, 3 a date three times as far off.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.progress import Report
from core.schema import InputError
from core.trajectories.regions import SMALLEST, Event, Marks, events

KIND = "unusual"
REACH = 30  # days of the year
WIDTH = 12.0  # days: a view this far away weighs 0.6 of one on the day
FEWEST_NEAR = 2  # views of other years within REACH
FEWEST = 12  # views with an expectation in other years, to know an ordinary scatter
UNUSUAL = 2.0  # times the ordinary distance of the place
IN_A_ROW = 2  # clear views
ALL_MONTHS = range(1, 13)
NORTHERN_SUMMER, SOUTHERN_SUMMER = (6, 7, 8, 9), (12, 1, 2, 3)  # months in which a drought shows
REMEDY = "choose a clearer place, or embed more years"
CHUNK = 400  # pixels at once: bounds memory

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


class Curve(NamedTuple):
    """`distance` (t,) of each date, NaN without a view or an expectation; `expected` (t, D)."""

    distance: Floats
    expected: Floats


def unusual_curve(values: NDArray[np.floating], days: Days) -> Curve:
    """Of one place: values (t, D), NaN where not seen."""
    distance, expected = _distances(values[:, None].astype(np.float64), days)
    if not np.isfinite(distance).any():
        years = len(np.unique(days[np.isfinite(values).all(axis=1)].astype("datetime64[Y]")))
        problem = f"was seen too seldom in {years} year{'' if years == 1 else 's'} to know what is usual"
        raise InputError("place", f"{np.isfinite(values).all(axis=1).sum()} dates", problem, REMEDY)
    return Curve(distance[:, 0], expected[:, 0])


def unusual_map(
    features: NDArray[np.float32], days: Days, *, report: Report = lambda share: None
) -> NDArray[np.float32]:
    """Distances (t, rows, cols) of embeddings (D, t, rows, cols), each pixel against its own years.

    `report` hears of the share 0..1 that is done.
    """
    dims, dates, rows, cols = features.shape
    flat = features.reshape(dims, dates, -1)
    found = np.full((dates, rows * cols), np.nan, np.float32)
    for first in range(0, rows * cols, CHUNK):
        report(first / (rows * cols))
        part = slice(first, first + CHUNK)
        values = np.moveaxis(flat[:, :, part], 0, -1).astype(np.float64)
        found[:, part] = _distances(values, days)[0]
    return found.reshape(dates, rows, cols)


def year_shifts(
    curve: Curve, values: NDArray[np.floating], days: Days, *, months: Collection[int] = ALL_MONTHS
) -> dict[int, float]:
    """How far each year as a whole lay from the others, in units of the embedding: the length of its mean departure.

    A single cloud moves one date, a drought all dates one way. Months count alike, whatever was clear; `months`
    narrows.
    """
    left = values - curve.expected
    known = np.isfinite(left).all(axis=1)
    month = days.astype("datetime64[M]")
    wanted = np.isin(month.astype(int) % 12 + 1, list(months)) & known
    found = {}
    for year in np.unique(days[wanted].astype("datetime64[Y]")):
        mine = wanted & (days.astype("datetime64[Y]") == year)
        means = [left[mine & (month == one)].mean(axis=0) for one in np.unique(month[mine])]
        found[int(year.astype(int)) + 1970] = float(np.linalg.norm(np.mean(means, axis=0)))
    return found


def unusual_events(
    distance: NDArray[np.floating],
    days: Days,
    *,
    limit: float = UNUSUAL,
    pixel_m: float = 0.0,
    smallest: int = SMALLEST,
) -> list[Event]:
    """Where pixels were unusual at `IN_A_ROW` views or more: from the last ordinary to the first unusual view."""
    if not limit > 0:
        raise InputError("limit", limit, "is no distance", "give a number above 0; 1 is an ordinary date")
    day = days.astype("datetime64[D]").astype(np.int64)
    flat = distance.reshape(len(days), -1)
    shape = (distance.shape[1], distance.shape[2])
    return events(_runs(flat, day, limit), shape, kind=KIND, pixel_m=pixel_m, smallest=smallest)


def summer_of(latitude: float | None) -> tuple[int, ...]:
    """The months of a place's summer; without a latitude the northern ones."""
    return SOUTHERN_SUMMER if latitude is not None and latitude < 0 else NORTHERN_SUMMER


# ---------------------------------------------------------------- inside
def _distances(values: Floats, days: Days) -> tuple[Floats, Floats]:
    """Distances (t, n) and expectations (t, n, D) of values (t, n, D)."""
    dates, count, dims = values.shape
    known = np.asarray(np.isfinite(values).all(axis=2))
    filled = np.where(known[..., None], values, 0.0)
    years = days.astype("datetime64[Y]")
    of_year = (days.astype("datetime64[D]") - years).astype(float)
    away = np.abs(of_year[:, None] - of_year[None])
    away = np.minimum(away, 365.25 - away)
    other = years[:, None] != years[None]
    weight = np.where(other & (away <= REACH), np.exp(-0.5 * (away / WIDTH) ** 2), 0.0)
    total = weight @ known
    near = (other & (away <= REACH)).astype(float) @ known
    expected = (weight @ filled.reshape(dates, -1)).reshape(dates, count, dims)
    expected = expected / np.where(total > 0, total, 1.0)[..., None]
    expected[near < FEWEST_NEAR] = np.nan
    left = values - expected
    usable = np.asarray(np.isfinite(left).all(axis=2))
    distance = np.full((dates, count), np.nan)
    for year in np.unique(years):
        mine = years == year
        inverse, steady = _inverse(np.where(usable[..., None], left, 0.0)[~mine], usable[~mine])
        squared = np.einsum("tnd,nde,tne->tn", left[mine], inverse, left[mine], optimize=True)
        distance[mine] = np.where(usable[mine] & steady, np.sqrt(np.maximum(squared, 0)), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # places without any distance stay NaN
        ordinary = np.nanmedian(distance, axis=0)
    return distance / np.where(ordinary > 0, ordinary, np.nan), expected


def _inverse(left: Floats, usable: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Inverse shrunk covariances (n, D, D) of residuals (t, n, D), 0 where unusable; and where views were enough."""
    covariance = shrunk_covariances(left, usable)
    steady = (usable.sum(axis=0) >= FEWEST) & (np.trace(covariance, axis1=1, axis2=2) > 0)
    covariance[~steady] = np.eye(covariance.shape[1])
    return np.asarray(np.linalg.inv(covariance), np.float64), np.asarray(steady)


def shrunk_covariances(left: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Ledoit-Wolf covariances (n, D, D) about zero of many places at once: residuals (t, n, D), 0 where unusable (t,
    n).

    The same as scikit-learn's `LedoitWolf(assume_centered=True)` place by place, which a test checks; it takes one
    place.
    """
    dims = left.shape[2]
    count = np.maximum(usable.sum(axis=0), 1).astype(float)
    sample = np.einsum("tnd,tne->nde", left, left, optimize=True) / count[:, None, None]
    middle = np.trace(sample, axis1=1, axis2=2) / dims
    squares = (left**2).sum(axis=2)
    own = (sample**2).sum(axis=(1, 2))
    spread = ((squares**2).sum(axis=0) / count - own) / count / dims
    away = own / dims - middle**2
    share = np.where(away > 0, np.clip(spread, 0, away) / np.where(away > 0, away, 1.0), 0.0)
    share = share[:, None, None]
    return np.asarray((1 - share) * sample + share * middle[:, None, None] * np.eye(dims))


def _runs(flat: NDArray[np.floating], day: NDArray[np.int64], limit: float) -> Marks:
    """The beginnings of runs of unusual views, pixel by pixel."""
    columns: list[tuple[int, int, int, float]] = []
    with np.errstate(invalid="ignore"):
        candidates = np.flatnonzero((flat >= limit).sum(axis=0) >= IN_A_ROW)
    for pixel in candidates:
        seen = np.flatnonzero(np.isfinite(flat[:, pixel]))
        high = flat[seen, pixel] >= limit
        edges = np.flatnonzero(np.diff(np.concatenate([[False], high, [False]]).astype(int)))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            if end - begin >= IN_A_ROW and begin > 0:
                strength = float(flat[seen[begin:end], pixel].mean())
                columns.append((int(pixel), int(day[seen[begin - 1]]), int(day[seen[begin]]), strength))
    table = np.array(columns, float).reshape(-1, 4)
    return Marks(
        pixel=table[:, 0].astype(np.int64),
        after=table[:, 1].astype(np.int64),
        before=table[:, 2].astype(np.int64),
        strength=table[:, 3],
    )
