"""Check the `paper` preset and its losses against a stored case: `python -m models.verify CASE.npz`.

A case holds inputs and expected outputs; its weights follow a rule of its `salt`, so that none are stored.
Exit code 0: within tolerance; 1: beyond it; 2: the case cannot be checked, and a sentence says why.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.autoencoder import ModalityConfig
from models.checkpoint import load_strictly
from models.checks import ModelError
from models.contract import Sample
from models.fusion import Fusion, FusionConfig
from models.losses import LossConfig, context_loss

MODEL_TOLERANCE = 1e-4  # largest absolute difference of a model's outputs (the reference cases' own agreement)
LOSS_TOLERANCE = 1e-5  # the same for losses

MODEL_KEYS = ("salt", "hp", "x1", "x2", "g1", "g2", "gc", "z1", "z2", "z", "y1", "y2")
LOSS_KEYS = ("output", "target", "mask", "expected")
CUBE_KEYS = ("s2", "s1", "features")

Case = Mapping[str, np.ndarray]


class CaseError(ModelError):
    """The case is not one that can be checked."""


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


def read_case(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a case file; nothing in it is unpickled."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: np.asarray(file[name]) for name in file.files}
    except Exception as error:  # what a damaged or foreign file makes the reader raise is not a closed list
        raise CaseError(f"it cannot be read as an .npz of plain arrays ({error})") from error


def compare(case: Case) -> Comparison:
    """Recompute a case of any kind and compare it with what it expects."""
    if "output" in case:
        return compare_losses(case)
    if "features" in case:
        _require(case, CUBE_KEYS)
        raise CaseError("it is a cube case, which needs the embedding engine; this command checks models and losses")
    return compare_model(case)


def compare_model(case: Case) -> Comparison:
    """Bottlenecks, embedding and reconstructions of the released model under its literal batch-axis attention."""
    _require(case, MODEL_KEYS)
    model = Fusion(case_config(case)).eval()
    load_strictly(model, weights_by_rule(model.state_dict(), salt=str(case["salt"])), source="the weight rule")
    attend_literally(model)
    samples = {f"s{i}": Sample(_tensor(case, f"x{i}", np.float32), _tensor(case, f"g{i}", np.int64)) for i in (1, 2)}
    with torch.inference_mode():
        fused = model(samples, _tensor(case, "gc", np.int64))
    outputs = {"z1": fused.bottlenecks["s1"], "z2": fused.bottlenecks["s2"], "z": fused.embedding}
    outputs |= {"y1": fused.reconstructions["s1"], "y2": fused.reconstructions["s2"]}
    differences = {name: _difference(name, output, case[name]) for name, output in outputs.items()}
    return Comparison(differences, MODEL_TOLERANCE)


def compare_losses(case: Case) -> Comparison:
    """Every term of every setting that the case's JSON lists."""
    _require(case, LOSS_KEYS)
    output, target = _tensor(case, "output", np.float32), _tensor(case, "target", np.float32)
    valid = _tensor(case, "mask", np.bool_)
    differences = {}
    for setting, expected in _json_of(case, "expected").items():
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


def weights_by_rule(state: Mapping[str, Tensor], *, salt: str) -> dict[str, Tensor]:
    """Pseudo-random weights that anyone can rebuild from `salt` and each entry's name and shape."""
    return {name: _entry_by_rule(name, tuple(value.shape), salt=salt) for name, value in state.items()}


def _entry_by_rule(name: str, shape: tuple[int, ...], *, salt: str) -> Tensor:
    draw = np.random.default_rng(zlib.crc32(f"{salt}:{name}".encode())).standard_normal(shape)
    if name.endswith("bias"):
        draw = 0.05 * draw
    elif "norm" in name and name.endswith("weight") and len(shape) == 1:
        draw = 1 + 0.05 * draw
    elif "embed" not in name and len(shape) >= 2:
        draw = draw * math.sqrt(1.5 / math.prod(shape[1:]))
    return torch.from_numpy(np.asarray(draw, dtype=np.float32))


def attend_literally(model: Fusion) -> None:
    """Let the encoders attend over the batch, as the released code does and nothing else should."""
    for name in model.config.names:
        model.get_submodule(f"enc_{name}").attention = "literal"  # type: ignore[assignment]


def case_config(case: Case) -> FusionConfig:
    """The dims of a model case: bottlenecks and tokens from `hp`, windows from the inputs' shapes."""
    hp = _json_of(case, "hp")
    missing = {"d1", "d2", "t1", "t2", "db"} - hp.keys()
    if missing:
        raise CaseError(f"hp lacks {', '.join(sorted(missing))}")
    modalities = tuple(
        _modality(f"s{i}", case[f"x{i}"].shape, bottleneck=hp[f"d{i}"], tokens=hp[f"t{i}"]) for i in (1, 2)
    )
    return FusionConfig(modalities=modalities, bottleneck=hp["db"])


def _modality(name: str, shape: tuple[int, ...], *, bottleneck: int, tokens: int) -> ModalityConfig:
    if len(shape) != 5 or shape[3] != shape[4]:
        raise CaseError(f"the frames of {name} have shape {shape}; they need (B, T, C, size, size)")
    _, frames, bands, size, _ = shape
    names = tuple(f"band{i}" for i in range(bands))
    return ModalityConfig(name=name, bands=names, frames=frames, size=size, bottleneck=bottleneck, tokens=tokens)


def _loss_config(weights: Mapping[str, float]) -> LossConfig:
    renamed = {"center_weight" if name == "center_mae" else name: value for name, value in weights.items()}
    try:
        return LossConfig(**renamed)
    except TypeError as error:
        raise CaseError(f"the weights {dict(weights)} are not those of this loss ({error})") from error


def _require(case: Case, keys: Sequence[str]) -> None:
    missing = [key for key in keys if key not in case]
    if missing:
        raise CaseError(f"it lacks {', '.join(missing)}; it is no case of a model, a loss or a cube")


def _json_of(case: Case, key: str) -> dict[str, Any]:
    try:
        value = json.loads(str(case[key]))
    except ValueError as error:
        raise CaseError(f"{key} is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise CaseError(f"{key} is {type(value).__name__}; it must be a JSON object")
    return value


def _tensor(case: Case, key: str, kind: type[np.generic]) -> Tensor:
    array = case[key]
    if not np.can_cast(array.dtype, kind, casting="same_kind"):
        raise CaseError(f"{key} has type {array.dtype}; it must be {np.dtype(kind)}")
    return torch.from_numpy(np.ascontiguousarray(array.astype(kind)))


def _difference(name: str, output: Tensor, expected: np.ndarray) -> float:
    if tuple(output.shape) != expected.shape or not expected.size or not np.issubdtype(expected.dtype, np.number):
        raise CaseError(f"{name} is {expected.dtype} {expected.shape}; this model gives {tuple(output.shape)}")
    return float(np.abs(output.numpy() - expected).max())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
