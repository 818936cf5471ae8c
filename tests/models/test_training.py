"""Training, by tiny runs: it learns, repeats itself, goes on where it stopped, and says what is wrong."""

import csv
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from models import checkpoint, training
from models.compact import CompactModalityConfig
from models.cubes import read_cube
from models.inputs import remarks
from models.presets import S1_BANDS, S2_BANDS
from models.sensors import SENSORS, Layers, Sensor
from models.tasks import Task

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
    for band, value in (("L_red", 0.1 + green), ("L_nir", 0.6 - green)):
        layers[band] = (("landsat_time", "y", "x"), value[::2].repeat(16, axis=1).astype(np.float32))
    return xr.Dataset(layers, coords={"time": time, "s1_time": time, "landsat_time": time[::2]})


def seasonal_weather(seed: int) -> pd.DataFrame:
    """From two weeks before the first date to the last one."""
    dice = np.random.default_rng(seed)
    days = pd.date_range("2021-02-15", periods=150, freq="D", name="time")
    season = np.sin(np.linspace(0, np.pi, 150))
    columns = {"temperature": 20 * season, "precipitation": 3, "radiation": 5 + 15 * season, "vpd": season}
    return pd.DataFrame({name: values + dice.normal(0, 0.3, 150) for name, values in columns.items()}, index=days)


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cubes")
    for seed in range(3):
        seasonal_cube(seed).to_zarr(folder / f"site{seed}" / "cube.zarr", zarr_format=3)
        seasonal_weather(seed).to_parquet(folder / f"site{seed}" / "weather.parquet")
    return folder


def trained(cubes: Path, out: Path, *options: str, stage: tuple[str, ...] = ("modality", "s2")) -> Path:
    arguments = [*stage, "--cubes", str(cubes), "--out", str(out), *FAST, *options]
    assert training.main(arguments) == 0
    return out / "weights"


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return checkpoint.load(folder).model.state_dict()


def logged(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "metrics.csv").read_text().splitlines()))


def scores(out: Path) -> list[float]:
    return [float(row["val_center_mae"]) for row in logged(out) if row["val_center_mae"]]


def losses(out: Path) -> list[float]:
    return [float(row["train_loss"]) for row in logged(out) if row["train_loss"]]


def interrupt(monkeypatch: pytest.MonkeyPatch, epoch: int, arguments: list[str]) -> None:
    """Train as these arguments say until the power is cut at the start of an epoch."""

    def power_cut(task: Task) -> None:
        if task.current_epoch == epoch:
            raise RuntimeError("the power is cut")

    with monkeypatch.context() as patch:
        patch.setattr(Task, "on_train_epoch_start", power_cut)
        with pytest.raises(RuntimeError, match="power"):
            training.main(arguments)


