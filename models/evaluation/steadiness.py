"""How much an embedding moves when clouds hide its date, and from one date to the next.

Everything is counted in standard deviations of the quantity over all pixel-dates, so that embeddings, bands and
principal components compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.compact_fusion import CompactFusion
from models.cubes import Cube
from models.evaluation.places import Place, embed
from models.inputs import OPTICAL, Floats

SIDE = 16  # pixels of the square looked at in the middle of a place
EVERY = 4  # one frame in so many is hidden
SOON = 15  # days within which two dates are successive


class Series(NamedTuple):
    """One place through time, (T, features, pixels); NaN where a band was not seen."""

    embedding: Floats
    gapped: Floats  # with the optical frames of the hidden dates gone
    bands: Floats  # the optical bands
    days: np.ndarray  # (T,)


def collect(model: CompactFusion, place: Place) -> Series:
    """The series of the square in the middle of a place."""
    cube = _middle(place.cube)
    optical = cube.sensors[OPTICAL]
    everything = slice(0, len(optical.days))
    values = optical.values.copy()
    values[hidden_dates(len(values))] = np.nan
    gapped = Cube(cube.name, cube.sensors | {OPTICAL: optical._replace(values=values)})
    return Series(
        embedding=_flat(embed(model, cube, everything).numpy()),
        gapped=_flat(embed(model, gapped, everything).numpy()),
        bands=_flat(optical.values),
        days=optical.days,
    )


def hidden_dates(count: int) -> np.ndarray:
    """The frames that are hidden."""
    return np.arange(EVERY // 2, count, EVERY)


def _middle(cube: Cube) -> Cube:
    height, width = cube.sensors[OPTICAL].values.shape[2:]
    rows, columns = (slice(max(0, (side - SIDE) // 2), (side + SIDE) // 2) for side in (height, width))
    return Cube(cube.name, {name: s._replace(values=s.values[:, :, rows, columns]) for name, s in cube.sensors.items()})


def _flat(values: Floats) -> Floats:
    return values.reshape(*values.shape[:2], -1)


# ---------------------------------------------------------------- what is said of them
def summary(places: Sequence[Series]) -> Mapping[str, float]:
    """How far hidden dates move the embedding, and how far bands filled from the last clear view are off; and steps."""
    embedding = _spread([s.embedding for s in places])
    bands = _spread([s.bands for s in places])
    return {
        "moved_when_hidden": _mean([_moved(s) for s in places], embedding),
        "bands_filled_from_last_view": _mean([_filled(s) for s in places], bands),
        "step": _mean([_steps(s.embedding, s) for s in places], embedding),
        "step_of_bands": _mean([_steps(s.bands, s) for s in places], bands),
    }


def _moved(series: Series) -> Floats:
    """Changes of the embedding at hidden pixel-dates that had been seen."""
    dates = hidden_dates(len(series.days))
    seen = np.isfinite(series.bands[dates]).all(axis=1, keepdims=True)
    return np.where(seen, np.abs(series.gapped[dates] - series.embedding[dates]), np.float32(np.nan))


def _filled(series: Series) -> Floats:
    """Errors of the bands at the same pixel-dates, taken from the last date on which they were seen."""
    dates = hidden_dates(len(series.days))
    known = series.bands.copy()
    known[dates] = np.nan
    for date in range(1, len(known)):
        known[date] = np.where(np.isnan(known[date]), known[date - 1], known[date])
    return np.asarray(np.abs(known[dates] - series.bands[dates]))


def _steps(values: Floats, series: Series) -> Floats:
    """Changes between successive dates on both of which the pixel was seen."""
    seen = np.asarray(np.isfinite(series.bands).all(axis=1, keepdims=True))
    soon = (np.diff(series.days) <= SOON)[:, None, None]
    return np.where(soon & seen[1:] & seen[:-1], np.abs(np.diff(values, axis=0)), np.float32(np.nan))


def _spread(series: Sequence[Floats]) -> Floats:
    """Standard deviation of each feature over all pixel-dates."""
    rows = np.concatenate([values.transpose(0, 2, 1).reshape(-1, values.shape[1]) for values in series])
    return np.asarray(np.nanstd(rows, axis=0) + 1e-9, np.float32)


def _mean(changes: Sequence[Floats], spread: Floats) -> float:
    rows = np.concatenate([values.transpose(0, 2, 1).reshape(-1, values.shape[1]) for values in changes])
    return float(np.nanmean(rows / spread))
