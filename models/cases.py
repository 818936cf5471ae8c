"""Reference cases: what a case file holds, as the models, frames and numbers it stands for.

A case holds inputs and expected outputs. Its weights follow a rule of its `salt`, so that none are stored.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.autoencoder import ModalityConfig
from models.checks import ModelError
from models.fusion import FusionConfig
from models.inputs import Frames, days_of, is_frame

Case = Mapping[str, np.ndarray]


class CaseError(ModelError):
    """The case is not one that can be checked."""


def read_case(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a case file; nothing in it is unpickled."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: np.asarray(file[name]) for name in file.files}
    except Exception as error:  # what a damaged or foreign file makes the reader raise is not a closed list
        raise CaseError(f"it cannot be read as an .npz of plain arrays ({error})") from error


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


def case_config(case: Case) -> FusionConfig:
    """The dims of a model case: bottlenecks and tokens from `hp`, windows from the inputs' shapes."""
    hp = json_of(case, "hp")
    missing = {"d1", "d2", "t1", "t2", "db"} - hp.keys()
    if missing:
        raise CaseError(f"hp lacks {', '.join(sorted(missing))}")
    return _config(hp, {f"s{i}": case[f"x{i}"].shape for i in (1, 2)})


def cube_config(case: Case) -> FusionConfig:
    """The dims of a cube case: those of `hp`, else the released ones; windows from what lies around the embeddings."""
    sizes = {"d1": 2, "d2": 9, "t1": 7, "t2": 6, "db": len(case["features"])}
    sizes |= json_of(case, "hp") if "hp" in case else {}
    shapes = {name: case[name].shape for name in ("s1", "s2", "features")}
    if any(len(shape) != 4 for shape in shapes.values()) or shapes["s1"][1:] != shapes["s2"][1:]:
        raise CaseError(
            f"s1, s2 and features have the shapes {shapes}; they need (bands, time, y, x), equal in time and place"
        )
    frames = int(is_frame(case["s2"].swapaxes(0, 1)).sum())
    length, *sides = (
        have - got + 1 for have, got in zip((frames, *shapes["s2"][2:]), shapes["features"][1:], strict=True)
    )
    if len(set(sides)) > 1:
        raise CaseError(
            f"features are {sides[0] - 1} rows and {sides[1] - 1} columns smaller than s2; windows are square"
        )
    windows = {name: (0, length, len(case[name]), sides[0], sides[0]) for name in ("s1", "s2")}
    return _config(sizes, windows).with_attention("released")


def cube_frames(case: Case) -> dict[str, Frames]:
    """The case's frames; acquisitions without any valid optical pixel are none."""
    seen = is_frame(case["s2"].swapaxes(0, 1))
    found = {}
    for name, axis in (("s1", "s1_time"), ("s2", "time")):
        values = tensor(case, name, np.float32).transpose(0, 1).numpy()
        try:
            days = days_of(case[axis].astype("datetime64[D]"))
        except (TypeError, ValueError) as error:
            raise CaseError(f"{axis} holds no dates ({error})") from error
        if days.shape != seen.shape or (np.diff(days) < 0).any():
            raise CaseError(
                f"{axis} holds {days.shape} dates, not one for each of the {len(seen)} acquisitions in order"
            )
        found[name] = Frames(np.ascontiguousarray(values[seen]), days[seen])
    return found


def _config(hp: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> FusionConfig:
    """Dims from a case's sizes and the shapes (B, T, C, size, size) of its windows."""
    modalities = tuple(_modality(f"s{i}", shapes[f"s{i}"], bottleneck=hp[f"d{i}"], tokens=hp[f"t{i}"]) for i in (1, 2))
    return FusionConfig(modalities=modalities, bottleneck=hp["db"])


def _modality(name: str, shape: tuple[int, ...], *, bottleneck: int, tokens: int) -> ModalityConfig:
    if len(shape) != 5 or shape[3] != shape[4]:
        raise CaseError(f"the frames of {name} have shape {shape}; they need (B, T, C, size, size)")
    _, frames, bands, size, _ = shape
    names = tuple(f"band{i}" for i in range(bands))
    return ModalityConfig(name=name, bands=names, frames=frames, size=size, bottleneck=bottleneck, tokens=tokens)


def require(case: Case, keys: Sequence[str]) -> None:
    missing = [key for key in keys if key not in case]
    if missing:
        raise CaseError(f"it lacks {', '.join(missing)}; it is no case of a model, a loss or a cube")


def json_of(case: Case, key: str) -> dict[str, Any]:
    try:
        value = json.loads(str(case[key]))
    except ValueError as error:
        raise CaseError(f"{key} is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise CaseError(f"{key} is {type(value).__name__}; it must be a JSON object")
    return value


def tensor(case: Case, key: str, kind: type[np.generic]) -> Tensor:
    array = case[key]
    if not np.can_cast(array.dtype, kind, casting="same_kind"):
        raise CaseError(f"{key} has type {array.dtype}; it must be {np.dtype(kind)}")
    return torch.from_numpy(np.ascontiguousarray(array.astype(kind)))
