"""Train a model on site cubes: `python -m models.training modality s2 --cubes FOLDER --out FOLDER`, then `fusion`.

    python -m models.training modality s1 --cubes sites --out s1
    python -m models.training modality s2 --cubes sites --out s2
    python -m models.training fusion --cubes sites --out fused --stage1 s1/weights s2/weights --size 7

A sensor registered in `models.sensors` is trained alike, then added to a fused model whose encoders stay as they are:

    python -m models.training modality weather --cubes sites --out weather
    python -m models.training fusion --cubes sites --out wider --extend fused/weights --stage1 weather/weights

Stops early when the score on held-out cubes no longer falls. `--resume` goes on where an interrupted training was.
The best weights stand in OUT/weights, the course of training in OUT/metrics.csv.
"""

from __future__ import annotations

import argparse
import csv
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import lightning
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.utilities import rank_zero_only
from torch import nn
from torch.utils.data import DataLoader, Dataset

from models import assembly, checkpoint
from models.batches import Crops, Draw, Windows
from models.checks import CheckpointError, InputError, ModelError
from models.compact_fusion import CompactFusion
from models.cubes import Cube, find_cubes, read_cubes
from models.objective import Objective
from models.pixels import Pairs, PixelFusion, Sparse, Stored, store
from models.presets import get_preset
from models.released import read_plainly
from models.sensors import extended
from models.tasks import LOSS, DenseFusion, DenseModality, Recipe, Task, WindowFusion, WindowModality

STEPS = 200  # in an epoch
CROP = Draw(count=STEPS, frames=16, size=24)  # an epoch of `compact`: 1.8 M pixel-dates
WINDOWS = Draw(count=STEPS, frames=11, size=15, batch=32)  # an epoch of `paper`
Source = Callable[[Sequence[Cube], int, tuple[int, ...]], Dataset[Any]]
"""So many draws from these cubes, decided by a seed."""
SPARSE = Sparse()
HELD_OUT = 0.15  # share of the cubes that training never sees and the score is taken on
METRICS = "metrics.csv"  # the course of training, in OUT
VALIDATION_EPOCH = 1_000_000  # beyond any epoch: the draws of the score are the same throughout


