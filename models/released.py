"""The authors' Lightning checkpoints (fusion, s1, s2) as models of the `paper` preset.

Only tensors and plain containers are read (`weights_only`): a file that carries code is refused, its code never runs.
Dims are read from the tensors' shapes, so that checkpoints of other bottlenecks load as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from models.autoencoder import ModalityAutoencoder, ModalityConfig
from models.checkpoint import Loaded, check_names, file_digest, load_strictly
from models.checks import CheckpointError, ConfigError
from models.fusion import Fusion, FusionConfig
from models.presets import PAPER

ENCODER_PART, DECODER_PART = "dim_reducer.", "upscaler."  # each encoder, each decoder has one
BANDS_ENTRY = "encoder.dim_reducer.conv0.0.weight"  # (stem, bands, 1, 1)

State = Mapping[str, Tensor]


def load_released(path: Path, *, attention: str = "released") -> Loaded:
    """Read one of the authors' checkpoints; whether it is stage 1 or 2 and which sensor is read off its entries.

    `attention="released"` is what these weights were trained for, one sample at a time; "time" is the paper's text.
    """
    state = read_lightning(path)
    fused = len(_before(ENCODER_PART, state)) > 1
    state = _with_our_prefixes(state, fused=fused, source=str(path))
    _check_layout(PAPER if fused else PAPER.modalities[0], state, source=str(path))
    try:
        config = _with_dims_of(PAPER if fused else _sensor_of(state, source=str(path)), state)
        config = config.with_attention(attention) if fused else replace(config, attention=attention)
    except ConfigError as error:
        raise CheckpointError(f"{path} has dims that do not fit together: {error}") from error
    model = _build(config)
    load_strictly(model, state, source=str(path))
    return Loaded(model.eval(), config, "paper", "fusion" if fused else "modality", file_digest(path))


def read_lightning(path: Path) -> dict[str, Tensor]:
    """The state dict of a Lightning checkpoint, or of a bare state dict saved with torch.save."""
    stored = read_plainly(path)
    state = stored.get("state_dict", stored) if isinstance(stored, dict) else None
    if not isinstance(state, dict) or not state or not all(_is_entry(*item) for item in state.items()):
        raise CheckpointError(f"{path} has no state_dict of named tensors; it is not a model's checkpoint")
    return state


def read_plainly(path: Path) -> Any:
    """What torch.save wrote, as far as it is tensors and plain containers; anything else in it is refused, not run."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise CheckpointError(
            f"{path} is cut short, foreign, or holds Python objects beside its tensors, which are never run or loaded "
            f"({_first_sentence(error)}); save its state_dict alone and load that"
        ) from error
    except Exception as error:  # what a damaged or foreign file makes the reader raise is not a closed list
        raise CheckpointError(
            f"{path} is not a readable PyTorch checkpoint ({_first_sentence(error)}); get the whole file again"
        ) from error


def _is_entry(name: Any, value: Any) -> bool:
    return isinstance(name, str) and isinstance(value, Tensor)


def _before(part: str, state: State) -> set[str]:
    """What stands before `part` in the names that have it."""
    return {name.split(part)[0] for name in state if part in name}


def _with_our_prefixes(state: State, *, fused: bool, source: str) -> dict[str, Tensor]:
    """Names as our modules have them; how the checkpoint's own wrapper called its parts is read off the names."""
    if fused:
        theirs = {prefix.removesuffix("enc_s1."): "" for prefix in _before(ENCODER_PART, state) if "enc_s1." in prefix}
    else:
        theirs = dict.fromkeys(_before(ENCODER_PART, state), "encoder.")
        theirs |= dict.fromkeys(_before(DECODER_PART, state), "decoder.")
    if len(theirs) != (1 if fused else 2):
        raise CheckpointError(
            f"{source} has parts named {sorted(theirs)}; a released checkpoint has an encoder (...{ENCODER_PART}...) "
            f"and a decoder (...{DECODER_PART}...), in a fusion one each of s1 and s2"
        )
    return {_renamed(name, theirs): value for name, value in state.items()}


def _renamed(name: str, prefixes: Mapping[str, str]) -> str:
    prefix = max((p for p in prefixes if name.startswith(p)), key=len, default=None)
    return name if prefix is None else prefixes[prefix] + name.removeprefix(prefix)


def _sensor_of(state: State, *, source: str) -> ModalityConfig:
    """Which released sensor has as many bands as the first convolution takes."""
    bands = state[BANDS_ENTRY].shape[1]
    for modality in PAPER.modalities:
        if bands == len(modality.bands):
            return modality
    raise CheckpointError(f"{source}: its first convolution takes {bands} bands; s1 has 2 and s2 has 10")


def _check_layout(base: FusionConfig | ModalityConfig, state: State, *, source: str) -> None:
    """Refuse other names, and tensors of another rank, before any dims are read off them."""
    with torch.device("meta"):
        expected = _build(base).state_dict()
    check_names(expected, state, source=source)
    for name, value in state.items():
        if value.ndim != expected[name].ndim:
            raise CheckpointError(
                f"{source}: {name} has shape {tuple(value.shape)}, the released model {tuple(expected[name].shape)}"
            )


def _with_dims_of(base: Any, state: State) -> Any:
    """`base` with the dims that the tensors' shapes show."""
    if isinstance(base, ModalityConfig):
        return _modality_dims(base, state, encoder="encoder.")
    modalities = tuple(_modality_dims(m, state, encoder=f"enc_{m.name}.") for m in base.modalities)
    bottleneck, width = state["bottleneck_reducer.0.weight"].shape
    positions = len(state["pair_pos_emb.position_embeddings.weight"])
    return replace(base, modalities=modalities, bottleneck=bottleneck, width=width, positions=positions)


def _modality_dims(base: ModalityConfig, state: State, *, encoder: str) -> ModalityConfig:
    positions, width = state[f"{encoder}positional_embedding_shared.position_embeddings.weight"].shape
    tokens, frames = state[f"{encoder}token_reducer.0.weight"].shape
    # The larger of the two odd sizes, 4 side - 3 and 4 side - 1, that reduce to this side: 15 for the released 4.
    size = 4 * math.isqrt(width // base.latent) - 1
    bottleneck = len(state[f"{encoder}bottleneck_reducer.0.weight"])
    return replace(base, positions=positions, tokens=tokens, frames=frames, size=size, bottleneck=bottleneck)


def _build(config: FusionConfig | ModalityConfig) -> nn.Module:
    return Fusion(config) if isinstance(config, FusionConfig) else ModalityAutoencoder(config)


def _first_sentence(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].split(". ")[0]
