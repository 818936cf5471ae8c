"""Pictures with dates: what the player shows, whatever made them. `core.images` makes them from cubes."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError

if TYPE_CHECKING:
    import xarray as xr


class Channel(NamedTuple):
    """What a byte of a frame stands for: from `low` (byte 0; with a palette 1) to `high` (byte 255).

    Between them, `b` of the range is `low + (high - low) * b**gamma`.
    """

    label: str
    low: float
    high: float
    unit: str = ""
    gamma: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Where the pixels lie: centre of the north-west pixel (x, y) and the size of a pixel, m, in `crs`."""

    x: float
    y: float
    pixel_width: float  # m; 0 where a single column does not tell
    pixel_height: float  # m
    rows: int
    cols: int
    crs: str

    @classmethod
    def of(cls, cube: xr.Dataset | xr.DataArray) -> Grid:
        """The grid of anything with pixel centres `x` (ascending) and `y` (descending)."""
        x, y = cube["x"].values.astype(float), cube["y"].values.astype(float)
        return cls(
            x=float(x[0]),
            y=float(y[0]),
            pixel_width=float(abs(x[1] - x[0])) if x.size > 1 else 0.0,
            pixel_height=float(abs(y[1] - y[0])) if y.size > 1 else 0.0,
            rows=y.size,
            cols=x.size,
            crs=str(cube.attrs.get("crs", "")),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Frames:
    """Pictures with dates, ready for the date player.

    `dates` (t,) datetime64[D] and `clear_share` (t,) 0..1 are of every date. `pixels` (uint8) holds the dates from
    `start` on: all of them, or one block where all would exceed the budget. It is (n, rows, cols, 4) RGBA with alpha
    0 = missing and three channels, or (n, rows, cols) indices into `palette` (256, 4), 0 = missing, with one channel.
    """

    dates: NDArray[np.datetime64]
    clear_share: NDArray[np.float32]
    pixels: NDArray[np.uint8]
    start: int
    palette: NDArray[np.uint8] | None
    channels: tuple[Channel, ...]
    grid: Grid
    label: str

    @cached_property
    def digest(self) -> str:
        """Content key, for caches here and in the browser: equal digests look and read the same."""
        digest = hashlib.blake2b(self.pixels.tobytes(), digest_size=16)
        for part in (self.dates, self.palette, self.start, self.channels, self.grid, self.label):
            digest.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
        return digest.hexdigest()

    def nearest(self, date: str) -> int:
        """Index of the date nearest to `date`; the earlier of two equally near."""
        return nearest_date(self.dates, date)

    def image(self, index: int) -> NDArray[np.uint8]:
        """RGBA (rows, cols, 4) of the date at `index`, which lies in the loaded block."""
        loaded = range(self.start, self.start + len(self.pixels))
        if index not in loaded:
            raise InputError(
                "index", index, f"is not among the loaded dates {loaded}", "ask for frames around its date"
            )
        frame = self.pixels[index - self.start]
        return frame if self.palette is None else self.palette[frame]


def nearest_date(dates: NDArray[np.datetime64], date: str) -> int:
    """Index of the one of `dates` (t,) nearest to the ISO `date`; the earlier of two equally near."""
    try:
        wanted = np.datetime64(dt.date.fromisoformat(date), "D")
    except ValueError as error:
        raise InputError("date", date, "is no date", "write it as 2021-07-14") from error
    return int(np.argmin(np.abs(dates.astype("datetime64[D]") - wanted)))
