"""The command agrees with the reference cases, notices a difference, and explains what it cannot check."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from models.cases import case_config, cube_config, weights_by_rule
from models.checks import ModelError
from models.contract import Sample
from models.fusion import Fusion, FusionConfig
from models.inputs import Frames, days_of
from models.losses import LossConfig, context_loss
from models.presets import PAPER
from models.verify import attend_literally, compare, compare_model, main
from tests.models.windows import one_by_one

Case = dict[str, np.ndarray]
HP = {"d1": 3, "d2": 2, "t1": 2, "t2": 3, "db": 4}


@pytest.fixture(scope="module")
def model_case() -> Case:
    """A case of other sizes and another salt, its outputs made here."""
    rng = np.random.default_rng(1)
    case: Case = {"salt": np.array("other"), "hp": np.array(json.dumps(HP)), "gc": np.array([[0], [5]])}
    for i, bands in ((1, 1), (2, 4)):
        case[f"x{i}"] = rng.random((2, 3, bands, 5, 5), dtype=np.float32)
        case[f"g{i}"] = rng.integers(1, 9, (2, 2))
    blank = {"z1": (2, 3), "z2": (2, 2), "z": (2, 4), "y1": case["x1"].shape, "y2": case["x2"].shape}
    case |= {name: np.zeros(shape, np.float32) for name, shape in blank.items()}
    return case | outputs_of(case)


def outputs_of(case: Case) -> Case:
    model = Fusion(case_config(case)).eval()
    model.load_state_dict(weights_by_rule(model.state_dict(), salt=str(case["salt"])))
    attend_literally(model)
    samples = {f"s{i}": Sample(torch.from_numpy(case[f"x{i}"]), torch.from_numpy(case[f"g{i}"])) for i in (1, 2)}
    with torch.inference_mode():
        fused = model(samples, torch.from_numpy(case["gc"]))
    values = {"z1": fused.bottlenecks["s1"], "z2": fused.bottlenecks["s2"], "z": fused.embedding}
    values |= {"y1": fused.reconstructions["s1"], "y2": fused.reconstructions["s2"]}
    return {name: value.numpy() for name, value in values.items()}


@pytest.fixture(scope="module")
def cube_case() -> Case:
    """5 dates, 8 x 9 pixels, windows of 3 frames of 7 x 7; made window by window."""
    rng = np.random.default_rng(3)
    s1, s2 = rng.random((1, 5, 8, 9), dtype=np.float32), rng.random((4, 5, 8, 9), dtype=np.float32)
    s2[:, rng.random((5, 8, 9)) < 0.3] = np.nan
    s2[:, 1, 4, 4], s2[:, 1, 3, 3] = np.nan, 0.5
    dates = {"time": ["2020-01-03", "2020-03-01", "2020-08-01", "2020-08-04", "2020-08-09"]}
    dates["s1_time"] = ["2020-01-01", "2020-03-01", "2020-08-02", "2020-08-02", "2020-08-08"]
    case = {"salt": np.array("third"), "hp": np.array(json.dumps(HP)), "s1": s1, "s2": s2}
    case |= {name: np.array(values) for name, values in dates.items()}
    case["features"] = np.zeros((4, 3, 2, 3), np.float32)
    model = Fusion(cube_config(case)).eval()
    model.load_state_dict(weights_by_rule(model.state_dict(), salt="third"))
    frames = {
        name: Frames(case[name].swapaxes(0, 1), days_of(case[axis].astype("datetime64[D]")))
        for name, axis in (("s1", "s1_time"), ("s2", "time"))
    }
    case["features"] = one_by_one(model, frames)[1:-1, :, 3:-3, 3:-3].swapaxes(0, 1)
    assert 0 < np.isnan(case["features"]).mean() < 0.5
    return case


@pytest.fixture
def loss_case() -> Case:
    rng = np.random.default_rng(2)
    output, target = rng.random((2, 1, 3, 2, 5, 5), dtype=np.float32)
    mask = rng.random(output.shape) < 0.9
    weights = {"lambda_mae": 0.5, "lambda_ssim": 0.1, "lambda_sam": 0.4, "center_mae": 1.2}
    config = LossConfig(lambda_mae=0.5, lambda_ssim=0.1, lambda_sam=0.4, center_weight=1.2)
    terms = context_loss(*(torch.from_numpy(a) for a in (output, target, mask)), config=config)
    expected = {"mine": {"kw": weights, **{name: float(value) for name, value in terms._asdict().items()}}}
    return {"output": output, "target": target, "mask": mask, "expected": np.array(json.dumps(expected))}


@pytest.fixture
def store(tmp_path: Path) -> Callable[[Case], str]:
    def write(case: Case) -> str:
        np.savez(tmp_path / "case.npz", **case)
        return str(tmp_path / "case.npz")

    return write


Store = Callable[[Case], str]


@pytest.mark.parametrize("name", ["model_open", "cube_open", "loss_open"])
def test_the_reference_cases_agree(reference: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(reference / f"{name}.npz")]) == 0
    assert "within the tolerance" in capsys.readouterr().out


def test_the_released_attention_and_time_differ_from_the_batch_axis(reference: Path) -> None:
    with np.load(reference / "model_open.npz") as file:
        case = dict(file)
    differences = {}
    for attention in ("time", "released"):
        model = Fusion(PAPER.with_attention(attention)).eval()
        model.load_state_dict(weights_by_rule(model.state_dict(), salt=str(case["salt"])))
        samples = {f"s{i}": Sample(torch.from_numpy(case[f"x{i}"]), torch.from_numpy(case[f"g{i}"])) for i in (1, 2)}
        with torch.inference_mode():
            embedding = model.embed(samples, torch.from_numpy(case["gc"]))
        differences[attention] = float(np.abs(embedding.numpy() - case["z"]).max())
    assert min(differences.values()) > 0.01


def test_other_sizes_and_salts_are_checked(model_case: Case, store: Store) -> None:
    assert main([store(model_case)]) == 0


def test_losses_of_other_sizes_are_checked(loss_case: Case, store: Store) -> None:
    assert main([store(loss_case)]) == 0


@pytest.mark.parametrize("fault", [2e-4, np.nan])
def test_a_difference_is_named_and_fails(
    model_case: Case, store: Store, fault: float, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = model_case["y2"].copy()
    wrong[0, 0, 0, 0, 0] += fault
    assert main([store(model_case | {"y2": wrong})]) == 1
    assert "(y2), BEYOND" in capsys.readouterr().out


def test_the_tolerance_is_met_from_below(model_case: Case) -> None:
    comparison = compare_model(model_case | {"z": model_case["z"] + np.float32(5e-5)})
    assert comparison.agrees
    assert comparison.differences["z"] == pytest.approx(5e-5, rel=0.05)


def test_a_wrong_loss_term_fails(loss_case: Case, store: Store) -> None:
    expected = json.loads(str(loss_case["expected"]))
    expected["mine"]["sam"] += 1e-4
    assert main([store(loss_case | {"expected": np.array(json.dumps(expected))})]) == 1


def test_cubes_of_other_sizes_and_salts_are_checked(cube_case: Case, store: Store) -> None:
    assert main([store(cube_case)]) == 0


def test_an_acquisition_that_saw_nothing_is_no_frame(cube_case: Case, store: Store) -> None:
    wider = {name: np.insert(cube_case[name], 2, np.nan, axis=1) for name in ("s1", "s2")}
    wider |= {name: np.insert(cube_case[name], 2, cube_case[name][2]) for name in ("time", "s1_time")}
    assert main([store(cube_case | wider)]) == 0


def test_a_wrong_embedding_and_one_too_many_fail(cube_case: Case, store: Store) -> None:
    wrong, extra = cube_case["features"].copy(), cube_case["features"].copy()
    wrong[1, 0, 0, 0] += 2e-4
    assert main([store(cube_case | {"features": wrong})]) == 1
    extra[:, 0, 1, 1] = 0.5
    assert main([store(cube_case | {"features": extra})]) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"s1": np.zeros((1, 5, 8, 8), np.float32)}, "equal in time and place"),
        ({"features": np.zeros((4, 3, 2))}, "need \\(bands, time, y, x\\)"),
        ({"features": np.zeros((4, 3, 2, 2))}, "windows are square"),
        ({"features": np.zeros((4, 2, 2, 3))}, "frames is 4; it must be odd"),
        ({"time": np.array(["soon"] * 5)}, "time holds no dates"),
        ({"s1_time": np.array(["2020-01-01"] * 4)}, "not one for each of the 5"),
        ({"time": np.array(["2021-01-01"] + ["2020-01-01"] * 4)}, "in order"),
        ({"hp": np.array(json.dumps(HP | {"db": 5}))}, r"this model gives \(5, 3, 2, 3\)"),
    ],
)
def test_a_cube_case_that_cannot_be_checked_is_explained(cube_case: Case, change: Case, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        compare(cube_case | change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hp": np.array("{")}, "hp is not JSON"),
        ({"hp": np.array("[]")}, "must be a JSON object"),
        ({"hp": np.array('{"d1": 2}')}, "hp lacks d2"),
        ({"hp": np.array(json.dumps(HP | {"d1": 0}))}, "bottleneck is 0"),
        ({"hp": np.array(json.dumps(HP | {"db": 5}))}, r"z is float32 \(2, 4\); this model gives \(2, 5\)"),
        ({"x1": np.zeros((2, 3, 5, 5), np.float32)}, "frames of s1 have shape"),
        ({"x1": np.zeros((1, 3, 1, 5, 5), np.float32)}, "s1 gaps"),
        ({"g1": np.zeros((2, 2))}, "g1 has type float64"),
        ({"gc": np.zeros((2, 2), int)}, "pair_gaps"),
        ({"z1": np.array([["a"] * 3] * 2)}, "z1 is <U1"),
    ],
)
def test_a_case_that_cannot_be_checked_is_explained(model_case: Case, change: Case, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        compare(model_case | change)


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({}, "lists no setting"),
        ({"a": 1}, "no 'kw'"),
        ({"a": {"kw": 1, "total": 1}}, "no 'kw'"),
        ({"a": {"kw": {"lambda_mae": "much"}, "total": 1}}, "not those of this loss"),
        ({"a": {"kw": {"gamma": 1}, "total": 1}}, "not those of this loss"),
        ({"a": {"kw": {}, "loss": 1}}, "the terms are total"),
    ],
)
def test_a_loss_case_that_cannot_be_checked_is_explained(loss_case: Case, expected: object, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        compare(loss_case | {"expected": np.array(json.dumps(expected))})


def test_missing_arrays_are_named(model_case: Case) -> None:
    with pytest.raises(ModelError, match="lacks gc"):
        compare({name: array for name, array in model_case.items() if name != "gc"})


def test_files_that_are_no_cases_exit_with_2(tmp_path: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.npz").write_text("hello")
    cut = Path(store({"output": np.zeros(999)}))
    cut.write_bytes(cut.read_bytes()[:300])
    np.savez(tmp_path / "pickled.npz", output=np.array([{}], dtype=object))
    np.save(tmp_path / "single.npy", np.zeros(3))
    for name in ("text.npz", "case.npz", "pickled.npz", "single.npy", "nowhere.npz"):
        assert main([str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.startswith(f"{name}: it cannot be read")
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_weight_rule_gives_each_kind_of_entry_its_spread(config: FusionConfig) -> None:
    weights = weights_by_rule(Fusion(config).state_dict(), salt="a")
    assert weights["norm_out.weight"].mean() == pytest.approx(1, abs=0.05)
    assert weights["type_embed.weight"].std() == pytest.approx(1, abs=0.3)
    assert weights["fuser.layers.0.linear1.weight"].std() == pytest.approx((1.5 / 16) ** 0.5, rel=0.2)
    assert weights["fuser.layers.0.linear1.bias"].abs().max() < 0.25
    other = weights_by_rule(Fusion(config).state_dict(), salt="b")
    assert not any(torch.equal(weights[name], other[name]) for name in weights)
