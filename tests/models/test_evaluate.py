"""The evaluation command on two demo-like sites, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.sources.landscapes import ensure_landscape
from core.store import Workspace
from models import checkpoint, evaluate


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = Workspace(tmp_path_factory.mktemp("evaluate") / "workspace")
    for seed in (4, 7):
        ensure_landscape(workspace, seed, size=24)
    return workspace.root


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from models.presets import COMPACT, get_preset

    folder = tmp_path_factory.mktemp("weights") / "random"
    checkpoint.save(
        get_preset("compact").build_fusion(COMPACT), folder, config=COMPACT, preset="compact", stage="fusion"
    )
    return folder


def test_everything_is_measured_and_says_on_what(sites: Path, weights: Path, capsys: pytest.CaptureFixture) -> None:
    assert evaluate.main([str(weights), "--cubes", str(sites), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["places"] == ["TRAIN-4", "TRAIN-7"]
    assert found["simulated"] is True
    assert found["landcover"]["split"] == "folds of whole places"
    for sensor in ("s1", "s2"):
        said = found["reconstruction"][sensor]
        assert said["pca_mae"] < said["mae"]  # the weights are random
        assert set(said["mae_without"]) == {"s1", "s2"}
        assert said["against_truth"]["input"] > 0
    assert set(found["landcover"]["summer"]) >= {"embedding", "bands", "pca", "without s1", "without s2"}


def test_a_reader_gets_a_table_with_the_baselines_in_it(sites: Path, weights: Path, capsys) -> None:
    assert evaluate.main([str(weights), "--cubes", str(sites), "--learn-from", str(sites)]) == 0
    said = capsys.readouterr().out
    assert "simulated places" in said
    assert "PCA with as many values" in said
    assert "(other places)" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere"], "nowhere"),
        (["WEIGHTS", "--cubes", "nowhere"], "holds no cube.zarr"),
    ],
)
def test_a_wrong_input_is_one_sentence(arguments, complaint, weights, tmp_path, capsys) -> None:
    given = [{"WEIGHTS": str(weights), "nowhere": str(tmp_path / "nowhere")}.get(a, a) for a in arguments]
    assert evaluate.main(given) == 2
    assert complaint in capsys.readouterr().err
