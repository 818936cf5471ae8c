"""What Lightning runs: each preset's two stages as a loss on a batch.

On unseen cubes it watches that loss, and logs beside it the mean absolute error of the centre pixel at the centre date,
nothing hidden.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import lightning
import torch
from einops import rearrange
from torch import Tensor, nn

from models.autoencoder import ModalityAutoencoder, fill_missing
from models.checks import ModelError, positive
from models.compact import EVERY_PIXEL, CompactAutoencoder, Pixels
from models.compact_fusion import CompactFusion
from models.contract import Sample
from models.fusion import Fusion
from models.losses import context_loss
from models.objective import HERE, Crop, Objective, Question, dense_loss, drawn_pixels, hide
from models.presets import PAPER_LOSSES

LOSS, CENTER = "val_loss", "val_center_mae"
Asked = Mapping[str, tuple[Tensor, Tensor]]
"""By sensor, frames (T, C, H, W) to be rebuilt and their days (T,)."""


class TrainingError(ModelError):
    """Training cannot go on."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How weights are stepped; defaults after arXiv 2511.11706 but for the rate, which suits the small preset."""

    epochs: int = 40
    learning_rate: float = 3e-3
    weight_decay: float = 1.5e-4
    warm_up: int = 200  # steps in which the rate rises to `learning_rate`
    least: float = 0.02  # share of it that is left at the end; between the two it falls as a cosine
    patience: int = 16  # epochs without a better score before training stops
    clip: float = 1.0  # largest norm of a gradient

    def __post_init__(self) -> None:
        for field in ("epochs", "warm_up", "patience"):
            positive(field, getattr(self, field))

    def rate(self, step: int, steps: int) -> float:
        """The learning rate at a step of so many in all, as a share of `learning_rate`."""
        fallen = (1 + math.cos(math.pi * min(1.0, step / steps))) / 2
        return min(1.0, (step + 1) / self.warm_up) * (self.least + (1 - self.least) * fallen)


class Task(lightning.LightningModule):
    """Optimiser, schedule and logging; a subclass says what the loss and the score are."""

    def __init__(self, model: nn.Module, recipe: Recipe, *, seed: int) -> None:
        super().__init__()
        self.model, self.recipe, self.seed = model.train(), recipe, seed

    def loss(self, batch: Any, dice: torch.Generator) -> Tensor:
        """What is made small."""
        raise TypeError(f"{type(self).__name__} has no loss")

    def center_error(self, batch: Any) -> Tensor:
        """Mean absolute error of the centre, nothing hidden."""
        raise TypeError(f"{type(self).__name__} has no centre")

    def training_step(self, batch: Any, index: int) -> Tensor:
        loss = self.loss(batch, self.dice())
        if not loss.isfinite():
            raise TrainingError(
                f"the loss is {loss.item()} at step {self.global_step}; training stops, the last checkpoint stays: "
                "lower the learning rate or look for values outside 0..1 in the cubes"
            )
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=1, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        self.log(LOSS, self.loss(batch, torch.Generator().manual_seed(index)), batch_size=1, prog_bar=True)
        self.log(CENTER, self.center_error(batch), batch_size=1, prog_bar=True)

    def configure_optimizers(self) -> Any:
        r = self.recipe
        trained = [weight for weight in self.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW(trained, lr=r.learning_rate, weight_decay=r.weight_decay)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: r.rate(step, steps))
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def finish(self, batches: Iterable[Any]) -> None:
        """What is left to do once the best weights are found."""

    def dice(self) -> torch.Generator:
        """Draws that seed and step alone decide, so that a resumed training repeats none."""
        return torch.Generator().manual_seed(1_000_003 * self.seed + self.global_step)


class DenseModality(Task):
    """Stage 1 of `compact` on crops."""

    model: CompactAutoencoder

    def __init__(self, model: nn.Module, recipe: Recipe, *, seed: int, objective: Objective) -> None:
        super().__init__(model, recipe, seed=seed)
        self.objective = objective

    def loss(self, batch: Crop, dice: torch.Generator) -> Tensor:
        o, pixels = self.objective, drawn_pixels(self.objective, dice)
        asked = {name: (strip.asked, strip.days) for name, strip in batch.items()}
        embedding = self.embedding(self.dropped(hide(batch, o, dice), dice), pixels)
        total = self.error(embedding, asked, HERE, pixels)
        for _ in range(o.questions):
            total = total + o.question_weight * self.error(embedding, asked, Question.drawn(o, dice), pixels)
        return total

    def center_error(self, batch: Crop) -> Tensor:
        seen = {name: (strip.frames, strip.days) for name, strip in batch.items()}
        embedding = self.embedding(batch, EVERY_PIXEL)
        return self.error(embedding, seen, HERE, EVERY_PIXEL, comparable=False)

    def dropped(self, crop: Crop, dice: torch.Generator) -> Crop:
        """The crop as it enters."""
        return crop

    def embedding(self, crop: Crop, pixels: Pixels) -> Tensor:
        """What is asked, (T, values, rows, columns)."""
        strip = crop[self.model.config.name]
        return self.model.encode_cube(strip.frames, strip.days, pixels=pixels)

    def error(
        self, embedding: Tensor, asked: Asked, question: Question, pixels: Pixels, *, comparable: bool = True
    ) -> Tensor:
        """Of the answers to a question: in standard deviations of the bands if `comparable`, else in their unit."""
        model = self.model
        return dense_loss(
            lambda dates, *where: model.answer(embedding[dates], *where),
            *asked[model.config.name],
            yardstick(model, comparable),
            question,
            pixels,
        ) * (self.weight(model.config.name, question) if comparable else 1)

    def weight(self, sensor: str, question: Question) -> float:
        """Of what a sensor saw, against that of the others."""
        return self.objective.noisy_weight if question == HERE and sensor in self.objective.noisy else 1.0


