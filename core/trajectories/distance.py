"""How far two years of a place, or two places, went different ways.

dtw     dynamic time warping: each date is matched with the nearest in kind within `REACH` days of the year, so that an
        early spring alone makes no great distance; mean distance a step, in units of the embedding
area    area between the two curves: the mean distance day by day, where both years have a line, in the same units
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError
from core.trajectories.paths import Path

FEWEST = 4  # dates; a year with fewer has no shape
REACH = 45  # days of the year within which dates may be matched
LONGEST_LINE = 60  # days; no line joins two dates further apart
FEWEST_SHARED = 60  # days that two years must share to have an area between them

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """One year of one place: what is compared."""

    label: str
    days: NDArray[np.int64]  # (n,) of the year, 1..366, ascending
    values: Floats  # (n, D)


@dataclass(frozen=True, kw_only=True, eq=False)
class Distances:
    """Every curve against every other; NaN where too few days are shared."""

    labels: tuple[str, ...]
    dtw: Floats  # (n, n), a step
    area: Floats  # (n, n), a day
    shared_days: NDArray[np.int64]  # (n, n)
    remarks: tuple[str, ...]


def years_of(path: Path, *, label: str = "") -> tuple[list[Curve], tuple[str, ...]]:
    """The years of a path that have dates enough, and a sentence on each that has not."""
    seen = np.isfinite(path.values).all(axis=1)
    days, values = path.days[seen], path.values[seen].astype(np.float64)
    years = days.astype("datetime64[Y]")
    of_year = (days - years).astype(int) + 1
    curves, remarks = [], []
    for year in np.unique(path.days.astype("datetime64[Y]")):
        mine = years == year
        name = f"{label} {year}".strip()
        if mine.sum() < FEWEST:
            remarks.append(f"{name} was seen on {mine.sum()} dates only and has no shape to compare.")
        else:
            curves.append(Curve(label=name, days=of_year[mine], values=values[mine]))
    return curves, tuple(remarks)


def year_distances(paths: Sequence[Path]) -> Distances:
    """All years of one or more paths against each other."""
    many = len(paths) > 1
    found = [years_of(path, label=path.label if many else "") for path in paths]
    curves = [curve for own, _ in found for curve in own]
    remarks = tuple(remark for _, own in found for remark in own)
    if len(curves) < 2:
        seen = f"{len(curves)} year{'' if len(curves) == 1 else 's'} with {FEWEST} or more dates"
        remedy = "choose a clearer place, or embed more years of this one"
        raise InputError("place", paths[0].label, f"has {seen}, and two are needed to compare", remedy)
    return distances(curves, remarks)


def distances(curves: Sequence[Curve], remarks: tuple[str, ...] = ()) -> Distances:
    """Every curve against every other."""
    first, second = np.triu_indices(len(curves), k=1)
    steps = dtw_many([curves[int(i)] for i in first], [curves[int(j)] for j in second])
    lines = [_daily(curve) for curve in curves]
    warped, area = np.zeros((2, len(curves), len(curves)))
    shared = np.diag([int(np.isfinite(line[:, 0]).sum()) for line in lines])
    for pair, (i, j) in enumerate(zip(first, second, strict=True)):
        apart = np.linalg.norm(lines[i] - lines[j], axis=1)
        both = int(np.isfinite(apart).sum())
        shared[i, j] = shared[j, i] = both
        area[i, j] = area[j, i] = np.nanmean(apart) if both >= FEWEST_SHARED else np.nan
        warped[i, j] = warped[j, i] = steps[pair]
    return Distances(
        labels=tuple(curve.label for curve in curves), dtw=warped, area=area, shared_days=shared, remarks=remarks
    )


# ---------------------------------------------------------------- warping
def dtw(first: Floats, second: Floats, *, allowed: NDArray[np.bool_] | None = None) -> float:
    """Sum of distances along the cheapest monotone match of two series (n, D) and (m, D); inf where none is allowed.

    `allowed` (n, m) says which pairs may be matched. Every step costs the distance of the pair it comes to.
    """
    cost = np.linalg.norm(first[:, None] - second[None], axis=2)
    return float(_cheapest((cost if allowed is None else np.where(allowed, cost, np.inf))[None])[0, -1, -1])


def dtw_many(first: Sequence[Curve], second: Sequence[Curve], *, reach: int = REACH) -> Floats:
    """Warped distance of each pair of curves over the number of their dates, all pairs at once; NaN if none fits."""
    tall, wide = max(len(one.days) for one in first), max(len(two.days) for two in second)
    cost = np.full((len(first), tall, wide), np.inf)
    for pair, (one, two) in enumerate(zip(first, second, strict=True)):
        apart = np.linalg.norm(one.values[:, None] - two.values[None], axis=2)
        away = np.abs(one.days[:, None] - two.days[None])
        cost[pair, : len(one.days), : len(two.days)] = np.where(away <= reach, apart, np.inf)
    total = _cheapest(cost)
    ends = [
        total[pair, len(a.days) - 1, len(b.days) - 1] for pair, (a, b) in enumerate(zip(first, second, strict=True))
    ]
    steps = [len(a.days) + len(b.days) for a, b in zip(first, second, strict=True)]
    found = 2 * np.array(ends) / np.array(steps)
    return np.where(np.isfinite(found), found, np.nan)


def _cheapest(cost: Floats) -> Floats:
    """Cost of the cheapest way to each cell (pairs, n, m), diagonal after diagonal."""
    pairs, rows, cols = cost.shape
    total = np.full((pairs, rows + 1, cols + 1), np.inf)
    total[:, 0, 0] = 0
    for diagonal in range(rows + cols - 1):
        i = np.arange(max(0, diagonal - cols + 1), min(rows, diagonal + 1))
        j = diagonal - i
        before = np.minimum(np.minimum(total[:, i, j], total[:, i, j + 1]), total[:, i + 1, j])
        total[:, i + 1, j + 1] = cost[:, i, j] + before
    return total[:, 1:, 1:]


# ---------------------------------------------------------------- area
def _daily(curve: Curve) -> Floats:
    """Values (366, D) on every day of the year; NaN before the first and after the last date and in long gaps."""
    every = np.arange(1, 367)
    line = np.stack([np.interp(every, curve.days, column) for column in curve.values.T], axis=1)
    right = np.clip(np.searchsorted(curve.days, every, side="left"), 1, len(curve.days) - 1)
    inside = (every >= curve.days[0]) & (every <= curve.days[-1])
    near = curve.days[right] - curve.days[right - 1] <= LONGEST_LINE
    line[~(inside & (near | np.isin(every, curve.days)))] = np.nan
    return line
