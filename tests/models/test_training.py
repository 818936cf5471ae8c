"""Training, by tiny runs: it learns, repeats itself, goes on where it stopped, and says what is wrong."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from models import checkpoint, training
from models.presets import S1_BANDS, S2_BANDS

FAST = ["--quiet", "--steps", "4"]


def seasonal_cube(seed: int) -> xr.Dataset:
    """20 dates, 16 x 16 px: a season that differs between two halves of the site, a third of it under cloud."""
    dice = np.random.default_rng(seed)
    time = pd.date_range("2021-03-01", periods=20, freq="7D")
    green = np.sin(np.linspace(0, np.pi, 20))[:, None, None] * np.repeat([0.2, 0.5], 8)[None, None, :]
    values = {band: 0.1 + green * (index / 10) + 0 * np.ones((20, 16, 16)) for index, band in enumerate(S2_BANDS)}
    cloud = dice.random((20, 16, 16)) < 0.3
    layers = {band: (("time", "y", "x"), np.where(cloud, np.nan, v).astype(np.float32)) for band, v in values.items()}
    for band in S1_BANDS:
        noisy = -14 + 4 * green + dice.normal(0, 1, (20, 16, 16))
        layers[band] = (("s1_time", "y", "x"), noisy.astype(np.float32))
    return xr.Dataset(layers, coords={"time": time, "s1_time": time})


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cubes")
    for seed in range(3):
        seasonal_cube(seed).to_zarr(folder / f"site{seed}" / "cube.zarr", zarr_format=3)
    return folder


def trained(cubes: Path, out: Path, *options: str, stage: tuple[str, ...] = ("modality", "s2")) -> Path:
    arguments = [*stage, "--cubes", str(cubes), "--out", str(out), *FAST, *options]
    assert training.main(arguments) == 0
    return out / "weights"


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return checkpoint.load(folder).model.state_dict()


def scores(out: Path) -> list[float]:
    rows = csv.DictReader((out / "metrics.csv").read_text().splitlines())
    return [float(row["val_center_mae"]) for row in rows if row["val_center_mae"]]


def test_the_score_falls_and_the_same_seed_gives_the_same_weights(cubes: Path, tmp_path: Path) -> None:
    first = weights(trained(cubes, tmp_path / "a", "--epochs", "4", "--rate", "0.02"))
    again = weights(trained(cubes, tmp_path / "b", "--epochs", "4", "--rate", "0.02"))
    assert all(torch.equal(first[name], again[name]) for name in first)
    course = scores(tmp_path / "a")
    assert len(course) == 4
    assert min(course) < 0.8 * course[0]


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(cubes: Path, tmp_path: Path) -> None:
    whole = weights(trained(cubes, tmp_path / "whole", "--epochs", "3"))
    trained(cubes, tmp_path / "halves", "--epochs", "1")
    halves = weights(trained(cubes, tmp_path / "halves", "--epochs", "3", "--resume"))
    assert all(torch.allclose(whole[name], halves[name], atol=1e-6) for name in whole)


@pytest.fixture(scope="module")
def stage1(cubes: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("stage1")
    return {s: trained(cubes, out / s, "--epochs", "1", stage=("modality", s)) for s in ("s1", "s2")}


def test_stage_two_keeps_frozen_encoders_bit_for_bit(cubes: Path, stage1: dict[str, Path], tmp_path: Path) -> None:
    folders = [str(folder) for folder in stage1.values()]
    options = ("--epochs", "1", "--stage1", *folders, "--freeze", "--size", "5")
    fused = checkpoint.load(trained(cubes, tmp_path, *options, stage=("fusion",)))
    assert fused.config.bottleneck == 5
    for name, folder in stage1.items():
        before, after = weights(folder), fused.model.autoencoders[name].state_dict()
        encoder = [entry for entry in before if entry.startswith("encoder.")]
        assert encoder
        assert all(torch.equal(before[entry], after[entry]) for entry in encoder)


def test_the_paper_preset_trains_on_windows(cubes: Path, tmp_path: Path) -> None:
    arguments = ["modality", "s1", "--cubes", str(cubes), "--out", str(tmp_path), "--preset", "paper", "--epochs", "1"]
    assert training.main([*arguments, "--quiet", "--steps", "1", "--batch", "2"]) == 0
    assert checkpoint.load(tmp_path / "weights").preset == "paper"


def test_a_loss_that_is_no_number_stops_training_with_a_message(cubes: Path, tmp_path: Path, capsys) -> None:
    arguments = ["modality", "s2", "--cubes", str(cubes), "--out", str(tmp_path), *FAST, "--epochs", "300"]
    assert training.main([*arguments, "--rate", "1e30"]) == 2
    assert "training stops" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["modality", "s3"], "sensor is 's3'"),
        (["modality", "s2", "--preset", "tiny"], "preset is 'tiny'"),
        (["modality", "s2", "--resume"], "holds no interrupted training"),
        (["fusion", "--stage1", "nowhere"], "nowhere"),
    ],
)
def test_a_wrong_argument_is_one_sentence(cubes: Path, tmp_path: Path, capsys, changes: list[str], words: str) -> None:
    assert training.main([*changes, "--cubes", str(cubes), "--out", str(tmp_path), *FAST]) == 2
    message = capsys.readouterr().err.strip()
    assert words in message
    assert "\n" not in message


def test_a_folder_without_cubes_is_said(tmp_path: Path, capsys) -> None:
    assert training.main(["modality", "s2", "--cubes", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "holds no cube.zarr" in capsys.readouterr().err