class Epochs(lightning.LightningDataModule):
    """Fresh draws every epoch, decided by seed and epoch; the same draws for every score."""

    def __init__(self, cubes: Sequence[Cube], source: Source, *, count: int, seed: int) -> None:
        super().__init__()
        held_out = max(1, round(HELD_OUT * len(cubes)))
        if len(cubes) < 2:
            raise InputError("cubes: one cube cannot be split into training and held-out ones; give two or more")
        self.parts = {"train": cubes[held_out:], "held_out": cubes[:held_out]}
        self.source, self.count, self.seed = source, count, seed

    def train_dataloader(self) -> DataLoader[Any]:
        epoch = self.trainer.current_epoch if self.trainer else 0
        return self._loader("train", self.count, epoch)

    def val_dataloader(self) -> DataLoader[Any]:
        return self._loader("held_out", max(1, self.count // 8), VALIDATION_EPOCH)

    def _loader(self, part: str, count: int, epoch: int) -> DataLoader[Any]:
        return DataLoader(self.source(self.parts[part], count, (self.seed, epoch)), batch_size=None)


def train(task: Task, data: Epochs, out: Path, *, resume: bool = False, quiet: bool = False) -> Path:
    """Fit `task`; the best checkpoint's path. Everything it leaves lies in `out`."""
    best = ModelCheckpoint(
        out / "checkpoints", filename="best", monitor=LOSS, save_last=True, enable_version_counter=False
    )
    last = out / "checkpoints" / "last.ckpt"
    earlier = _earlier_metrics(task, out, last) if resume else []
    trainer = lightning.Trainer(
        max_epochs=task.recipe.epochs,
        gradient_clip_val=task.recipe.clip,
        precision="bf16-mixed" if torch.cuda.is_available() else "32-true",
        logger=_logger(out, earlier),
        callbacks=[best, EarlyStopping(LOSS, patience=task.recipe.patience), *([] if quiet else [TQDMProgressBar()])],
        enable_progress_bar=not quiet,
        enable_model_summary=False,
        reload_dataloaders_every_n_epochs=1,
        log_every_n_steps=1,
        num_sanity_val_steps=0,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*num_workers.*|.*checkpoints.* exists|.*IterableDataset.*")
        trainer.fit(task, data, ckpt_path=last if resume else None, weights_only=True)
    return Path(best.best_model_path)


def _earlier_metrics(task: Task, out: Path, last: Path) -> list[dict[str, Any]]:
    """What was logged up to the checkpoint from which a training goes on; what it logged after that comes again."""
    if not last.exists():
        raise InputError(f"resume: {out} holds no interrupted training; leave --resume out to start one")
    stored = read_plainly(last)
    if not isinstance(stored, dict) or not isinstance(stored.get("epoch"), int) or "state_dict" not in stored:
        raise CheckpointError(f"resume: {last} is not a training's checkpoint; leave --resume out to start again")
    checkpoint.check_layout(task.state_dict(), stored["state_dict"], source=f"resume: {last}")
    metrics = out / METRICS
    if not metrics.exists():
        return []
    with metrics.open(encoding="utf-8", newline="") as file:
        rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
    return [row for row in rows if "epoch" in row and int(row["epoch"]) <= stored["epoch"]]


def _logger(out: Path, earlier: list[dict[str, Any]]) -> CSVLogger:
    """A logger to OUT/metrics.csv that begins with the `earlier` rows; Lightning's own begins with an empty file."""
    logger = CSVLogger(out, name="", version="")
    if earlier:
        _begin_with(earlier, logger)
    return logger


@rank_zero_only  # with several devices, one process writes
def _begin_with(rows: list[dict[str, Any]], logger: CSVLogger) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*exists and is not empty.*")
        logger.experiment.metrics.extend(rows)
    logger.save()


def build(options: argparse.Namespace) -> tuple[nn.Module, Any, list[str]]:
    """The model to train, its config, and the sensors it is fed."""
    if options.stage == "modality":
        config = assembly.modality_config(options.preset, options.sensor)
        return get_preset(options.preset).build_modality(config), config, [options.sensor]
    given = assembly.stage1_models(options.preset, options.stage1)
    if options.extend:
        model: Any = extended(assembly.fused_model(options.extend, options.preset), given, bottleneck=options.size)
        frozen = list(model.autoencoders.values())
    else:
        model = assembly.new_fusion(options.preset, given, options.size)
        frozen = list(given.values()) if options.freeze else []
    for autoencoder in frozen:
        autoencoder.encoder.requires_grad_(False)
    return model, model.config, list(model.config.names)


def make_task(model: nn.Module, options: argparse.Namespace) -> Task:
    """The task that trains this preset's stage."""
    recipe = Recipe(epochs=options.epochs, learning_rate=options.rate)
    dense, fused = options.preset == "compact", options.stage == "fusion"
    if dense:
        kind = PixelFusion if _frozen(model) else DenseFusion if fused else DenseModality
        return kind(model, recipe, seed=options.seed, objective=Objective())
    return (WindowFusion if fused else WindowModality)(model, recipe, seed=options.seed)


def run(options: argparse.Namespace) -> Path:
    """Train as the options say; the folder of the weights."""
    lightning.seed_everything(options.seed, verbose=False)
    model, config, sensors = build(options)
    cubes = _holding(sensors, read_cubes(find_cubes(options.cubes), sensors))
    data = Epochs(cubes, _source(model, options, sensors), count=options.steps or STEPS, seed=options.seed)
    task = make_task(model, options)
    best = train(task, data, options.out, resume=options.resume, quiet=options.quiet)
    state = torch.load(best, weights_only=True)["state_dict"]
    task.load_state_dict(state)
    task.finish(data.val_dataloader())
    checkpoint.save(task.model, options.out / "weights", config=config, preset=options.preset, stage=options.stage)
    return options.out / "weights"


def _frozen(model: nn.Module) -> bool:
    """Whether this is a `compact` fusion whose encoders all stay as they are."""
    return isinstance(model, CompactFusion) and not any(
        weight.requires_grad for name in model.config.names for weight in model.stage1(name).encoder.parameters()
    )


def _source(model: nn.Module, options: argparse.Namespace, sensors: Sequence[str]) -> Source:
    """What an epoch is drawn from, for this preset's stage."""
    if _frozen(model):
        return _stored_pixels(cast("CompactFusion", model), options.seed)
    if options.preset == "compact":
        cleaned = dict(Objective().cleaned)
        return lambda cubes, count, seed: Crops(
            cubes, replace(CROP, count=count), sensors=sensors, seed=seed, cleaned=cleaned
        )
    draw = replace(WINDOWS, batch=options.batch)
    return lambda cubes, count, seed: Windows(cubes, replace(draw, count=count), sensors=sensors, seed=seed)


def _stored_pixels(model: CompactFusion, seed: int) -> Source:
    """Pairs of what the encoders say, which is asked of them once for all epochs."""
    known: dict[tuple[str, ...], Stored] = {}

    def source(cubes: Sequence[Cube], count: int, draw_seed: tuple[int, ...]) -> Dataset[Any]:
        names = tuple(cube.name for cube in cubes)
        if names not in known:
            known[names] = store(model, cubes, SPARSE, Objective(), seed=seed)
        return Pairs(known[names], count=count, batch=SPARSE.batch, seed=draw_seed)

    return source


def _holding(sensors: Sequence[str], cubes: Sequence[Cube]) -> list[Cube]:
    """The cubes that hold all the sensors; the others are left out, and named."""
    whole = [cube for cube in cubes if set(sensors) <= set(cube.sensors)]
    if not whole:
        raise InputError(f"cubes: none of the {len(cubes)} holds {' and '.join(sensors)}; give sites that do")
    left_out = [cube.name for cube in cubes if not set(sensors) <= set(cube.sensors)]
    if left_out:
        print(f"Left out, without all of {', '.join(sensors)}: {', '.join(left_out)}", file=sys.stderr)
    return whole


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m models.training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    stages = top.add_subparsers(dest="stage", required=True)
    modality = stages.add_parser("modality", help="stage 1: one sensor's autoencoder")
    modality.add_argument("sensor", help="s2 or s1, weather, or a sensor you registered in models/sensors.py")
    fusion = stages.add_parser("fusion", help="stage 2: all sensors into one embedding")
    fusion.add_argument(
        "--stage1",
        type=Path,
        nargs="*",
        default=[],
        help="folders of stage-1 weights, or of fused ones that hold them: the fusion's sensors",
    )
    fusion.add_argument(
        "--extend", type=Path, help="fused weights to add the sensors of --stage1 to; all encoders stay as they are"
    )
    fusion.add_argument(
        "--freeze", action="store_true", help="keep the encoders as stage 1 left them (`compact`: minutes)"
    )
    fusion.add_argument("--size", type=int, help="values of the embedding")
    for stage in (modality, fusion):
        stage.add_argument("--cubes", type=Path, required=True, help="a workspace, or a folder of site folders")
        stage.add_argument("--out", type=Path, required=True, help="folder for weights, checkpoints and metrics")
        stage.add_argument("--preset", default="compact", help="compact (default) or paper")
        stage.add_argument("--epochs", type=int, default=Recipe.epochs)
        stage.add_argument("--steps", type=int, help="steps in an epoch")
        stage.add_argument("--batch", type=int, default=WINDOWS.batch, help="windows in a batch (preset paper)")
        stage.add_argument("--rate", type=float, default=Recipe.learning_rate, help="learning rate")
        stage.add_argument("--seed", type=int, default=0)
        stage.add_argument("--resume", action="store_true", help="go on with an interrupted training in OUT")
        stage.add_argument("--quiet", action="store_true", help="no progress bar")
    return top


def main(arguments: Sequence[str]) -> int:
    """0 when trained; 2 and one sentence for a wrong input."""
    options = parser().parse_args(arguments)
    try:
        weights = run(options)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Best weights in {weights}, course of training in {options.out / METRICS}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
