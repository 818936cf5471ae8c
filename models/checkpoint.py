"""Weights on disk: a folder of `model.safetensors` (numbers, no code) and `config.json` (what they belong to)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.checks import CheckpointError, ConfigError
from models.presets import get_preset

WEIGHTS, CONFIG = "model.safetensors", "config.json"
FORMAT = 1  # version of config.json
STAGES = ("modality", "fusion")
NAMES_SHOWN = 8  # parameter names listed in an error before it says "and n more"


class Loaded(NamedTuple):
    """A model in eval mode, and what it is."""

    model: nn.Module
    config: Any
    """The preset's own kind of config, e.g. `FusionConfig`."""
    preset: str
    stage: str
    """"modality" or "fusion"."""
    digest: str
    """SHA-256 of the file of weights."""


def save(
    model: nn.Module, folder: Path, *, config: Any, preset: str, stage: str, dtype: torch.dtype = torch.float32
) -> Loaded:
    """Write `model` into `folder`; `dtype` is the precision on disk (torch.float16 halves the file)."""
    get_preset(preset)
    if stage not in STAGES:
        raise CheckpointError(f"stage is {stage!r}; choose one of {', '.join(STAGES)}")
    folder.mkdir(parents=True, exist_ok=True)
    shared = shared_names(model)
    state = {
        name: value.to(dtype if value.is_floating_point() else value.dtype).contiguous()
        for name, value in model.state_dict().items()
        if name not in shared
    }
    unfinished = folder / f"{WEIGHTS}.part"
    save_file(state, unfinished)
    digest = file_digest(unfinished)
    unfinished.replace(folder / WEIGHTS)
    described = {"format": FORMAT, "preset": preset, "stage": stage, "weights_sha256": digest, "config": asdict(config)}
    (folder / CONFIG).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    return Loaded(model, config, preset, stage, digest)


def load(folder: Path) -> Loaded:
    """Read what `save` wrote, in float32. Anything damaged, foreign or incomplete is a `CheckpointError`.

    Numbers and JSON are all that is read; neither format can hold code.
    """
    if not folder.is_dir():
        raise CheckpointError(f"{folder} is no folder; give one that holds {WEIGHTS} and {CONFIG}")
    described = _read_description(folder / CONFIG)
    weights = folder / WEIGHTS
    try:
        state = load_file(weights)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{weights} cannot be read as safetensors ({error}); get the whole file again") from error
    digest = file_digest(weights)
    if digest != described["weights_sha256"]:
        raise CheckpointError(f"{weights} is not the file that {CONFIG} beside it describes; get both again")
    try:
        preset = get_preset(str(described["preset"]))
        fusion = described["stage"] == "fusion"
        config = (preset.fusion_config if fusion else preset.modality_config)(described["config"])
    except ConfigError as error:
        raise CheckpointError(f"{folder / CONFIG} does not describe a model: {error}") from error
    build = preset.build_fusion if fusion else preset.build_modality
    with torch.device("meta"):  # dims of any size cost nothing before they are known to be those of the file
        outline = build(config)
    stored = {alias: state[name] for alias, name in shared_names(outline).items() if name in state}
    check_layout(outline.state_dict(), state | stored, source=str(weights))
    model = build(config)
    load_strictly(model, state | stored, source=str(weights))
    return Loaded(model.eval(), config, described["preset"], described["stage"], digest)


def load_strictly(model: nn.Module, state: Mapping[str, Tensor], *, source: str) -> None:
    """Put `state` into `model`: every name on both sides, every shape equal, every value finite, or nothing at all.

    Where the two entries of a shared module differ, the decoder's (the later one) wins.
    """
    check_layout(model.state_dict(), state, source=source)
    for name, value in state.items():
        if not torch.isfinite(value).all():
            raise CheckpointError(f"{source}: {name} holds NaN or infinity; its training had failed")
    winners = {alias: state[name] for alias, name in shared_names(model).items()}
    model.load_state_dict({**state, **winners})


def check_layout(expected: Mapping[str, Tensor], found: Mapping[str, Tensor], *, source: str) -> None:
    """Refuse missing and unexpected entries and those of another shape, by name."""
    check_names(expected, found, source=source)
    for name, value in found.items():
        if value.shape != expected[name].shape:
            raise CheckpointError(
                f"{source}: {name} has shape {tuple(value.shape)}, the model {tuple(expected[name].shape)}; "
                "the file belongs to a model of other dims"
            )


def check_names(expected: Mapping[str, Tensor], found: Mapping[str, Tensor], *, source: str) -> None:
    """Refuse missing and unexpected entries, by name."""
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    if missing or extra:
        faults = [f"{word} {_listed(names)}" for word, names in (("lacks", missing), ("has unknown", extra)) if names]
        raise CheckpointError(f"{source} {' and '.join(faults)}; it is not a checkpoint of this model")


def shared_names(model: nn.Module) -> dict[str, str]:
    """Entries of the state dict that are the same tensor as a later entry: earlier name -> latest name."""
    latest: dict[int, str] = {}
    named = [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
    for name, tensor in named:
        latest[id(tensor)] = name
    return {name: latest[id(tensor)] for name, tensor in named if latest[id(tensor)] != name}


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_description(path: Path) -> dict[str, Any]:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON ({error}); get the whole folder again") from error
    needed = {"format", "preset", "stage", "weights_sha256", "config"}
    if not isinstance(described, dict) or not needed <= described.keys():
        raise CheckpointError(f"{path} is not a model description; it needs {', '.join(sorted(needed))}")
    if described["format"] != FORMAT or described["stage"] not in STAGES:
        raise CheckpointError(
            f"{path} has format {described['format']!r} and stage {described['stage']!r}; "
            f"this version reads format {FORMAT}, stage {' or '.join(STAGES)}"
        )
    return described


def _listed(names: list[str]) -> str:
    rest = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
