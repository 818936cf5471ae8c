"""Stage 2 of the `compact` preset: the sensors' bottlenecks become one embedding, and unfold again from it.

Fusion works at every pixel-date on its own, so that a whole cube (`embed_cube`) and single windows (`embed`) give the
same values. Sensors enter by adding up; one that is missing adds nothing.
Where the first sensor is missing there is no date to count pair gaps from: they count as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn.functional import gelu, pad

from models.checks import ConfigError, fused_from_dict, positive, sensors_of_a_fusion
from models.compact import (
    ALL,
    EVERY_PIXEL,
    GAP_FEATURES,
    CompactAutoencoder,
    CompactModalityConfig,
    Perceptron,
    Pixels,
    gap_features,
    offset,
    start_quiet,
    start_straight,
)
from models.contract import Fused, Sample, check_pair_gaps, present


@dataclass(frozen=True, kw_only=True)
class CompactFusionConfig:
    """The dims of the fusion and of its sensors."""

    modalities: tuple[CompactModalityConfig, ...]  # the first one's centre date is where pair gaps are counted from
    bottleneck: int = 7  # D, values of the embedding
    width: int = 128

    def __post_init__(self) -> None:
        sensors_of_a_fusion(self.names)
        positive("bottleneck", self.bottleneck)
        positive("width", self.width)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> CompactFusionConfig:
        """The config that `dataclasses.asdict` wrote, also after a way through JSON."""
        return fused_from_dict(cls, CompactModalityConfig, values)

    @property
    def names(self) -> tuple[str, ...]:
        """The sensors' names, in order."""
        return tuple(modality.name for modality in self.modalities)


