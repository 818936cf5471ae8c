"""A few thousand values of an embedding cube that stand for all of it: what colours and meanings are decided on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

SIZE = 12_000  # pixel-dates: a correlation is then known to 0.01
LOOKED_AT = 64_000_000  # values, at most, that are read for it: 256 MB, of which a part at a time is held
PART = 8_000_000  # values read at once
SEED = 7


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """Pixel-dates that hold an embedding, drawn evenly from all dates."""

    share: NDArray[np.float32]  # (T,) of the pixels of each date that hold one, 0..1
    values: NDArray[np.float32]  # (n, D)
    places: NDArray[np.int64]  # (n, 3): date, row and column in the cube

    @property
    def dims(self) -> int:
        """D, values of an embedding."""
        return self.values.shape[1]


def draw(features: xr.DataArray, *, size: int = SIZE, looked_at: int = LOOKED_AT) -> Sample:
    """The sample of `features` (feature, time, y, x), the same for the same cube.

    Of a cube with more than `looked_at` values only its middle columns are looked at, at every date.
    """
    dice = np.random.default_rng(SEED)
    dims, dates, rows, cols = features.shape
    width = max(1, min(cols, looked_at // (dims * dates * rows)))
    first = (cols - width) // 2
    height = max(1, min(rows, looked_at // (dims * dates * width)))
    top = (rows - height) // 2
    share = np.zeros(dates, np.float32)
    values, places = [], []
    for part in _parts(dates, step=max(1, PART // (dims * height * width))):
        block = features[:, part, top : top + height, first : first + width].values
        known = np.isfinite(block).all(axis=0)
        share[part] = known.mean(axis=(1, 2))
        wanted = dice.permutation(known.sum())[: _quota(size, known.shape[0], dates)]
        found = np.argwhere(known)[np.sort(wanted)]
        values.append(block[:, *found.T].T)
        places.append(found + np.array([part.start, top, first]))
    drawn, kept = np.concatenate(values), np.concatenate(places)
    few = np.sort(dice.permutation(len(drawn))[:size])
    return Sample(share=share, values=drawn[few], places=kept[few])


def _quota(size: int, dates: int, of: int) -> int:
    """How many of `size` these many dates may give: three times their part, as many others are cloudy."""
    return -(-3 * size * dates // of)


def _parts(length: int, *, step: int) -> Iterator[slice]:
    return (slice(first, min(first + step, length)) for first in range(0, length, step))
