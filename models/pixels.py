"""Stage 2 on frozen encoders: what they say of single pixels is stored once, and fusion learns from that in minutes.

Of every cube some spans of dates are encoded, at a lattice of pixels. A batch is then many places from all over, each
at two of its dates, so that a place can be told apart from others by what it was at another time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from einops import rearrange
from torch import Tensor, nn
from torch.utils.data import IterableDataset

from models.batches import cleaned_frames
from models.checks import InputError, positive
from models.compact_fusion import CompactFusion
from models.cubes import Cube
from models.inputs import OPTICAL
from models.objective import Objective, apart_loss
from models.tasks import Recipe, Task, turn_to_axes, yardstick

CLEAR = 0.3  # share of a date's pixels that must have been seen for it to be stored


@dataclass(frozen=True, kw_only=True)
class Sparse:
    """How much of each cube is stored, and how much is drawn at a time."""

    spans: int = 5  # of successive dates
    dates: int = 4  # in a span
    spacing: int = 4  # pixels
    batch: int = 512  # places

    def __post_init__(self) -> None:
        for field in ("spans", "dates", "spacing", "batch"):
            positive(field, getattr(self, field))


class Visit(NamedTuple):
    """Places on one of their dates each, all by sensor."""

    bottlenecks: dict[str, Tensor]  # (N, d)
    asked: dict[str, Tensor]  # (N, C); NaN where nothing was seen
    days: dict[str, Tensor]  # (N,) counted from 1970-01-01


Pair = tuple[Visit, Visit]
"""The same places on two dates."""


class Stored(NamedTuple):
    """Places P on visits V: as `Visit` with (P, V, ...)."""

    bottlenecks: dict[str, Tensor]
    asked: dict[str, Tensor]
    days: dict[str, Tensor]

    def visit(self, places: Tensor, visits: Tensor) -> Visit:
        """One visit (N,) of each of these places (N,)."""
        return Visit(*({name: values[places, visits] for name, values in part.items()} for part in self))


@torch.no_grad()
def store(model: CompactFusion, cubes: Sequence[Cube], sparse: Sparse, objective: Objective, *, seed: int) -> Stored:
    """Encode spans of every cube, at dates that were clear enough."""
    dice = np.random.default_rng(seed)
    parts = [part for cube in cubes if (part := _stored(model, cube, sparse, dict(objective.cleaned), dice))]
    if not parts:
        raise InputError(
            f"cubes: none of the {len(cubes)} shows {sparse.dates} successive dates; give longer or clearer ones"
        )
    return Stored(
        *({name: torch.cat([part[field][name] for part in parts]) for name in model.config.names} for field in range(3))
    )


def _stored(
    model: CompactFusion, cube: Cube, sparse: Sparse, cleaned: Mapping[str, float], dice: np.random.Generator
) -> Stored | None:
    optical = cube.sensors[OPTICAL].values
    clear = np.isfinite(optical).any(axis=1).mean(axis=(1, 2)) >= CLEAR
    firsts = np.flatnonzero(clear[: len(clear) - sparse.dates + 1])
    if not len(firsts):
        return None
    lattice = slice(int(dice.integers(sparse.spacing)), None, sparse.spacing)
    chosen = dice.choice(firsts, sparse.spans, replace=len(firsts) < sparse.spans)
    spans = [_span(model, cube, slice(first, first + sparse.dates), lattice, cleaned) for first in chosen]
    return Stored(
        *({name: torch.cat([span[field][name] for span in spans], dim=1) for name in spans[0][0]} for field in range(3))
    )


def _span(model: CompactFusion, cube: Cube, wanted: slice, lattice: slice, cleaned: Mapping[str, float]) -> Stored:
    found = Stored({}, {}, {})
    for config in model.config.modalities:
        name = config.name
        frames = cube.sensors[name]
        around = slice(max(0, wanted.start - config.reach), wanted.stop + config.reach)
        inner = slice(wanted.start - around.start, wanted.stop - around.start)
        maps = model.stage1(name).encode_cube(
            torch.from_numpy(frames.values[around].copy()), torch.from_numpy(frames.days[around]), inner, (lattice,) * 2
        )
        asked = cleaned_frames(cube, name, (wanted, slice(None), lattice, lattice), cleaned.get(name, 0.0))
        found.bottlenecks[name] = rearrange(maps, "v d y x -> (y x) v d")
        found.asked[name] = rearrange(torch.from_numpy(asked), "v c y x -> (y x) v c")
        found.days[name] = torch.from_numpy(frames.days[wanted]).expand(len(found.asked[name]), -1)
    return found


class Pairs(IterableDataset[Pair]):
    """Random places, each on two of its stored dates."""

    def __init__(self, stored: Stored, *, count: int, batch: int, seed: tuple[int, ...]) -> None:
        self.stored, self.count, self.batch, self.seed = stored, count, batch, seed

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Pair]:
        dice = np.random.default_rng(self.seed)
        places, visits = next(iter(self.stored.days.values())).shape
        for _ in range(self.count):
            where = torch.from_numpy(dice.integers(places, size=self.batch))
            here, later = torch.from_numpy(dice.integers(visits, size=(2, self.batch)))
            yield self.stored.visit(where, here), self.stored.visit(where, later)


class PixelFusion(Task):
    """Stage 2 of `compact` on stored pixels: the own date is asked for, another date, and which place it is."""

    model: CompactFusion

    def __init__(self, model: nn.Module, recipe: Recipe, *, seed: int, objective: Objective) -> None:
        super().__init__(model, recipe, seed=seed)
        self.objective = objective
        self.compared = nn.Linear(self.model.config.bottleneck, self.model.config.bottleneck)

    def loss(self, batch: Pair, dice: torch.Generator) -> Tensor:
        o = self.objective
        here, later = (self.embedding(visit, self.dropped(dice)) for visit in batch)
        own = (self.error(here, batch[0], batch[0]) + self.error(later, batch[1], batch[1])) / 2
        other = self.error(here, batch[0], batch[1])
        return own + o.question_weight * other + o.apart * self.apart(batch, here, later)

    def apart(self, batch: Pair, here: Tensor, later: Tensor) -> Tensor:
        """How badly places that were seen on both dates are told apart."""
        seen = torch.stack([~torch.isnan(v).any(dim=1) for visit in batch for v in visit.asked.values()]).all(dim=0)
        one, other = (self.compared(embedding[seen, :, 0, 0]) for embedding in (here, later))
        return apart_loss(one, other, self.objective.sharpness)

    def center_error(self, batch: Pair) -> Tensor:
        return self.error(self.embedding(batch[0], self.model.config.names), batch[0], batch[0], comparable=False)

    def dropped(self, dice: torch.Generator) -> Sequence[str]:
        """The sensors that enter: now and then one is missing."""
        names = list(self.model.config.names)
        if len(names) > 1 and torch.rand((), generator=dice) < self.objective.dropped_sensors:
            names.pop(int(torch.randint(len(names), (), generator=dice)))
        return names

    def embedding(self, visit: Visit, names: Sequence[str]) -> Tensor:
        """(N, D, 1, 1)."""
        maps = {name: rearrange(visit.bottlenecks[name], "n d -> n d 1 1") for name in names}
        first = visit.days[self.model.config.names[0] if self.model.config.names[0] in names else names[0]]
        return self.model.fuse_maps(maps, {name: visit.days[name] - first for name in names})

    def error(self, embedding: Tensor, here: Visit, asked: Visit, *, comparable: bool = True) -> Tensor:
        """Mean absolute error of what embeddings of `here` say of `asked`, as in `DenseModality.error`."""
        o, errors = self.objective, []
        for name, truth in asked.asked.items():
            away = asked.days[name] - here.days[name]
            answer = self.model.answer(embedding, name, away)[..., 0, 0]
            scale = yardstick(self.model.stage1(name), comparable).flatten()
            noisy = comparable and asked is here and name in o.noisy
            seen = ~torch.isnan(truth)
            off = torch.where(seen, (answer - torch.where(seen, truth, 0.0)).abs() / scale, 0.0)
            errors.append(off.sum() / seen.sum().clamp(min=1) * (o.noisy_weight if noisy else 1.0))
        return torch.stack(errors).mean()

    def finish(self, batches: Iterable[Pair]) -> None:
        with torch.no_grad():
            found = [self.embedding(pair[0], self.model.config.names) for pair in batches]
        turn_to_axes(self.model, torch.cat(found)[..., 0, 0])
