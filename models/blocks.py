"""Parts of the released architecture. Attribute names are the released checkpoints' names; keep them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from einops import rearrange, reduce
from torch import Tensor, nn
from torch.nn.functional import pad

from models.checks import InputError

AXES = {
    "time": "b t d",  # the dates of one window attend to each other: what the paper describes
    "released": "(b t) 1 d",  # the released encoder, each sample as a batch of one: a date attends to itself alone
    "literal": "t b d",  # the released encoder word by word: samples of a batch attend to each other; only to verify
}
"""How (batch, time, width) tokens are laid out as (group, sequence, width) before attention."""


class ChannelGate(nn.Module):
    """One weight in 0..1 per channel, from the map's global maximum and mean. (N, C, H, W) -> (N, C, 1, 1)."""

    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.se = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False), nn.ReLU(), nn.Conv2d(hidden, channels, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        peak = reduce(x, "n c h w -> n c 1 1", "max")
        mean = reduce(x, "n c h w -> n c 1 1", "mean")
        return torch.sigmoid(self.se(peak) + self.se(mean))


class SpatialGate(nn.Module):
    """One weight in 0..1 per pixel, from the maximum and mean over channels. (N, C, H, W) -> (N, 1, H, W)."""

    def __init__(self, *, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        peak = reduce(x, "n c h w -> n 1 h w", "max")
        mean = reduce(x, "n c h w -> n 1 h w", "mean")
        return torch.sigmoid(self.conv(torch.cat([peak, mean], dim=1)))


class CBAM(nn.Module):
    """Convolutional block attention: gate the channels, then the pixels, and add the input. Keeps (N, C, H, W)."""

    def __init__(self, channels: int, *, reduction: int = 8, kernel: int = 7) -> None:
        super().__init__()
        self.ca = ChannelGate(channels, reduction=reduction)
        self.sa = SpatialGate(kernel=kernel)

    def forward(self, x: Tensor) -> Tensor:
        gated = self.ca(x) * x
        return self.sa(gated) * gated + x


class ConvAttention(nn.Module):
    """Same-padded convolution, LeakyReLU 0.01, CBAM. (N, in, H, W) -> (N, out, H, W)."""

    def __init__(
        self, channels_in: int, channels_out: int, *, kernel: int = 3, reduction: int = 8, gate_kernel: int = 7
    ) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2), nn.LeakyReLU(0.01))
        self.attention = CBAM(channels_out, reduction=reduction, kernel=gate_kernel)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.conv(x))


class MultiScaleAttention(nn.Module):
    """One convolution per kernel size side by side, fused by a 1 x 1, then CBAM. (N, in, H, W) -> (N, out, H, W)."""

    def __init__(self, channels_in: int, channels_out: int, *, kernels: Sequence[int]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels_in, channels_out, k, padding=k // 2), nn.LeakyReLU(0.1)) for k in kernels
        )
        self.attention = CBAM(channels_out)
        self.fusion = nn.Sequential(nn.Conv2d(len(kernels) * channels_out, channels_out, 1), nn.LeakyReLU(0.01))

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.convolve(x))

    def convolve(self, x: Tensor) -> Tensor:
        """All but the attention."""
        return self.fusion(torch.cat([conv(x) for conv in self.convs], dim=1))


class PositionTable(nn.Module):
    """A learned row per day, scaled by 1 / sqrt(width). (B, T) whole days -> (B, T, width).

    A day beyond the table gets the last row: "at least that far away".
    """

    def __init__(self, *, rows: int, width: int) -> None:
        super().__init__()
        self.position_embeddings = nn.Embedding(rows, width)

    def forward(self, days: Tensor) -> Tensor:
        if days.is_floating_point() or bool((days < 0).any()):
            raise InputError("days hold fractions or negative values; give whole days >= 0, frames in order of time")
        table = self.position_embeddings
        return table(days.clamp(max=table.num_embeddings - 1)) / table.embedding_dim**0.5


def days_since_first(gaps: Tensor) -> Tensor:
    """Gaps between frames (B, T - 1) -> each frame's day since the first one (B, T)."""
    return pad(gaps.cumsum(dim=1), (1, 0))


def transformer(
    *, width: int, heads: int, feedforward: int, layers: int, dropout: float, norm_first: bool
) -> nn.TransformerEncoder:
    """A ReLU transformer encoder over (batch, sequence, width)."""
    layer = nn.TransformerEncoderLayer(
        width, heads, feedforward, dropout, activation="relu", batch_first=True, norm_first=norm_first
    )
    return nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)


def attend(encoder: nn.TransformerEncoder, tokens: Tensor, *, attention: str) -> Tensor:
    """Run `encoder` over tokens (B, T, width) along the axis that `attention`, a key of `AXES`, names."""
    layout = AXES[attention]
    attended = encoder(rearrange(tokens, f"b t d -> {layout}"))
    return rearrange(attended, f"{layout} -> b t d", b=len(tokens))