class DenseFusion(DenseModality):
    """Stage 2 of `compact` on crops; now and then a sensor is missing, and asked for all the same."""

    model: CompactFusion  # type: ignore[assignment]

    def dropped(self, crop: Crop, dice: torch.Generator) -> Crop:
        names = list(crop)
        if len(names) > 1 and torch.rand((), generator=dice) < self.objective.dropped_sensors:
            names.pop(int(torch.randint(len(names), (), generator=dice)))
        return {name: crop[name] for name in names}

    def finish(self, batches: Iterable[Crop]) -> None:
        with torch.no_grad():
            embeddings = [self.embedding(batch, EVERY_PIXEL) for batch in batches]
        turn_to_axes(self.model, torch.cat([rearrange(z, "t d y x -> (t y x) d") for z in embeddings]))

    def embedding(self, crop: Crop, pixels: Pixels) -> Tensor:
        frames = {name: strip.frames for name, strip in crop.items()}
        return self.model.embed_cube(frames, {name: strip.days for name, strip in crop.items()}, pixels=pixels)

    def error(
        self, embedding: Tensor, asked: Asked, question: Question, pixels: Pixels, *, comparable: bool = True
    ) -> Tensor:
        errors = [
            dense_loss(
                lambda dates, *where, sensor=name: self.model.answer(embedding[dates], sensor, *where),
                *asked[name],
                yardstick(self.model.stage1(name), comparable),
                question,
                pixels,
            )
            * (self.weight(name, question) if comparable else 1)
            for name in asked
        ]
        return torch.stack(errors).mean()


@torch.no_grad()
def turn_to_axes(model: CompactFusion, embeddings: Tensor) -> None:
    """Turn what a model gives to the principal axes of (N, D): uncorrelated values, those that vary most first."""
    rows = embeddings.double()
    axes = torch.linalg.eigh(torch.cov(rows.T)).eigenvectors.T.flip(0)
    signs = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)).sign()  # else left to chance
    model.turn(rows.mean(dim=0).float(), (axes * signs).float())


def yardstick(model: CompactAutoencoder, comparable: bool) -> Tensor:
    """What errors of each band are counted in."""
    std = model.decoder.std
    return std if comparable else torch.ones_like(std)


Batch = tuple[Mapping[str, Sample], Tensor]
Terms = tuple[Tensor, Tensor]
"""A loss, and the error of the centre."""


class Window(Task):
    """A stage of `paper` on windows, with the reference's loss."""

    def loss(self, batch: Batch, dice: torch.Generator) -> Tensor:
        return self.terms(batch)[0]

    def center_error(self, batch: Batch) -> Tensor:
        return self.terms(batch)[1]

    def terms(self, batch: Batch) -> Terms:
        """Of what the model rebuilds of a batch."""
        raise TypeError(f"{type(self).__name__} rebuilds nothing")


class WindowModality(Window):
    """Stage 1 of `paper`."""

    model: ModalityAutoencoder

    def terms(self, batch: Batch) -> Terms:
        name = self.model.config.name
        sample = batch[0][name]
        return _compared(name, self.model(sample).frames, sample)


class WindowFusion(Window):
    """Stage 2 of `paper`: the sensors' losses added up."""

    model: Fusion

    def terms(self, batch: Batch) -> Terms:
        samples, pair_gaps = batch
        rebuilt = self.model(samples, pair_gaps).reconstructions
        losses, errors = zip(*(_compared(name, rebuilt[name], samples[name]) for name in rebuilt), strict=True)
        return torch.stack(losses).sum(), torch.stack(errors).mean()


def _compared(name: str, rebuilt: Tensor, sample: Sample) -> Terms:
    terms = context_loss(rebuilt, fill_missing(sample.frames), ~torch.isnan(sample.frames), config=PAPER_LOSSES[name])
    return terms.total, terms.center_mae
