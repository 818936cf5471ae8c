"""Stage 2 of the `paper` preset: the sensors' bottlenecks become one embedding, and unfold again from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from einops import rearrange, reduce
from torch import Tensor, nn
from torch.nn.functional import pad

from models.autoencoder import ModalityAutoencoder, ModalityConfig
from models.blocks import PositionTable, transformer
from models.checks import ConfigError, divides, fused_from_dict, positive, sensors_of_a_fusion, share
from models.contract import Fused, Sample, check_pair_gaps, present


@dataclass(frozen=True, kw_only=True)
class FusionConfig:
    """The dims of the fusion and of its sensors; defaults are the released architecture's (arXiv 2511.11706)."""

    modalities: tuple[ModalityConfig, ...]  # the first one's centre date is where pair gaps are counted from
    bottleneck: int = 7  # D, values of the embedding
    width: int = 128
    positions: int = 351  # days in the table of pair gaps
    layers: int = 2
    heads: int = 4
    feedforward: int = 256
    dropout: float = 0.1

    def __post_init__(self) -> None:
        sensors_of_a_fusion(self.names)
        for field in ("bottleneck", "width", "positions", "layers", "feedforward"):
            positive(field, getattr(self, field))
        share("dropout", self.dropout)
        divides("heads", self.heads, whole_name="width", whole=self.width)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FusionConfig:
        """The config that `dataclasses.asdict` wrote, also after a way through JSON."""
        return fused_from_dict(cls, ModalityConfig, values)

    @property
    def names(self) -> tuple[str, ...]:
        """The sensors' names, in order."""
        return tuple(modality.name for modality in self.modalities)

    def with_attention(self, attention: str) -> FusionConfig:
        """This config with every encoder attending as `attention` says."""
        return replace(self, modalities=tuple(replace(m, attention=attention) for m in self.modalities))


class Fusion(nn.Module):
    """Stage 2; see `models.contract` for what it takes and gives.

    Stage-1 models given by name are used as they are, weights and all; the others start from random weights.
    `pair_gaps` (B, M - 1): whole days between the first sensor's centre frame and each other sensor's.
    """

    def __init__(self, config: FusionConfig, *, autoencoders: Mapping[str, ModalityAutoencoder] | None = None) -> None:
        super().__init__()
        c = self.config = config
        stage1 = _stage1_models(config, autoencoders or {})
        for modality in c.modalities:
            self.add_module(f"enc_{modality.name}", stage1[modality.name].encoder)
        for modality in c.modalities:
            self.add_module(f"dec_{modality.name}", stage1[modality.name].decoder)
        for modality in c.modalities:
            self.add_module(f"proj_{modality.name}", nn.Linear(modality.bottleneck, c.width))
        self.type_embed = nn.Embedding(len(c.modalities), c.width)
        self.pair_pos_emb = PositionTable(rows=c.positions, width=c.width)
        self.fuser = transformer(
            width=c.width,
            heads=c.heads,
            feedforward=c.feedforward,
            layers=c.layers,
            dropout=c.dropout,
            norm_first=True,
        )
        self.norm_out = nn.LayerNorm(c.width)
        for modality in c.modalities:
            self.add_module(f"head_{modality.name}", nn.Linear(c.bottleneck, modality.bottleneck))
        self.bottleneck_reducer = nn.Sequential(nn.Linear(c.width, c.bottleneck), nn.Softplus())
        # Part of the released layout, so that every entry of a released file has its place; no value passes through.
        self.bottleneck_expander = nn.Sequential(nn.Linear(c.bottleneck, c.width)).requires_grad_(False)

    def forward(self, samples: Mapping[str, Sample], pair_gaps: Tensor) -> Fused:
        bottlenecks = self.encode(samples)
        embedding = self.fuse(bottlenecks, pair_gaps)
        return Fused(embedding, bottlenecks, self.decode(embedding, {name: samples[name].gaps for name in samples}))

    def embed(self, samples: Mapping[str, Sample], pair_gaps: Tensor) -> Tensor:
        """The embedding (B, D) alone, without the way back."""
        return self.fuse(self.encode(samples), pair_gaps)

    def encode(self, samples: Mapping[str, Sample]) -> dict[str, Tensor]:
        """Samples by sensor -> bottlenecks (B, d) by sensor, in the config's order."""
        return {
            m.name: self.get_submodule(f"enc_{m.name}")(samples[m.name])
            for m in present(self.config.modalities, samples)
        }

    def fuse(self, bottlenecks: Mapping[str, Tensor], pair_gaps: Tensor) -> Tensor:
        """Bottlenecks (B, d) by sensor and pair gaps (B, M - 1) -> embedding (B, D)."""
        sensors = present(self.config.modalities, bottlenecks)
        check_pair_gaps(self.config.modalities, bottlenecks, pair_gaps)
        rows = torch.tensor([self.config.modalities.index(m) for m in sensors], device=pair_gaps.device)
        days = pad(pair_gaps, (1, 0))[:, rows]
        tokens = torch.stack([self.get_submodule(f"proj_{m.name}")(bottlenecks[m.name]) for m in sensors], dim=1)
        tokens = tokens + rearrange(self.type_embed(rows), "m d -> 1 m d") + self.pair_pos_emb(days)
        return self.bottleneck_reducer(self.norm_out(reduce(self.fuser(tokens), "b m d -> b d", "mean")))

    def decode(self, embedding: Tensor, gaps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Embedding (B, D) and day gaps (B, T - 1) by sensor -> frames (B, T, C, H, W) by sensor."""
        return {
            m.name: self.get_submodule(f"dec_{m.name}")(self.get_submodule(f"head_{m.name}")(embedding), gaps[m.name])
            for m in present(self.config.modalities, gaps)
        }


def _stage1_models(config: FusionConfig, given: Mapping[str, ModalityAutoencoder]) -> dict[str, ModalityAutoencoder]:
    """One autoencoder per sensor: the given one where there is one."""
    for name, model in given.items():
        if model.config not in config.modalities or model.config.name != name:
            raise ConfigError(f"the autoencoder given as {name!r} has dims that the fusion config does not list for it")
    return {m.name: given.get(m.name) or ModalityAutoencoder(m) for m in config.modalities}
