"""Fused models of random weights and small windows: the preset's sensors and bands, in milliseconds."""

from dataclasses import replace
from pathlib import Path

import torch

from models.checkpoint import save
from models.compact_fusion import CompactFusion, CompactFusionConfig
from models.presets import COMPACT


def small_compact(*, values: int = 3, size: int = 5, seed: int = 3) -> CompactFusion:
    """Five dates of `size` x `size` pixels become so many values."""
    torch.manual_seed(seed)
    dims = {"bottleneck": 4, "frames": 5, "size": size, "width": 8, "heads": 2}
    sensors = tuple(replace(sensor, **dims) for sensor in COMPACT.modalities)
    return CompactFusion(CompactFusionConfig(modalities=sensors, bottleneck=values, width=8)).eval()


def small_weights(folder: Path, **dims: int) -> Path:
    """The same, as a folder of weights."""
    model = small_compact(**dims)
    save(model, folder, config=model.config, preset="compact", stage="fusion")
    return folder
