"""Check the `paper` preset, its rules for cubes and its losses against a case: `python -m models.verify CASE.npz`.

A case holds inputs and expected outputs; its weights follow a rule of its `salt`, so that none are stored.
Exit code 0: within tolerance; 1: beyond it; 2: the case cannot be checked, and a sentence says why.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.cases import (
    Case,
    CaseError,
    case_config,
    cube_config,
    cube_frames,
    json_of,
    read_case,
    require,
    tensor,
    weights_by_rule,
)
from models.checkpoint import load_strictly
from models.checks import ModelError
from models.contract import Sample
from models.fusion import Fusion
from models.losses import LossConfig, context_loss
from models.patches import PatchEmbedder

MODEL_TOLERANCE = 1e-4  # largest absolute difference of a model's outputs (the reference cases' own agreement)
LOSS_TOLERANCE = 1e-5  # the same for losses

MODEL_KEYS = ("salt", "hp", "x1", "x2", "g1", "g2", "gc", "z1", "z2", "z", "y1", "y2")
LOSS_KEYS = ("output", "target", "mask", "expected")
CUBE_KEYS = ("salt", "s2", "s1", "time", "s1_time", "features")


class Comparison(NamedTuple):
    """Largest absolute difference per compared output, and what is allowed."""

    differences: dict[str, float]
    tolerance: float

    @property
    def worst(self) -> str:
        """The output that differs most; NaN counts as most."""
        return max(self.differences, key=lambda name: (math.isnan(self.differences[name]), self.differences[name]))

    @property
    def agrees(self) -> bool:
        """Whether every difference is a number within the tolerance."""
        return self.differences[self.worst] <= self.tolerance


def main(arguments: Sequence[str]) -> int:
    """Check one case file and print the largest difference; the exit code."""
    if len(arguments) != 1:
        print("usage: python -m models.verify CASE.npz", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    try:
        comparison = compare(read_case(path))
    except ModelError as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return 2
    worst, verdict = comparison.worst, "within" if comparison.agrees else "BEYOND"
    print(
        f"{path.name}: largest difference {comparison.differences[worst]:.2e} ({worst}), "
        f"{verdict} the tolerance of {comparison.tolerance:.0e}"
    )
    return 0 if comparison.agrees else 1


def compare(case: Case) -> Comparison:
    """Recompute a case of any kind and compare it with what it expects."""
    if "output" in case:
        return compare_losses(case)
    if "features" in case:
        return compare_cube(case)
    return compare_model(case)


def compare_model(case: Case) -> Comparison:
    """Bottlenecks, embedding and reconstructions of the released model under its literal batch-axis attention."""
    require(case, MODEL_KEYS)
    model = Fusion(case_config(case)).eval()
    load_strictly(model, weights_by_rule(model.state_dict(), salt=str(case["salt"])), source="the weight rule")
    attend_literally(model)
    samples = {f"s{i}": Sample(tensor(case, f"x{i}", np.float32), tensor(case, f"g{i}", np.int64)) for i in (1, 2)}
    with torch.inference_mode():
        fused = model(samples, tensor(case, "gc", np.int64))
    outputs = {"z1": fused.bottlenecks["s1"], "z2": fused.bottlenecks["s2"], "z": fused.embedding}
    outputs |= {"y1": fused.reconstructions["s1"], "y2": fused.reconstructions["s2"]}
    differences = {name: _difference(name, output, case[name]) for name, output in outputs.items()}
    return Comparison(differences, MODEL_TOLERANCE)


def compare_cube(case: Case) -> Comparison:
    """Embeddings of a cube by the patch rules, every window on its own, and where there are none."""
    require(case, CUBE_KEYS)
    model = Fusion(cube_config(case)).eval()
    load_strictly(model, weights_by_rule(model.state_dict(), salt=str(case["salt"])), source="the weight rule")
    embedder = PatchEmbedder(model)
    found = torch.from_numpy(embedder.within(embedder.embed(cube_frames(case)))).transpose(0, 1)
    expected = tensor(case, "features", np.float32)
    if torch.equal(found.isnan(), expected.isnan()):  # the rest is a difference of NaN
        found, expected = found.nan_to_num(0.0), expected.nan_to_num(0.0)
    return Comparison({"features": _difference("features", found, expected.numpy())}, MODEL_TOLERANCE)


def compare_losses(case: Case) -> Comparison:
    """Every term of every setting that the case's JSON lists."""
    require(case, LOSS_KEYS)
    output, target = tensor(case, "output", np.float32), tensor(case, "target", np.float32)
    valid = tensor(case, "mask", np.bool_)
    differences = {}
    for setting, expected in json_of(case, "expected").items():
        if not isinstance(expected, dict) or not isinstance(expected.get("kw"), dict):
            raise CaseError(f"expected[{setting!r}] has no 'kw' with the setting's weights")
        terms = context_loss(output, target, valid, config=_loss_config(expected["kw"]))._asdict()
        wanted = {name: value for name, value in expected.items() if name != "kw"}
        if not wanted or not wanted.keys() <= terms.keys():
            raise CaseError(f"expected[{setting!r}] has {sorted(wanted)}; the terms are {', '.join(terms)}")
        for name, value in wanted.items():
            differences[f"{setting} {name}"] = _difference(name, terms[name], np.asarray(value))
    if not differences:
        raise CaseError("expected lists no setting")
    return Comparison(differences, LOSS_TOLERANCE)


def attend_literally(model: Fusion) -> None:
    """Let the encoders attend over the batch, as the released code does and nothing else should."""
    for name in model.config.names:
        model.get_submodule(f"enc_{name}").attention = "literal"  # type: ignore[assignment]


def _loss_config(weights: Mapping[str, float]) -> LossConfig:
    renamed = {"center_weight" if name == "center_mae" else name: value for name, value in weights.items()}
    try:
        return LossConfig(**renamed)
    except TypeError as error:
        raise CaseError(f"the weights {dict(weights)} are not those of this loss ({error})") from error


def _difference(name: str, output: Tensor, expected: np.ndarray) -> float:
    if tuple(output.shape) != expected.shape or not expected.size or not np.issubdtype(expected.dtype, np.number):
        raise CaseError(f"{name} is {expected.dtype} {expected.shape}; this model gives {tuple(output.shape)}")
    return float(np.abs(output.numpy() - expected).max())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
