"""What pixels may be compared by, in a user's words, and the dates of an embedding that this takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.frames import nearest_date
from core.schema import InputError

if TYPE_CHECKING:
    import xarray as xr

FEATURES = "features"
VALUES_AT_ONCE = 16_000_000  # that are read of a cube, 64 MB
FEWEST_DATES = 4  # a path through time with fewer is none

Basis = Literal["date", "mean", "year"]
BASES: Mapping[Basis, str] = {
    "date": "one date",
    "mean": "mean of a period",
    "year": "path through a year",
}


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """What pixels are compared by. Without dates: the clearest date, the whole period, the best-seen year."""

    basis: Basis = "year"
    date: str | None = None  # ISO, for "date": the nearest is taken
    start: str | None = None  # ISO, for "mean" and "year"
    end: str | None = None  # included
    standardise: bool = True  # every value of the embedding counts alike, else as it varies

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def completed(embedding: xr.Dataset, spec: FeatureSpec) -> FeatureSpec:
    """The spec with every date it needs, and no other."""
    if spec.basis not in get_args(Basis):
        raise InputError("basis", spec.basis, "is not known", f"use one of {', '.join(BASES)}")
    times = embedding["time"].values.astype("datetime64[D]")
    if spec.basis == "date":
        wanted = spec.date or str(times[int(np.argmax(_seen_share(embedding)))])
        found = str(times[nearest_date(times, wanted)])
        return FeatureSpec(basis="date", date=found, standardise=spec.standardise)
    start, end = spec.start, spec.end
    if spec.basis == "year" and not (start or end):
        start, end = _best_year(embedding, times)
    first, last = (_day(name, day) for name, day in (("start", start), ("end", end)))
    first, last = first or times[0], last or times[-1]
    if first > last:
        raise InputError("start", str(first), f"lies after the end {last}", "swap them")
    return FeatureSpec(basis=spec.basis, start=str(first), end=str(last), standardise=spec.standardise)


def _day(name: str, text: str | None) -> np.datetime64 | None:
    if text is None:
        return None
    try:
        return np.datetime64(dt.date.fromisoformat(text), "D")
    except ValueError:
        raise InputError(name, text, "is no date", "write it as 2021-07-14") from None


def _best_year(embedding: xr.Dataset, times: NDArray[np.datetime64]) -> tuple[str, str]:
    """The calendar year with the most views; the later of two alike."""
    years = times.astype("datetime64[Y]").astype(int) + 1970
    names = np.unique(years)[::-1]
    if names.size > 1:
        shares = _seen_share(embedding)
        names = names[np.argsort([-shares[years == name].sum() for name in names], kind="stable")]
    return f"{names[0]}-01-01", f"{names[0]}-12-31"


def _seen_share(embedding: xr.Dataset) -> NDArray[np.float64]:
    """Share of the pixels of each date (T,) that hold an embedding."""
    first = embedding[FEATURES].isel(feature=0)
    dates, rows, cols = first.shape
    seen = np.zeros(dates)
    step = max(1, VALUES_AT_ONCE // (dates * cols))  # all dates at once: they lie together on disk, a few in each piece
    for top in range(0, rows, step):
        seen += np.isfinite(first.isel(y=slice(top, top + step)).values).sum(axis=(1, 2))
    return seen / (rows * cols)


def chosen_dates(embedding: xr.Dataset, spec: FeatureSpec) -> NDArray[np.int64]:
    """Indices of the dates the spec asks for."""
    times = embedding["time"].values.astype("datetime64[D]")
    if spec.basis == "date":
        return np.flatnonzero(times == np.datetime64(spec.date or ""))[:1]
    inside = np.flatnonzero((times >= np.datetime64(spec.start or "")) & (times <= np.datetime64(spec.end or "")))
    period = f"{spec.start} to {spec.end}"
    if inside.size == 0:
        remedy = f"choose one between {times[0]} and {times[-1]}"
        raise InputError("period", period, "holds no date of the embedding", remedy)
    if spec.basis == "year" and inside.size < FEWEST_DATES:
        problem = f"holds {inside.size} dates of the embedding, too few for a path through time"
        raise InputError("period", period, problem, "compare pixels by one date or by a mean")
    return inside
