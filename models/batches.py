"""What training draws from prepared cubes: dense crops for `compact`, single windows for `paper`.

Each epoch's draws are decided by seed and epoch alone, so that a resumed training sees what an uninterrupted one would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from models.checks import InputError, odd, positive
from models.contract import Sample
from models.cubes import Cube
from models.inputs import OPTICAL, Floats, Frames, window_days
from models.objective import Strip


@dataclass(frozen=True, kw_only=True)
class Draw:
    """How much of which size is drawn in one epoch."""

    count: int  # crops, or batches of windows
    frames: int  # T
    size: int  # pixels along a side
    batch: int = 1  # windows in a batch

    def __post_init__(self) -> None:
        for field in ("count", "frames", "size", "batch"):
            positive(field, getattr(self, field))


class Crops(IterableDataset[dict[str, Strip]]):
    """Random crops of T frames and size x size pixels; `cleaned` as in `Objective`."""

    def __init__(
        self,
        cubes: Sequence[Cube],
        draw: Draw,
        *,
        sensors: Sequence[str],
        seed: tuple[int, ...],
        cleaned: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.cubes = usable(cubes, sensors, frames=1, size=1)
        self.draw, self.sensors, self.seed, self.cleaned = draw, sensors, seed, cleaned

    def __len__(self) -> int:
        return self.draw.count

    def __iter__(self) -> Iterator[dict[str, Strip]]:
        dice = np.random.default_rng(self.seed)
        for _ in range(self.draw.count):
            cube = self.cubes[dice.integers(len(self.cubes))]
            count, _, height, width = cube.sensors[OPTICAL].values.shape
            t, y, x = (
                _start(dice, have, want)
                for have, want in ((count, self.draw.frames), (height, self.draw.size), (width, self.draw.size))
            )
            yield {name: self._strip(cube, name, (t, slice(None), y, x)) for name in self.sensors}

    def _strip(self, cube: Cube, sensor: str, part: tuple[slice, ...]) -> Strip:
        frames = torch.from_numpy(cube.sensors[sensor].values[part].copy())
        days = torch.from_numpy(cube.sensors[sensor].days[part[0]].copy())
        return Strip(frames, days, torch.from_numpy(cleaned_frames(cube, sensor, part, self.cleaned.get(sensor, 0.0))))


def cleaned_frames(cube: Cube, sensor: str, part: tuple[slice, ...], way: float) -> Floats:
    """A part of a sensor's frames, moved a share of the way to the truth where that is known."""
    frames = cube.sensors[sensor].values[part]
    if not way or sensor not in cube.truth:
        return frames.copy()
    return frames + np.nan_to_num(way * (cube.truth[sensor][part] - frames))


class Windows(IterableDataset[tuple[dict[str, Sample], Tensor]]):
    """Random batches of windows around pixel-dates that were seen: samples by sensor, and pair gaps (B, M - 1)."""

    def __init__(self, cubes: Sequence[Cube], draw: Draw, *, sensors: Sequence[str], seed: tuple[int, ...]) -> None:
        odd("frames", draw.frames)
        odd("size", draw.size)
        self.cubes = usable(cubes, sensors, frames=draw.frames, size=draw.size)
        self.draw, self.sensors, self.seed = draw, sensors, seed

    def __len__(self) -> int:
        return self.draw.count

    def __iter__(self) -> Iterator[tuple[dict[str, Sample], Tensor]]:
        dice = np.random.default_rng(self.seed)
        for _ in range(self.draw.count):
            drawn = [self._window(dice) for _ in range(self.draw.batch)]
            yield (
                {
                    name: Sample(*(torch.stack(part) for part in zip(*(s[name] for s, _ in drawn), strict=True)))
                    for name in self.sensors
                },
                torch.stack([gap for _, gap in drawn]),
            )

    def _window(self, dice: np.random.Generator) -> tuple[dict[str, Sample], Tensor]:
        sensors = self.cubes[dice.integers(len(self.cubes))].sensors
        t, y, x = self._seen_place(sensors[OPTICAL], dice)
        samples, centres = {}, []
        for name in self.sensors:
            days = window_days(sensors[name].days[t], sensors[OPTICAL].days[t])
            samples[name] = Sample(
                torch.from_numpy(sensors[name].values[t, :, y, x].copy()), torch.from_numpy(np.diff(days))
            )
            centres.append(days[len(days) // 2])
        return samples, torch.tensor([abs(int(day - centres[0])) for day in centres[1:]], dtype=torch.int64)

    def _seen_place(self, optical: Frames, dice: np.random.Generator) -> tuple[slice, slice, slice]:
        """A window whose centre pixel has any valid band at the centre date."""
        count, _, height, width = optical.values.shape
        while True:
            when = _start(dice, count, self.draw.frames)
            rows, columns = (_start(dice, side, self.draw.size) for side in (height, width))
            centre = optical.values[_middle(when), :, _middle(rows), _middle(columns)]
            if np.isfinite(centre).any():
                return when, rows, columns


def usable(cubes: Sequence[Cube], sensors: Sequence[str], *, frames: int, size: int) -> list[Cube]:
    """The cubes that hold these sensors and at least one whole window with a clear centre."""
    fitting = [cube for cube in cubes if set(sensors) <= set(cube.sensors) and _has_window(cube, frames, size)]
    if not fitting:
        raise InputError(
            f"cubes: none of the {len(cubes)} holds {' and '.join(sensors)} with {frames} frames of {size} x {size} "
            "pixels around a clear pixel; give larger or clearer cubes"
        )
    return fitting


def _has_window(cube: Cube, frames: int, size: int) -> bool:
    reach, radius = frames // 2, size // 2
    values = cube.sensors[OPTICAL].values
    inner = values[reach : len(values) - reach, :, radius : values.shape[2] - radius, radius : values.shape[3] - radius]
    return inner.size > 0 and bool(np.isfinite(inner).any())


def _start(dice: np.random.Generator, have: int, want: int) -> slice:
    first = int(dice.integers(0, max(1, have - want + 1)))
    return slice(first, first + want)


def _middle(span: slice) -> int:
    return int(span.start + span.stop) // 2
