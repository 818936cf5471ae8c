"""Stage 1 of the `paper` preset: one autoencoder per sensor.

A window of frames is squeezed in space, then in time, into a few values, and unfolded again. Encoder and decoder
share their position table and their transformer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn

from models.blocks import (
    ConvAttention,
    MultiScaleAttention,
    PositionTable,
    attend,
    days_since_first,
    transformer,
)
from models.checks import ConfigError, config_from_dict, divides, odd, positive, sensor, share
from models.contract import Reconstruction, Sample, check_sample

ATTENTION = ("time", "released")


@dataclass(frozen=True, kw_only=True)
class ModalityConfig:
    """The dims of one sensor's autoencoder; defaults are the released architecture's (arXiv 2511.11706)."""

    name: str
    bands: tuple[str, ...]
    tokens: int  # R, what the T dates are mixed down to
    bottleneck: int  # d, the sensor's values that enter fusion
    frames: int = 11  # T, dates in a window
    size: int = 15  # pixels along a patch's side
    stem: int = 149  # channels at full resolution
    body: int = 128  # channels at half resolution
    neck: int = 64  # channels at a quarter
    latent: int = 16  # channels that leave the spatial reducer
    kernels: tuple[int, ...] = (3, 7)  # pixels, the scales seen at full resolution
    reducer_dropout: float = 0.07
    upscaler_dropout: float = 0.1
    positions: int = 201  # days in the position table
    layers: int = 3
    heads: int = 8
    feedforward: int = 8
    dropout: float = 0.25
    attention: str = "time"

    def __post_init__(self) -> None:
        sensor(self.name, self.bands)
        if self.attention not in ATTENTION:
            raise ConfigError(f"attention is {self.attention!r}; choose one of {', '.join(ATTENTION)}")
        for field in ("tokens", "bottleneck", "stem", "body", "neck", "latent", "positions", "layers", "feedforward"):
            positive(field, getattr(self, field))
        for field in ("reducer_dropout", "upscaler_dropout", "dropout"):
            share(field, getattr(self, field))
        if not self.kernels:
            raise ConfigError("kernels are (); give at least one kernel size, e.g. (3,)")
        for kernel in self.kernels:
            odd("kernels", kernel)
        odd("frames", self.frames)
        odd("size", self.size, at_least=3)
        divides("heads", self.heads, whole_name="width (latent x reduced side squared)", whole=self.width)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModalityConfig:
        """The config that `dataclasses.asdict` wrote, also after a way through JSON."""
        return config_from_dict(cls, values)

    @property
    def side(self) -> int:
        """Pixels along a reduced patch's side: one halving without and one with a pixel of padding."""
        return self.size // 2 // 2 + 1

    @property
    def width(self) -> int:
        """Values per frame after the spatial reducer; the transformer's width."""
        return self.latent * self.side**2


