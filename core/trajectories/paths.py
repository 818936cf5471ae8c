"""Paths: the embeddings of places over time, with what is to be doubted marked.

A place of many pixels is the weighted mean of those that were seen on a date. A date on which less than `LEAST_SEEN` of
the place was seen has no value; one on which less than `WELL_SEEN` was seen, or most of what was seen is doubtful by
the limits of `core.embedding.doubt`, has a value of low trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.embedding.doubt import Limits, doubtful
from core.gapfill import FilledSeries, Method, fill_days
from core.schema import InputError
from core.trajectories.places import Place

if TYPE_CHECKING:
    import xarray as xr

FEATURES = "features"
LEAST_SEEN = 0.1  # share of a place that must be seen for a date to have a value
WELL_SEEN = 0.5  # share below which that value is of low trust
BLOCK = 32_000_000  # values read at once, 128 MB

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Path:
    """One place through all dates of an embedding."""

    label: str
    days: NDArray[np.datetime64]  # (t,) datetime64[D], ascending
    values: Floats  # (t, D), NaN where the place was not seen
    seen: Floats  # (t,) share of the place that was seen, 0..1
    low_trust: NDArray[np.bool_]  # (t,) a value is there and to be doubted
    source: Mapping[str, str]  # model, weights, version, site, simulated
    run: str = ""  # id of the embedding's run

    @property
    def known(self) -> NDArray[np.bool_]:
        """(t,) where there is a value."""
        return np.asarray(np.isfinite(self.values).all(axis=1))

    @property
    def dims(self) -> int:
        return self.values.shape[1]


def read_paths(
    embedding: xr.Dataset, places: Sequence[Place], *, limits: Limits | None = None, run: str = ""
) -> list[Path]:
    """The paths of places through an embedding, all read at once; a place that was never seen is refused."""
    shape = (embedding.sizes["y"], embedding.sizes["x"])
    for place in places:
        if place.weights.shape != shape:
            remedy = "make the place on this embedding's pixels"
            raise InputError("place", place.label, f"lies on {place.weights.shape} pixels, not {shape}", remedy)
    flat = np.stack([place.weights.ravel() for place in places])
    used = np.flatnonzero(flat.any(axis=0))
    weights = flat[:, used].T  # (m, n)
    parts = [_means(embedding.isel(time=part), used, weights, limits or Limits()) for part in _parts(embedding)]
    values, seen, doubt = (np.concatenate(layer) for layer in zip(*parts, strict=True))
    days = embedding["time"].values.astype("datetime64[D]")
    found = []
    for turn, place in enumerate(places):
        known = np.isfinite(values[:, turn]).all(axis=1)
        if not known.any():
            problem = f"was never seen between {days[0]} and {days[-1]}, always under cloud or outside"
            raise InputError("place", place.label, problem, "choose another place")
        low = known & ((seen[:, turn] < WELL_SEEN) | (doubt[:, turn] > 0.5))
        path = Path(
            label=place.label,
            days=days,
            values=values[:, turn].astype(np.float32),
            seen=seen[:, turn].astype(np.float32),
            low_trust=low,
            source=source_of(embedding),
            run=run,
        )
        found.append(path)
    return found


def read_path(embedding: xr.Dataset, place: Place, *, limits: Limits | None = None, run: str = "") -> Path:
    """The path of one place."""
    return read_paths(embedding, [place], limits=limits, run=run)[0]


def source_of(embedding: xr.Dataset) -> dict[str, str]:
    """What an embedding says of its own making."""
    names = {"model": "model", "weights": "weights_digest", "version": "version", "site": "site"}
    said = {ours: str(embedding.attrs.get(theirs, "")) for ours, theirs in names.items()}
    return said | {"simulated": "yes" if embedding.attrs.get("simulated") else "no"}


def check_comparable(paths: Sequence[Path]) -> None:
    """Refuse paths whose values mean different things, made by different models or versions of one."""
    made_by = {(path.source["model"], path.source["weights"], path.dims): path for path in paths}
    if len(made_by) > 1:
        names = " and ".join(sorted({model or "an unnamed model" for model, _, _ in made_by}))
        problem = "have axes of their own, so that their paths do not compare as they are"
        raise InputError("models", names, problem, "align them first, or choose runs of one model")


def daily(path: Path, *, method: Method = "linear") -> list[FilledSeries]:
    """Every value of the embedding on every day, one series a value; filled days are marked."""
    return [
        fill_days(path.days, column, method=method, name=f"{path.label}, value {turn + 1}")
        for turn, column in enumerate(path.values.T)
    ]


# ---------------------------------------------------------------- inside
def _parts(embedding: xr.Dataset) -> Iterator[slice]:
    dates = embedding.sizes["time"]
    step = max(1, BLOCK // (embedding.sizes["feature"] * embedding.sizes["y"] * embedding.sizes["x"]))
    return (slice(first, min(first + step, dates)) for first in range(0, dates, step))


def _means(
    part: xr.Dataset, used: NDArray[np.int64], weights: NDArray[np.float64], limits: Limits
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of n places: values (t, n, D), share seen (t, n), doubtful share of what was seen (t, n)."""
    dims, dates = part.sizes["feature"], part.sizes["time"]
    block = part[FEATURES].transpose("feature", "time", "y", "x").values.reshape(dims, dates, -1)[:, :, used]
    known = np.isfinite(block).all(axis=0)
    seen = known @ weights
    safe = np.where(seen > 0, seen, 1.0)
    means = np.stack([np.where(known, layer, 0.0) @ weights / safe for layer in block], axis=-1)
    means[seen < LEAST_SEEN] = np.nan
    doubt = doubtful(part, limits).reshape(dates, -1)[:, used] & known
    return means, seen, doubt @ weights / safe
