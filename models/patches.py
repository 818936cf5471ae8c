"""The `paper` preset over whole cubes, by the rules its released weights were applied with.

A pixel-date is embedded when any optical band is valid there and its window, e.g. 11 frames of 15 x 15 pixels, lies
within the cube. What is missing takes the mean of its band over the window, 0 where the window knows none. A window
whose optical frames span 200 days or more counts the dates of every sensor in steps of one day.

The result is that of each window on its own; `models.sliding` does once what overlapping windows share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.checks import InputError
from models.contract import present
from models.fusion import Fusion
from models.inputs import OPTICAL, Floats, Frames, window_days
from models.sliding import SlidingEncoder

TILE = 32  # windows along the side of what is embedded at once: about 0.4 GB
REBUILT = 64  # windows rebuilt at once


class Timing(NamedTuple):
    """When the frames of a window were acquired."""

    gaps: dict[str, Tensor]
    """By sensor, whole days between successive frames (T - 1,)."""
    pair_gaps: Tensor
    """(M - 1,) days between the centre frames of the model's first sensor and of each other one; 0 where one lacks."""


class PatchEmbedder:
    """A fused model in eval mode, for cubes."""

    def __init__(self, model: Fusion) -> None:
        first, *others = model.config.modalities
        for other in others:
            if (other.frames, other.size) != (first.frames, first.size):
                raise InputError(f"the windows of {first.name} and {other.name} differ in size; give a model of one")
        if OPTICAL not in model.config.names:
            raise InputError(
                f"the model knows {', '.join(model.config.names)}; cubes need {OPTICAL}, the dates are its"
            )
        self.model, self.reach, self.size = model, first.frames // 2, first.size
        self.encoders = {name: SlidingEncoder(model.get_submodule(f"enc_{name}")) for name in model.config.names}  # type: ignore[arg-type]

    @torch.inference_mode()
    def embed(self, frames: Mapping[str, Frames], dates: slice = slice(None)) -> Floats:
        """Frames (T, C, H, W) by sensor -> embeddings (dates, D, H, W), NaN where a pixel-date gets none."""
        wanted = self._wanted(frames, dates)
        first, after, _ = dates.indices(len(wanted))
        height, width = frames[OPTICAL].values.shape[2:]
        embedding = np.full((after - first, self.model.config.bottleneck, height, width), np.nan, dtype=np.float32)
        for rows, cols in _tiles(wanted.shape[1], wanted.shape[2]):
            for date, (row, col), values in self._tile(frames, wanted, rows, cols):
                centre = (row + rows.start + self.size // 2, col + cols.start + self.size // 2)
                embedding[(date - first, slice(None), *centre)] = values
        return embedding

    @torch.inference_mode()
    def rebuild(self, embedding: Floats, frames: Mapping[str, Frames], dates: slice = slice(None)) -> dict[str, Floats]:
        """What embeddings (dates, D, H, W) say each sensor saw at their own place and date: (dates, C, H, W)."""
        first, _, _ = dates.indices(len(frames[OPTICAL].days))
        sensors = present(self.model.config.modalities, frames)
        shape = (len(embedding), *embedding.shape[2:])
        rebuilt = {m.name: np.full((shape[0], len(m.bands), *shape[1:]), np.nan, dtype=np.float32) for m in sensors}
        for date in range(len(embedding)):
            rows, cols = np.nonzero(np.isfinite(embedding[date]).all(axis=0))
            for part in (slice(at, at + REBUILT) for at in range(0, len(rows), REBUILT)):
                known = torch.from_numpy(embedding[date][:, rows[part], cols[part]].T.copy())
                timing = self.timing(frames, first + date)
                for name, values in self._centre(known, timing).items():
                    rebuilt[name][date][:, rows[part], cols[part]] = values.T
        return rebuilt

    def within(self, values: Floats) -> Floats:
        """What of (T, ..., H, W) lies far enough from all edges to be a window's centre."""
        radius, (height, width) = self.size // 2, values.shape[-2:]
        return values[self.reach : len(values) - self.reach, ..., radius : height - radius, radius : width - radius]

    def timing(self, frames: Mapping[str, Frames], date: int) -> Timing:
        """The times of the window around a date."""
        around = slice(date - self.reach, date + self.reach + 1)
        days = {name: sensor.days[around] for name, sensor in frames.items()}
        days = {name: window_days(own, days[OPTICAL]) for name, own in days.items()}
        first, *others = (days[name][self.reach] if name in days else None for name in self.model.config.names)
        pairs = [0 if first is None or other is None else abs(int(other - first)) for other in others]
        return Timing({name: torch.from_numpy(np.diff(own)) for name, own in days.items()}, torch.tensor(pairs))

    # ------------------------------------------------------------ inside
    def _wanted(self, frames: Mapping[str, Frames], dates: slice) -> NDArray[np.bool_]:
        """Which windows to embed: (T, rows, columns), the rows and columns of windows that lie within the cube."""
        present(self.model.config.modalities, frames)
        if OPTICAL not in frames:
            raise InputError(f"sensors given are {sorted(frames)}; give {OPTICAL}, whose dates are those embedded")
        radius, (count, _, height, width) = self.size // 2, frames[OPTICAL].values.shape
        first, after, _ = dates.indices(count)
        whole = slice(max(first, self.reach), max(first, self.reach, min(after, count - self.reach)))
        if min(height, width) < self.size:
            return np.zeros((count, 0, 0), dtype=bool)
        wanted = np.zeros((count, height - 2 * radius, width - 2 * radius), dtype=bool)
        inner = frames[OPTICAL].values[whole, :, radius : height - radius, radius : width - radius]
        wanted[whole] = np.isfinite(inner).any(axis=1)
        return wanted

    def _tile(
        self, frames: Mapping[str, Frames], wanted: NDArray[np.bool_], rows: slice, cols: slice
    ) -> Iterator[tuple[int, NDArray[np.intp], Floats]]:
        """By date: rows and columns (2, n) within a tile, and the embeddings (n, D) there."""
        seen = wanted[:, rows, cols]
        places = {int(date): torch.from_numpy(np.flatnonzero(seen[date])) for date in np.flatnonzero(seen.any((1, 2)))}
        timings = {date: self.timing(frames, date) for date in places}
        bottlenecks = {}
        for name, sensor in frames.items():
            values = sensor.values[:, :, rows.start : rows.stop + self.size - 1, cols.start : cols.stop + self.size - 1]
            gaps = {date: timing.gaps[name] for date, timing in timings.items()}
            bottlenecks[name] = self.encoders[name].encode(torch.from_numpy(np.ascontiguousarray(values)), places, gaps)
        for date in places:
            pair_gaps = timings[date].pair_gaps.expand(len(places[date]), -1)
            fused = self.model.fuse({name: found[date] for name, found in bottlenecks.items()}, pair_gaps)
            yield date, np.stack(np.nonzero(seen[date])), fused.numpy()

    def _centre(self, embedding: Tensor, timing: Timing) -> dict[str, Floats]:
        """Embeddings (n, D) -> values (n, C) of the centre pixel at the centre date, by sensor."""
        found = {}
        for name, gaps in timing.gaps.items():
            decoder, head = (self.model.get_submodule(f"{part}_{name}") for part in ("dec", "head"))
            tokens = decoder.over_time(head(embedding), gaps.expand(len(embedding), -1))  # type: ignore[operator]
            patch = decoder.over_space(tokens[:, self.reach : self.reach + 1])  # type: ignore[operator]
            found[name] = patch[:, 0, :, self.size // 2, self.size // 2].numpy()
        return found


def _tiles(rows: int, cols: int) -> Iterator[tuple[slice, slice]]:
    for row in range(0, rows, TILE):
        for col in range(0, cols, TILE):
            yield slice(row, min(rows, row + TILE)), slice(col, min(cols, col + TILE))