class CompactFusion(nn.Module):
    """Stage 2; see `models.contract` for what it takes and gives.

    Stage-1 models given by name are used as they are, weights and all; the others start from random weights.
    """

    def __init__(
        self, config: CompactFusionConfig, *, autoencoders: Mapping[str, CompactAutoencoder] | None = None
    ) -> None:
        super().__init__()
        c = self.config = config
        self.autoencoders = nn.ModuleDict({m.name: _stage1(m, autoencoders or {}) for m in c.modalities})
        # Each sensor enters by a projection of its own, so that a further one leaves the others' weights as they are.
        self.enter = nn.ModuleDict({m.name: nn.Conv2d(m.bottleneck + GAP_FEATURES, c.width, 1) for m in c.modalities})
        self.own = nn.ModuleDict({m.name: nn.Conv2d(m.bottleneck, c.bottleneck, 1) for m in c.modalities})
        self.think = Perceptron(c.width)
        self.leave = nn.Conv2d(c.width, c.bottleneck, 1)
        self.unfold = nn.ModuleDict({m.name: Unfold(c.bottleneck, m.bottleneck, c.width) for m in c.modalities})
        for own, unfold in zip(self._own(), self._unfold(), strict=True):
            start_straight(own, unfold.own)
            start_quiet(unfold.leave)
        start_quiet(self.leave)

    def forward(self, samples: Mapping[str, Sample], pair_gaps: Tensor) -> Fused:
        bottlenecks = self.encode(samples)
        embedding = self.fuse(bottlenecks, pair_gaps)
        return Fused(embedding, bottlenecks, self.decode(embedding, {name: samples[name].gaps for name in samples}))

    def embed(self, samples: Mapping[str, Sample], pair_gaps: Tensor) -> Tensor:
        """The embedding (B, D) alone, without the way back."""
        return self.fuse(self.encode(samples), pair_gaps)

    def embed_cube(
        self,
        frames: Mapping[str, Tensor],
        days: Mapping[str, Tensor],
        wanted: slice = ALL,
        pixels: Pixels = EVERY_PIXEL,
    ) -> Tensor:
        """Frames (T, C, H, W) and days (T,) by sensor -> embeddings (wanted dates, D, H, W) of the chosen pixels."""
        sensors = present(self.config.modalities, frames)
        maps = {m.name: self.stage1(m.name).encode_cube(frames[m.name], days[m.name], wanted, pixels) for m in sensors}
        reference = days.get(self.config.names[0], days[sensors[0].name])
        return self.fuse_maps(maps, {name: (days[name] - reference)[wanted] for name in maps})

    def embed_seen(
        self, frames: Mapping[str, Tensor], days: Mapping[str, Tensor], dates: slice, seen: Tensor
    ) -> Tensor:
        """As `embed_cube`, but only where `seen` (dates, H, W) says, NaN elsewhere: (dates, D, H, W).

        What a frame shows is worked out at every pixel, all that follows only where it is wanted.
        """
        sensors = present(self.config.modalities, frames)
        reference = days.get(self.config.names[0], days[sensors[0].name])
        wanted = range(*dates.indices(len(reference)))
        places = {date: mask.flatten().nonzero()[:, 0] for date, mask in zip(wanted, seen, strict=True) if mask.any()}
        maps = {m.name: self.stage1(m.name).encode_at(frames[m.name], days[m.name], places) for m in sensors}
        embedding = torch.full((len(seen), self.config.bottleneck, *seen.shape[1:]), torch.nan)
        for date, there in places.items():
            of_date = {name: bottlenecks[date] for name, bottlenecks in maps.items()}
            gaps = {name: (days[name] - reference)[date, None] for name in maps}
            embedding[date - wanted.start].flatten(1)[:, there] = self.fuse_maps(of_date, gaps)[0, :, 0]
        return embedding

    def answer(self, embedding: Tensor, sensor: str, offsets: Tensor, down: int = 0, right: int = 0) -> Tensor:
        """What embeddings (N, D, H, W) say a sensor would see at a place and a date (N,) near -> (N, C, H, W)."""
        return self.stage1(sensor).answer(self.unfold[sensor](embedding), offsets, down, right)

    def encode(self, samples: Mapping[str, Sample]) -> dict[str, Tensor]:
        """Samples by sensor -> bottlenecks (B, d) by sensor, in the config's order."""
        return {m.name: self.stage1(m.name).encode(samples[m.name]) for m in present(self.config.modalities, samples)}

    def fuse(self, bottlenecks: Mapping[str, Tensor], pair_gaps: Tensor) -> Tensor:
        """Bottlenecks (B, d) by sensor and pair gaps (B, M - 1) -> embedding (B, D)."""
        check_pair_gaps(self.config.modalities, bottlenecks, pair_gaps)
        counted = pair_gaps if self.config.names[0] in bottlenecks else torch.zeros_like(pair_gaps)
        gaps = dict(zip(self.config.names, pad(counted, (1, 0)).unbind(dim=1), strict=True))
        maps = {name: rearrange(values, "b d -> b d 1 1") for name, values in bottlenecks.items()}
        return rearrange(self.fuse_maps(maps, gaps), "b d 1 1 -> b d")

    def fuse_maps(self, bottlenecks: Mapping[str, Tensor], gaps: Mapping[str, Tensor]) -> Tensor:
        """Bottlenecks (N, d, H, W) and days from the first sensor's date (N,) by sensor -> embeddings (N, D, H, W)."""
        total, own = torch.zeros(()), torch.zeros(())
        for modality in present(self.config.modalities, bottlenecks):
            values = bottlenecks[modality.name]
            own = own + self.own[modality.name](values)
            when = rearrange(gap_features(gaps[modality.name].abs()), "n g -> n g 1 1")
            when = when.expand(-1, -1, *values.shape[2:])
            total = total + self.enter[modality.name](torch.cat([values, when], dim=1))
        return own + self.leave(self.think(gelu(total, approximate="tanh")))

    def decode(self, embedding: Tensor, gaps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Embedding (B, D) and day gaps (B, T - 1) by sensor -> frames (B, T, C, size, size) by sensor."""
        maps = rearrange(embedding, "b d -> b d 1 1")
        return {
            m.name: self.stage1(m.name).decode(rearrange(self.unfold[m.name](maps), "b d 1 1 -> b d"), gaps[m.name])
            for m in present(self.config.modalities, gaps)
        }

    @torch.no_grad()
    def turn(self, centre: Tensor, axes: Tensor) -> None:
        """Give the embedding z the coordinates axes (z - centre), and let what unfolds from it stay as it is.

        `centre` (D,); `axes` (D, D) with unit rows at right angles.
        """
        for line in (*self._own(), self.leave):
            line.weight.copy_(torch.einsum("ed,dwyx->ewyx", axes, line.weight))
            offset(line).copy_(axes @ offset(line))
        offset(self.leave).sub_(axes @ centre)
        for unfold in self._unfold():
            for line in (unfold.own, unfold.enter):
                offset(line).add_(line.weight[..., 0, 0] @ centre)
                line.weight.copy_(torch.einsum("wdyx,ed->weyx", line.weight, axes))

    def _own(self) -> Iterable[nn.Conv2d]:
        return cast("Iterable[nn.Conv2d]", self.own.values())

    def _unfold(self) -> Iterable[Unfold]:
        return cast("Iterable[Unfold]", self.unfold.values())

    def stage1(self, name: str) -> CompactAutoencoder:
        """The autoencoder of a sensor."""
        model = self.autoencoders[name]
        assert isinstance(model, CompactAutoencoder)
        return model


class Unfold(nn.Module):
    """From the embedding back to a sensor's bottleneck: a straight line, corrected."""

    def __init__(self, embedding: int, bottleneck: int, width: int) -> None:
        super().__init__()
        self.own = nn.Conv2d(embedding, bottleneck, 1)
        self.enter, self.leave = nn.Conv2d(embedding, width, 1), nn.Conv2d(width, bottleneck, 1)

    def forward(self, embedding: Tensor) -> Tensor:
        return self.own(embedding) + self.leave(gelu(self.enter(embedding), approximate="tanh"))


def _stage1(config: CompactModalityConfig, given: Mapping[str, CompactAutoencoder]) -> CompactAutoencoder:
    model = given.get(config.name) or CompactAutoencoder(config)
    if model.config != config:
        raise ConfigError(
            f"the autoencoder given as {config.name!r} has dims that the fusion config does not list for it"
        )
    return model