class SpatialReducer(nn.Module):
    """Each frame on its own, quartered along both sides. (N, C, size, size) -> (N, latent, side, side)."""

    def __init__(self, config: ModalityConfig) -> None:
        super().__init__()
        c = config
        self.conv0 = nn.Sequential(nn.Conv2d(len(c.bands), c.stem, 1), nn.SiLU())
        self.block1 = MultiScaleAttention(c.stem, c.stem, kernels=c.kernels)
        self.conv1 = nn.Sequential(nn.Conv2d(c.stem, c.body, 2, stride=2), nn.SiLU())
        self.block2 = ConvAttention(c.body, c.body)
        self.conv2 = nn.Sequential(nn.Conv2d(c.body, c.neck, 2, stride=2, padding=1), nn.SiLU())
        self.block3 = ConvAttention(c.neck, c.latent, reduction=2, gate_kernel=3)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.dropout = nn.Dropout2d(c.reducer_dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv0(x)
        return self.beyond_convs(self.block1.convolve(x), x)

    def beyond_convs(self, convolved: Tensor, x: Tensor) -> Tensor:
        """From the first block's convolutions and what went into them, both (N, stem, size, size), to the end."""
        x = self.pool(self.block1.attention(convolved)) + x
        x = self.dropout(self.conv1(x))
        x = self.pool(self.block2(x)) + x
        x = self.dropout(self.conv2(x))
        return self.block3(x)


class SpatialUpscaler(nn.Module):
    """The way back, frame by frame. (N, latent, side, side) -> (N, C, size, size)."""

    def __init__(self, config: ModalityConfig) -> None:
        super().__init__()
        c, bands = config, len(config.bands)
        surplus = 4 * c.side - c.size  # two doublings of `side` give a little more than `size`: cut it off around
        padding = (surplus + 1) // 2
        self.block1 = ConvAttention(c.latent, c.latent)
        self.conv1 = nn.Sequential(nn.ConvTranspose2d(c.latent, c.neck, 2, stride=2), nn.SiLU())
        self.block2 = ConvAttention(c.neck, c.neck)
        self.upsample2 = nn.ConvTranspose2d(
            c.neck, c.body, 2, stride=2, padding=padding, output_padding=2 * padding - surplus
        )
        self.block3 = MultiScaleAttention(c.body, c.stem, kernels=c.kernels)
        self.final_refinement = nn.Sequential(
            nn.Conv2d(c.stem, bands, 3, padding=1), nn.SiLU(), nn.Conv2d(bands, bands, 3, padding=1)
        )
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.dropout = nn.Dropout2d(c.upscaler_dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.block1(x)) + x
        x = self.dropout(self.conv1(x))
        x = self.pool(self.block2(x)) + x
        x = self.dropout(self.upsample2(x))
        return self.final_refinement(self.block3(x))


class Encoder(nn.Module):
    """A window of frames to a few values. Sample of (B, T, C, H, W) and (B, T - 1) -> bottleneck (B, d)."""

    def __init__(self, config: ModalityConfig, table: PositionTable, encoder: nn.TransformerEncoder) -> None:
        super().__init__()
        c = self.config = config
        self.attention = c.attention  # an entry of blocks.AXES
        self.dim_reducer = SpatialReducer(c)
        self.positional_embedding_shared = table
        self.transformer_enc = encoder
        self.encoder_linear = nn.Sequential(nn.Linear(c.width, c.latent), nn.SELU())
        self.token_reducer = nn.Sequential(nn.Linear(c.frames, c.tokens), nn.SELU())
        self.bottleneck_reducer = nn.Sequential(nn.Linear(c.latent * c.tokens, c.bottleneck), nn.Softplus())

    def forward(self, sample: Sample) -> Tensor:
        check_sample(sample, self.config)
        return self.over_time(self.over_space(fill_missing(sample.frames)), sample.gaps)

    def over_space(self, frames: Tensor) -> Tensor:
        """Frames (B, T, C, H, W) -> tokens (B, T, width), each frame on its own."""
        maps = self.dim_reducer(rearrange(frames, "b t c h w -> (b t) c h w"))
        return rearrange(maps, "(b t) c h w -> b t (c h w)", b=len(frames))

    def over_time(self, tokens: Tensor, gaps: Tensor) -> Tensor:
        """Tokens (B, T, width) and day gaps (B, T - 1) -> bottleneck (B, d)."""
        tokens = tokens + self.positional_embedding_shared(days_since_first(gaps))
        tokens = self.encoder_linear(attend(self.transformer_enc, tokens, attention=self.attention))
        tokens = self.token_reducer(rearrange(tokens, "b t c -> b c t"))
        return self.bottleneck_reducer(rearrange(tokens, "b c r -> b (c r)"))


class Decoder(nn.Module):
    """A few values to a window of frames. Bottleneck (B, d) and day gaps (B, T - 1) -> (B, T, C, H, W)."""

    def __init__(self, config: ModalityConfig, table: PositionTable, encoder: nn.TransformerEncoder) -> None:
        super().__init__()
        c = self.config = config
        self.upscaler = SpatialUpscaler(c)
        self.positional_embedding_shared = table
        self.transformer_dec = encoder
        self.decoder_linear = nn.Sequential(nn.Linear(c.latent, c.width), nn.SELU())
        self.token_upsampler = nn.Sequential(nn.Linear(c.tokens, c.frames), nn.SELU())
        self.bottleneck_expander = nn.Sequential(nn.Linear(c.bottleneck, c.tokens * c.latent), nn.Softplus())

    def forward(self, bottleneck: Tensor, gaps: Tensor) -> Tensor:
        return self.over_space(self.over_time(bottleneck, gaps))

    def over_time(self, bottleneck: Tensor, gaps: Tensor) -> Tensor:
        """Bottleneck (B, d) and day gaps (B, T - 1) -> tokens (B, T, width)."""
        tokens = rearrange(self.bottleneck_expander(bottleneck), "b (r c) -> b c r", r=self.config.tokens)
        tokens = self.decoder_linear(rearrange(self.token_upsampler(tokens), "b c t -> b t c"))
        tokens = tokens + self.positional_embedding_shared(days_since_first(gaps))
        return attend(self.transformer_dec, tokens, attention="time")

    def over_space(self, tokens: Tensor) -> Tensor:
        """Tokens (B, T, width), of any dates -> frames (B, T, C, H, W), each on its own."""
        maps = rearrange(tokens, "b t (c h w) -> (b t) c h w", h=self.config.side, w=self.config.side)
        return rearrange(self.upscaler(maps), "(b t) c h w -> b t c h w", b=len(tokens))


class ModalityAutoencoder(nn.Module):
    """Stage 1 for one sensor; see `models.contract` for what it takes and gives."""

    def __init__(self, config: ModalityConfig) -> None:
        super().__init__()
        self.config = config
        table = PositionTable(rows=config.positions, width=config.width)
        shared = transformer(
            width=config.width,
            heads=config.heads,
            feedforward=config.feedforward,
            layers=config.layers,
            dropout=config.dropout,
            norm_first=False,
        )
        self.encoder = Encoder(config, table, shared)
        self.decoder = Decoder(config, table, shared)

    def forward(self, sample: Sample) -> Reconstruction:
        bottleneck = self.encode(sample)
        return Reconstruction(bottleneck, self.decode(bottleneck, sample.gaps))

    def encode(self, sample: Sample) -> Tensor:
        """Sample -> bottleneck (B, d)."""
        return self.encoder(sample)

    def decode(self, bottleneck: Tensor, gaps: Tensor) -> Tensor:
        """Bottleneck (B, d) and day gaps (B, T - 1) -> frames (B, T, C, H, W)."""
        return self.decoder(bottleneck, gaps)


def fill_missing(frames: Tensor) -> Tensor:
    """Frames (B, T, C, H, W) with each NaN replaced by the mean of its band over its own window, 0 if there is none."""
    missing = torch.isnan(frames)
    mean = frames.nanmean(dim=(1, 3, 4), keepdim=True).nan_to_num(0.0)
    return torch.where(missing, mean, frames)
