"""What Lightning runs: each preset's two stages as a loss on a batch and a score on unseen data.

The score every task watches is the plain mean absolute error of the centre pixel at the centre date, nothing hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from models.autoencoder import ModalityAutoencoder, fill_missing
from models.checks import ModelError, positive
from models.compact import CompactAutoencoder
from models.compact_fusion import CompactFusion
from models.contract import Sample
from models.fusion import Fusion
from models.losses import context_loss
from models.objective import Crop, Objective, Question, dense_loss, hide
from models.presets import PAPER_LOSSES

SCORE = "val_center_mae"
HERE = Question(0, 0, 0)


class TrainingError(ModelError):
    """Training cannot go on."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How weights are stepped; defaults after arXiv 2511.11706 but for the rate, which suits the small preset."""

    epochs: int = 40
    learning_rate: float = 2e-3
    weight_decay: float = 1.5e-4
    warm_up: int = 200  # steps of linear warm-up
    calm: int = 6  # epochs without a better score before the rate is cut to a third
    patience: int = 16  # epochs without a better score before training stops
    clip: float = 1.0  # largest norm of a gradient

    def __post_init__(self) -> None:
        for field in ("epochs", "warm_up", "calm", "patience"):
            positive(field, getattr(self, field))


class Task(lightning.LightningModule):
    """Optimiser, schedule and logging; a subclass says what the loss and the score are."""

    def __init__(self, model: nn.Module, recipe: Recipe, *, seed: int) -> None:
        super().__init__()
        self.model, self.recipe, self.seed = model.train(), recipe, seed

    def loss(self, batch: Any) -> Tensor:
        """What is made small."""
        raise TypeError(f"{type(self).__name__} has no loss")

    def score(self, batch: Any) -> Tensor:
        """What is watched."""
        raise TypeError(f"{type(self).__name__} has no score")

    def training_step(self, batch: Any, index: int) -> Tensor:
        loss = self.loss(batch)
        if not loss.isfinite():
            raise TrainingError(
                f"the loss is {loss.item()} at step {self.global_step}; training stops, the last checkpoint stays: "
                "lower the learning rate or look for values outside 0..1 in the cubes"
            )
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=1, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        self.log(SCORE, self.score(batch), batch_size=1, prog_bar=True)

    def configure_optimizers(self) -> Any:
        r = self.recipe
        trained = [weight for weight in self.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW(trained, lr=r.learning_rate, weight_decay=r.weight_decay)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=1 / 3, patience=r.calm)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": plateau, "monitor": SCORE}}

    def optimizer_step(self, epoch: int, batch_idx: int, optimizer: Any, optimizer_closure: Any = None) -> None:
        """Step, with the rate rising linearly at first."""
        if self.global_step < self.recipe.warm_up:
            for group in optimizer.param_groups:
                group["lr"] = self.recipe.learning_rate * (self.global_step + 1) / self.recipe.warm_up
        optimizer.step(closure=optimizer_closure)

    def dice(self) -> torch.Generator:
        """Draws that seed and step alone decide, so that a resumed training repeats none."""
        return torch.Generator().manual_seed(1_000_003 * self.seed + self.global_step)


class DenseModality(Task):
    """Stage 1 of `compact` on crops."""

    model: CompactAutoencoder

    def __init__(self, model: nn.Module, recipe: Recipe, *, seed: int, objective: Objective) -> None:
        super().__init__(model, recipe, seed=seed)
        self.objective = objective

    def loss(self, batch: Crop) -> Tensor:
        dice = self.dice()
        embedding = self._embedding(hide(batch, self.objective, dice))
        total = self._asked(embedding, batch, HERE)
        for _ in range(self.objective.questions):
            question = Question.drawn(self.objective, dice)
            total = total + self.objective.question_weight * self._asked(embedding, batch, question)
        return total

    def score(self, batch: Crop) -> Tensor:
        return self._asked(self._embedding(batch), batch, HERE, comparable=False)

    def _embedding(self, batch: Crop) -> Tensor:
        return self.model.encode_cube(*batch[self.model.config.name])

    def _asked(self, embedding: Tensor, batch: Crop, question: Question, *, comparable: bool = True) -> Tensor:
        return _answered(self.model, embedding, batch[self.model.config.name], question, comparable=comparable)


class DenseFusion(DenseModality):
    """Stage 2 of `compact` on crops; now and then a sensor is missing, and asked for all the same."""

    model: CompactFusion  # type: ignore[assignment]

    def _embedding(self, batch: Crop) -> Tensor:
        names = list(batch)
        if self.training and len(names) > 1:
            dice = self.dice()
            if torch.rand((), generator=dice) < self.objective.dropped_sensors:
                names.pop(int(torch.randint(len(names), (), generator=dice)))
        frames = {name: batch[name][0] for name in names}
        return self.model.embed_cube(frames, {name: batch[name][1] for name in names})

    def _asked(self, embedding: Tensor, batch: Crop, question: Question, *, comparable: bool = True) -> Tensor:
        asked = [
            _answered(
                self.model.stage1(name),
                self.model.unfold[name](embedding),
                batch[name],
                question,
                comparable=comparable,
            )
            for name in batch
        ]
        return torch.stack(asked).mean()


def _answered(
    model: CompactAutoencoder,
    bottleneck: Tensor,
    target: tuple[Tensor, Tensor],
    question: Question,
    *,
    comparable: bool,
) -> Tensor:
    """The error of a sensor's answers, in standard deviations of its bands if `comparable`, else in their unit."""
    std = model.decoder.std
    return dense_loss(
        lambda dates, away, down, right: model.decoder(bottleneck[dates], away, down, right),
        *target,
        std if comparable else torch.ones_like(std),
        question,
    )


Batch = tuple[Mapping[str, Sample], Tensor]


class WindowModality(Task):
    """Stage 1 of `paper` on windows, with the reference's loss."""

    model: ModalityAutoencoder

    def loss(self, batch: Batch) -> Tensor:
        return self._terms(batch)[0]

    def score(self, batch: Batch) -> Tensor:
        return self._terms(batch)[1]

    def _terms(self, batch: Batch) -> tuple[Tensor, Tensor]:
        name = self.model.config.name
        sample = batch[0][name]
        return _compared(name, self.model(sample).frames, sample)


class WindowFusion(Task):
    """Stage 2 of `paper` on windows: the sensors' losses added up."""

    model: Fusion

    def loss(self, batch: Batch) -> Tensor:
        return self._terms(batch)[0]

    def score(self, batch: Batch) -> Tensor:
        return self._terms(batch)[1]

    def _terms(self, batch: Batch) -> tuple[Tensor, Tensor]:
        samples, pair_gaps = batch
        rebuilt = self.model(samples, pair_gaps).reconstructions
        terms = [_compared(name, rebuilt[name], samples[name]) for name in rebuilt]
        losses, scores = zip(*terms, strict=True)
        return torch.stack(losses).sum(), torch.stack(scores).mean()


def _compared(name: str, rebuilt: Tensor, sample: Sample) -> tuple[Tensor, Tensor]:
    terms = context_loss(rebuilt, fill_missing(sample.frames), ~torch.isnan(sample.frames), config=PAPER_LOSSES[name])
    return terms.total, terms.center_mae
