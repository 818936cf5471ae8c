"""What the `compact` preset is trained for: to know a place and its near past and future from incomplete views.

Frames and patches of the input are hidden; the embedding is asked for what stood there, and for neighbouring dates and
pixels. An embedding that merely copies its centre pixel cannot answer: context has to pay. Asked of dense crops, every
pixel-date of a crop is a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from models.checks import ConfigError, share

Crop = Mapping[str, tuple[Tensor, Tensor]]
"""Frames (T, C, H, W) and days (T,) by sensor."""

Answer = Callable[[slice, Tensor, Tensor, Tensor], Tensor]
"""(which dates' embeddings, days away (N,), pixels down (1, 1), pixels right (1, 1)) -> (N, C, H, W)."""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """How much is hidden, and what is asked."""

    hidden_frames: float = 0.3  # share of each sensor's frames hidden whole
    hidden_patches: float = 0.5  # share of the frames in which a rectangle is hidden
    dropped_sensors: float = 0.15  # share of crops in which one sensor is missing altogether (stage 2)
    questions: int = 2  # about another date and place, beside the one about the centre
    question_weight: float = 0.25  # of each, against 1 for the centre
    far_pixels: int = 2  # how far from its own place an embedding is asked about
    far_frames: int = 5  # likewise in frames

    def __post_init__(self) -> None:
        for field in ("hidden_frames", "hidden_patches", "dropped_sensors"):
            share(field, getattr(self, field))
        if self.questions < 0 or self.question_weight < 0:
            raise ConfigError(f"questions are {self.questions} of weight {self.question_weight}; give 0 or more")


class Question:
    """What lies `frames` later, `down` and `right` of every pixel-date: which part of a crop asks, which is asked."""

    def __init__(self, frames: int, down: int, right: int) -> None:
        self.shift = (frames, down, right)
        self.asking = tuple(slice(max(0, -s), -s if s > 0 else None) for s in self.shift)
        self.asked = tuple(slice(max(0, s), s if s < 0 else None) for s in self.shift)

    @classmethod
    def drawn(cls, objective: Objective, dice: torch.Generator) -> Question:
        """One at random within the objective's reach."""
        reach = (objective.far_frames, objective.far_pixels, objective.far_pixels)
        return cls(*(int(torch.randint(-far, far + 1, (), generator=dice)) for far in reach))


def hide(crop: Crop, objective: Objective, dice: torch.Generator) -> dict[str, tuple[Tensor, Tensor]]:
    """The crop with whole frames and rectangles missing."""
    return {name: (_hidden(frames, objective, dice), days) for name, (frames, days) in crop.items()}


def _hidden(frames: Tensor, objective: Objective, dice: torch.Generator) -> Tensor:
    count, _, height, width = frames.shape
    frames = frames.clone()
    frames[torch.rand(count, generator=dice) < objective.hidden_frames] = torch.nan
    for index in torch.nonzero(torch.rand(count, generator=dice) < objective.hidden_patches).flatten():
        rows, columns = _span(height, dice), _span(width, dice)
        frames[index, :, rows, columns] = torch.nan
    return frames


def _span(length: int, dice: torch.Generator) -> slice:
    first, last = torch.randint(0, length + 1, (2,), generator=dice).sort().values
    return slice(int(first), int(last))


def dense_loss(answer: Answer, frames: Tensor, days: Tensor, std: Tensor, question: Question) -> Tensor:
    """Mean absolute error, in standard deviations of each band, of the answers to one question over a whole crop.

    frames (T, C, H, W) with NaN where nothing was seen, days (T,), std (C, 1, 1) by which bands are made comparable.
    """
    asking, asked = question.asking, question.asked
    if not len(days[asking[0]]):
        return frames.new_zeros(())
    away = days[asked[0]] - days[asking[0]]
    down, right = (torch.full((1, 1), float(s), device=frames.device) for s in question.shift[1:])
    answers = answer(asking[0], away, down, right)[..., asking[1], asking[2]]
    truth = frames[asked[0]][..., asked[1], asked[2]]
    seen = ~torch.isnan(truth)
    error = torch.where(seen, (answers - torch.where(seen, truth, 0.0)).abs() / std, 0.0)
    return error.sum() / seen.sum().clamp(min=1)