def test_the_loss_falls_and_the_same_seed_gives_the_same_weights(cubes: Path, tmp_path: Path) -> None:
    first = weights(trained(cubes, tmp_path / "a", "--epochs", "4", "--rate", "0.02"))
    again = weights(trained(cubes, tmp_path / "b", "--epochs", "4", "--rate", "0.02"))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert len(scores(tmp_path / "a")) == 4
    course = losses(tmp_path / "a")
    assert course[-1] < 0.95 * course[0]


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(
    cubes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights(trained(cubes, tmp_path / "whole", "--epochs", "3"))
    out = tmp_path / "parts"
    arguments = ["modality", "s2", "--cubes", str(cubes), "--out", str(out), *FAST, "--epochs", "3"]
    interrupt(monkeypatch, 1, arguments)
    interrupt(monkeypatch, 2, [*arguments, "--resume"])
    parts = weights(trained(cubes, out, "--epochs", "3", "--resume"))
    assert all(torch.allclose(whole[name], parts[name], atol=1e-6) for name in whole)
    # The course of training stands in the file as if there had been no interruption, each epoch once.
    assert [(row["epoch"], row["step"]) for row in logged(out)] == [
        (row["epoch"], row["step"]) for row in logged(tmp_path / "whole")
    ]
    assert scores(out) == pytest.approx(scores(tmp_path / "whole"), abs=1e-6)


def test_what_was_logged_after_the_last_checkpoint_is_not_kept_twice(cubes: Path, tmp_path: Path) -> None:
    trained(cubes, tmp_path, "--epochs", "2")
    with (tmp_path / "metrics.csv").open("a") as file:
        file.write("2,11,,0.5\n")  # an epoch that ended just before the power did
    trained(cubes, tmp_path, "--epochs", "3", "--resume")
    epochs = [int(row["epoch"]) for row in logged(tmp_path) if row["val_center_mae"]]
    assert epochs == [0, 1, 2]
    assert scores(tmp_path)[2] != 0.5
    assert all(int(a["step"]) <= int(b["step"]) for a, b in pairwise(logged(tmp_path)))


def test_a_training_without_a_log_goes_on_all_the_same(cubes: Path, tmp_path: Path) -> None:
    trained(cubes, tmp_path, "--epochs", "1")
    (tmp_path / "metrics.csv").unlink()
    trained(cubes, tmp_path, "--epochs", "2", "--resume")
    assert [row["epoch"] for row in logged(tmp_path)] == ["1", "1"]


class Trap:
    """An object whose unpickling would create a file."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.proof,)


@pytest.mark.parametrize("kind", ["cut", "code", "other", "foreign"])
def test_a_checkpoint_that_cannot_be_gone_on_with_is_refused(cubes: Path, tmp_path: Path, capsys, kind: str) -> None:
    trained(cubes, tmp_path, "--epochs", "1", stage=("modality", "s1" if kind == "other" else "s2"))
    last, proof = tmp_path / "checkpoints" / "last.ckpt", tmp_path / "proof"
    if kind == "cut":
        last.write_bytes(last.read_bytes()[:5000])
    elif kind == "code":
        torch.save({"epoch": Trap(proof)}, last)
    elif kind == "foreign":
        torch.save([1, 2], last)
    arguments = ["modality", "s2", "--cubes", str(cubes), "--out", str(tmp_path), *FAST, "--epochs", "2", "--resume"]
    assert training.main(arguments) == 2
    message = capsys.readouterr().err.strip()
    assert "last.ckpt" in message
    assert "\n" not in message
    assert not proof.exists()


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


def test_a_smaller_fusion_can_stand_on_the_encoders_of_a_larger_one(cubes: Path, fused: Path, tmp_path: Path) -> None:
    options = ("--epochs", "1", "--stage1", str(fused), "--freeze", "--size", "3")
    smaller = trained(cubes, tmp_path, *options, stage=("fusion",))
    assert checkpoint.load(smaller).config.bottleneck == 3
    before, after = weights(fused), weights(smaller)
    encoders = [entry for entry in before if ".encoder." in entry]
    assert encoders
    assert all(torch.equal(before[entry], after[entry]) for entry in encoders)


def test_a_fusion_is_of_the_sensors_whose_stage_1_is_given(
    cubes: Path, stage1: dict[str, Path], tmp_path: Path
) -> None:
    one = trained(cubes, tmp_path, "--epochs", "1", "--stage1", str(stage1["s2"]), stage=("fusion",))
    assert checkpoint.load(one).config.names == ("s2",)


@pytest.fixture(scope="module")
def weather(cubes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("weather")
    return trained(cubes, out, "--epochs", "4", "--rate", "0.02", stage=("modality", "weather"))


@pytest.fixture(scope="module")
def fused(cubes: Path, stage1: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folders = map(str, stage1.values())
    return trained(cubes, tmp_path_factory.mktemp("fused"), "--epochs", "1", "--stage1", *folders, stage=("fusion",))


@pytest.fixture(scope="module")
def wider(cubes: Path, fused: Path, weather: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = ("--epochs", "2", "--extend", str(fused), "--stage1", str(weather))
    return trained(cubes, tmp_path_factory.mktemp("wider"), *options, stage=("fusion",))


def test_a_new_sensor_learns_in_a_stage_of_its_own(weather: Path) -> None:
    assert checkpoint.load(weather).config.name == "weather"
    course = losses(weather.parent)
    assert course[-1] < 0.95 * course[0]


def test_a_new_sensor_leaves_every_encoder_bit_for_bit_and_trains_the_fusion(
    fused: Path, weather: Path, wider: Path
) -> None:
    assert checkpoint.load(wider).config.names == ("s1", "s2", "weather")
    before, after = weights(fused), weights(wider)
    encoders = {name for name in before if ".encoder." in name}
    assert encoders
    assert all(torch.equal(before[name], after[name]) for name in encoders)
    for name, value in weights(weather).items():
        if name.startswith("encoder."):
            assert torch.equal(value, after[f"autoencoders.weather.{name}"])
    assert not torch.equal(before["leave.weight"], after["leave.weight"])
    assert after["enter.weather.weight"].any()


@pytest.mark.parametrize("missing", ["s1", "s2", "weather"])
def test_any_one_sensor_may_be_missing_and_is_reported(cubes: Path, wider: Path, missing: str) -> None:
    loaded = checkpoint.load(wider)
    cube = read_cube(cubes / "site0" / "cube.zarr", loaded.config.names)
    assert not remarks(cube.sensors, loaded.config.modalities)

    def embedding(*names: str) -> torch.Tensor:
        frames = {name: torch.tensor(cube.sensors[name].values) for name in names}
        return loaded.model.embed_cube(frames, {name: torch.tensor(cube.sensors[name].days) for name in names})

    rest = [name for name in loaded.config.names if name != missing]
    with torch.inference_mode():
        whole, part = embedding(*loaded.config.names), embedding(*rest)
    assert part.isfinite().all()
    assert part.shape == whole.shape
    assert not torch.allclose(part, whole)
    said = remarks({name: cube.sensors[name] for name in rest}, loaded.config.modalities)
    assert said == [f"{missing} is absent: the embedding comes from {rest[0]} and {rest[1]} alone."]


def test_a_sensor_of_ones_own_is_one_entry(
    cubes: Path, fused: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CompactModalityConfig(
        name="landsat", bands=("L_red", "L_nir"), mean=(0.3, 0.4), std=(0.2, 0.2), bottleneck=4
    )
    landsat = Sensor(config=config, source=Layers(axis="landsat_time"), low=(0.0, 0.0), high=(1.0, 1.0))
    monkeypatch.setitem(SENSORS, "landsat", landsat)
    own = trained(cubes, tmp_path / "landsat", "--epochs", "1", stage=("modality", "landsat"))
    options = ("--epochs", "1", "--extend", str(fused), "--stage1", str(own), "--size", "9")
    wider = checkpoint.load(trained(cubes, tmp_path / "wider", *options, stage=("fusion",)))
    assert wider.config.names == ("s1", "s2", "landsat")
    assert wider.config.bottleneck == 9


def test_sites_without_the_new_sensor_are_left_out_and_named(cubes: Path, tmp_path: Path, capsys) -> None:
    seasonal_cube(9).to_zarr(tmp_path / "sites" / "dry" / "cube.zarr", zarr_format=3)
    for site in cubes.iterdir():
        shutil.copytree(site, tmp_path / "sites" / site.name)
    trained(tmp_path / "sites", tmp_path / "out", "--epochs", "1", stage=("modality", "weather"))
    assert "Left out, without all of weather: dry" in capsys.readouterr().err


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
        (["modality", "s3"], "sensor is 's3'; choose one of s1, s2, weather"),
        (["modality", "weather", "--preset", "paper"], "the preset paper has s1, s2"),
        (["fusion", "--extend", "nowhere"], "nowhere"),
        (["fusion", "--size", "0"], "bottleneck is 0"),
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


def test_weights_in_the_wrong_place_are_one_sentence(
    cubes: Path, stage1: dict[str, Path], fused: Path, tmp_path: Path, capsys
) -> None:
    s1 = str(stage1["s1"])
    for options, words in (
        (["--stage1", str(fused), s1], "the second one of s1"),
        (["--stage1", s1, s1], "the second one of s1"),
        (["--stage1", s1, "--preset", "paper"], "weights of compact, stage modality; give those of paper"),
        (["--extend", s1, "--stage1", s1], "give weights of compact, stage fusion"),
        (["--extend", str(fused), "--stage1", s1], "the sensors to add are s1"),
        (["--extend", str(fused)], "the sensors to add are none"),
    ):
        assert training.main(["fusion", *options, "--cubes", str(cubes), "--out", str(tmp_path), *FAST]) == 2
        message = capsys.readouterr().err.strip()
        assert words in message
        assert "\n" not in message


def test_a_folder_without_cubes_is_said(tmp_path: Path, capsys) -> None:
    assert training.main(["modality", "s2", "--cubes", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "holds no cube.zarr" in capsys.readouterr().err
