"""The presets by name: their dims and what builds them.

A further preset brings its model files and one entry in `PRESETS`; what all presets share is in `models.contract`.
Further dims of the same architecture are a `dataclasses.replace` away from these configs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from models.autoencoder import ModalityAutoencoder, ModalityConfig
from models.checks import ConfigError
from models.compact import CompactAutoencoder, CompactModalityConfig
from models.compact_fusion import CompactFusion, CompactFusionConfig
from models.fusion import Fusion, FusionConfig
from models.losses import LossConfig

S1_BANDS = ("VV", "VH")
S2_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")

PAPER = FusionConfig(
    modalities=(
        ModalityConfig(name="s1", bands=S1_BANDS, tokens=7, bottleneck=2),
        ModalityConfig(name="s2", bands=S2_BANDS, tokens=6, bottleneck=9),
    )
)
"""The released sizes of arXiv 2511.11706."""

PAPER_LOSSES = {
    "s1": LossConfig(lambda_mae=1.0, lambda_ssim=0.0, lambda_sam=0.0, center_weight=1.5),
    "s2": LossConfig(lambda_mae=0.665, lambda_ssim=0.02, lambda_sam=0.315, center_weight=1.75),
}
"""What each sensor of the released model was trained on."""

COMPACT = CompactFusionConfig(
    modalities=(
        CompactModalityConfig(
            name="s1",
            bands=S1_BANDS,
            mean=(0.53, 0.33),  # of backscatter scaled to 0..1, over simulated landscapes
            std=(0.10, 0.11),
            bottleneck=12,
        ),
        CompactModalityConfig(
            name="s2",
            bands=S2_BANDS,
            mean=(0.05, 0.08, 0.08, 0.12, 0.22, 0.26, 0.27, 0.29, 0.20, 0.13),  # of reflectance, likewise
            std=(0.04, 0.045, 0.06, 0.06, 0.08, 0.10, 0.11, 0.11, 0.09, 0.08),
            bottleneck=32,
        ),
    ),
)
"""Small and dense; `bottleneck` of the fusion is the embedding's size."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """An architecture of two stages with its default dims; `Any` is the preset's own kind of config."""

    config: Any
    modality_config: Callable[[dict[str, Any]], Any]
    """From a stored dict to stage 1's config."""
    fusion_config: Callable[[dict[str, Any]], Any]
    """From a stored dict to stage 2's config."""
    build_modality: Callable[..., nn.Module]
    """(config) -> stage 1."""
    build_fusion: Callable[..., nn.Module]
    """(config, autoencoders={name: stage 1}) -> stage 2; sensors that are not given start from random weights."""


PRESETS = {
    "paper": Preset(
        config=PAPER,
        modality_config=ModalityConfig.from_dict,
        fusion_config=FusionConfig.from_dict,
        build_modality=ModalityAutoencoder,
        build_fusion=Fusion,
    ),
    "compact": Preset(
        config=COMPACT,
        modality_config=CompactModalityConfig.from_dict,
        fusion_config=CompactFusionConfig.from_dict,
        build_modality=CompactAutoencoder,
        build_fusion=CompactFusion,
    ),
}


def get_preset(name: str) -> Preset:
    """The preset of that name."""
    if name not in PRESETS:
        raise ConfigError(f"preset is {name!r}; choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
