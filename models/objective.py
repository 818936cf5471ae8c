"""What the `compact` preset is trained for: to know a place and its near past and future from incomplete views.

Frames and patches of the input are hidden; the embedding is asked for what stood there, and for neighbouring dates and
pixels. An embedding that merely copies its centre pixel cannot answer: context has to pay. Asked of dense crops, every
pixel-date of a crop is a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize, pad

from models.checks import ConfigError, positive, share
from models.compact import EVERY_PIXEL, Pixels


class Strip(NamedTuple):
    """What one sensor saw of a crop, and what is asked about it."""

    frames: Tensor  # (T, C, H, W)
    days: Tensor  # (T,)
    asked: Tensor  # as `frames`, nearer to the truth where that is known


Crop = Mapping[str, Strip]
"""Strips by sensor."""

Answer = Callable[[slice, Tensor, int, int], Tensor]
"""(which dates' embeddings, days away (N,), pixels down, pixels right) -> (N, C, H, W)."""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """How much is hidden, and what is asked."""

    hidden_frames: float = 0.2  # share of each sensor's frames hidden whole
    hidden_patches: float = 0.3  # share of the frames in which a rectangle is hidden
    dropped_sensors: float = 0.15  # share of crops in which one sensor is missing altogether (stage 2)
    noisy: tuple[str, ...] = ("s1",)  # sensors of which a single view is mostly noise
    noisy_weight: float = 0.3  # of what they saw at the very place and date: not to be learnt by heart
    cleaned: tuple[tuple[str, float], ...] = (("s1", 0.3), ("s2", 0.25))
    """By sensor: how far what is asked goes from what was seen to what was there, where a simulator knows it."""
    questions: int = 3  # about another date and place, beside the one about the centre
    question_weight: float = 0.25  # of each, against 1 for the centre
    far_pixels: int = 1  # how far from its own place an embedding is asked about
    far_frames: int = 5  # likewise in frames
    spacing: int = 2  # every so many pixels of a crop, down and right, is asked
    apart: float = 0.05  # weight of telling a place apart from others by what it was at another time (frozen encoders)
    sharpness: float = 5.0  # by which likenesses (-1..1) are multiplied when a place is told apart

    def __post_init__(self) -> None:
        for field in ("hidden_frames", "hidden_patches", "dropped_sensors"):
            share(field, getattr(self, field))
        positive("spacing", self.spacing)
        for sensor, way in self.cleaned:
            if not 0 <= way <= 1:
                raise ConfigError(f"cleaned is {way!r} for {sensor}; give a share from 0 to 1")
        if self.apart < 0 or self.sharpness <= 0:
            raise ConfigError(f"apart is {self.apart} and sharpness {self.sharpness}; give 0 or more, and more than 0")
        if self.questions < 0 or self.question_weight < 0:
            raise ConfigError(f"questions are {self.questions} of weight {self.question_weight}; give 0 or more")


class Question(NamedTuple):
    """What lies `frames` later, `down` and `right` of every pixel-date."""

    frames: int
    down: int
    right: int

    @classmethod
    def drawn(cls, objective: Objective, dice: torch.Generator) -> Question:
        """One at random within the objective's reach."""
        reach = (objective.far_frames, objective.far_pixels, objective.far_pixels)
        return cls(*(int(torch.randint(-far, far + 1, (), generator=dice)) for far in reach))

    @property
    def asking(self) -> slice:
        """The dates that have such a later one."""
        return slice(max(0, -self.frames), -self.frames if self.frames > 0 else None)

    @property
    def asked(self) -> slice:
        """The dates that are such a later one."""
        return slice(max(0, self.frames), self.frames if self.frames < 0 else None)

    def places(self, frames: Tensor) -> Tensor:
        """Frames (..., H, W) moved so that each pixel holds the one it asks about; NaN beyond the edge."""
        return pad(frames, (-self.right, self.right, -self.down, self.down), value=torch.nan)


HERE = Question(0, 0, 0)


def drawn_pixels(objective: Objective, dice: torch.Generator) -> Pixels:
    """A lattice of pixels: neighbours have so much in common that a sparse one teaches as much, for less."""
    first = (int(torch.randint(objective.spacing, (), generator=dice)) for _ in range(2))
    return tuple(slice(start, None, objective.spacing) for start in first)  # type: ignore[return-value]


def hide(crop: Crop, objective: Objective, dice: torch.Generator) -> dict[str, Strip]:
    """The crop with whole frames and rectangles missing; what is asked stays."""
    return {name: strip._replace(frames=_hidden(strip.frames, objective, dice)) for name, strip in crop.items()}


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


def dense_loss(
    answer: Answer, frames: Tensor, days: Tensor, std: Tensor, question: Question, pixels: Pixels = EVERY_PIXEL
) -> Tensor:
    """Mean absolute error, in standard deviations of each band, of the answers to one question over a whole crop.

    frames (T, C, H, W) with NaN where nothing was seen, days (T,), std (C, 1, 1) by which bands are made comparable;
    `pixels` are those that answer.
    """
    if abs(question.frames) >= len(days):
        return frames.new_zeros(())
    away = days[question.asked] - days[question.asking]
    answers = answer(question.asking, away, question.down, question.right)
    truth = question.places(frames[question.asked])[..., pixels[0], pixels[1]]
    seen = ~torch.isnan(truth)
    error = torch.where(seen, (answers - torch.where(seen, truth, 0.0)).abs() / std, 0.0)
    return error.sum() / seen.sum().clamp(min=1)


def apart_loss(here: Tensor, later: Tensor, sharpness: float) -> Tensor:
    """How badly places at one time (N, D) are recognised at another (N, D) among each other.

    Cross-entropy over likenesses (cosines): each place against all the others.
    """
    likeness = sharpness * normalize(here, dim=1) @ normalize(later, dim=1).T
    return cross_entropy(likeness, torch.arange(len(here), device=here.device))
