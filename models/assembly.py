"""The models that a training command asks for: a sensor's autoencoder, a fusion, a fused model to extend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from models import checkpoint
from models.checks import InputError
from models.compact_fusion import CompactFusion
from models.presets import get_preset
from models.sensors import get_sensor


def modality_config(preset: str, sensor: str) -> Any:
    """A sensor's config: one of the preset's own, or for `compact` a registered one."""
    known = {modality.name: modality for modality in get_preset(preset).config.modalities}
    if sensor in known:
        return known[sensor]
    if preset == "compact":
        return get_sensor(sensor, others=tuple(known)).config
    raise InputError(f"sensor is {sensor!r}; the preset {preset} has {', '.join(known)}, choose one of these")


def stage1_models(preset: str, folders: Sequence[Path]) -> dict[str, Any]:
    """Stage-1 models by their sensor, from folders of one each or of a fused `compact` model."""
    given: dict[str, Any] = {}
    for folder in folders:
        loaded = checkpoint.load(folder)
        if loaded.preset == preset and isinstance(loaded.model, CompactFusion):
            found: dict[str, Any] = {name: loaded.model.stage1(name) for name in loaded.model.config.names}
        elif (loaded.preset, loaded.stage) == (preset, "modality"):
            found = {loaded.config.name: loaded.model}
        else:
            raise InputError(
                f"stage1: {folder} holds weights of {loaded.preset}, stage {loaded.stage}; "
                f"give those of {preset}, stage modality"
            )
        twice = sorted(found.keys() & given.keys())
        if twice:
            raise InputError(f"stage1: {folder} is the second one of {twice[0]}; give one folder per sensor")
        given |= found
    return given


def new_fusion(preset: str, given: Mapping[str, Any], size: int | None) -> nn.Module:
    """A fusion of the given sensors, in the preset's order and after these any further one; else of the preset's."""
    config = get_preset(preset).config
    if given:
        names = [name for name in config.names if name in given] + [name for name in given if name not in config.names]
        config = replace(config, modalities=tuple(given[name].config for name in names))
    config = replace(config, bottleneck=config.bottleneck if size is None else size)
    return get_preset(preset).build_fusion(config, autoencoders=given)


def fused_model(folder: Path, preset: str) -> CompactFusion:
    """The fused model that is to be extended."""
    loaded = checkpoint.load(folder)
    if preset != loaded.preset or not isinstance(loaded.model, CompactFusion):
        raise InputError(
            f"extend: {folder} holds weights of {loaded.preset}, stage {loaded.stage}, and the preset is {preset}; "
            "give weights of compact, stage fusion"
        )
    return loaded.model
