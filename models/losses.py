"""Context-aware reconstruction losses: the centre pixel at the centre date counts most, its context a little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from torch import Tensor
from torch.nn.functional import conv2d, normalize

from models.checks import ConfigError, InputError

RING_WEIGHT = 0.01  # 1, weight of the centre pixel's eight neighbours (arXiv 2511.11706, released code)
DECAY = 0.1  # 1, factor per further ring of pixels and per further frame (same source)
SSIM_WINDOW = 7  # pixels, side of the Gaussian window (same source)
SSIM_SIGMA = 1.5  # pixels (same source)
SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2  # 1, the usual stabilisers for values in 0..1 (Wang et al. 2004)


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """How much each term counts; the defaults are those of the released code."""

    lambda_mae: float = 0.33
    lambda_ssim: float = 0.02
    lambda_sam: float = 0.65
    center_weight: float = 1.0  # of the centre pixel at the centre date, against 1 x the decays elsewhere

    def __post_init__(self) -> None:
        for field in ("lambda_mae", "lambda_ssim", "lambda_sam", "center_weight"):
            if not 0 <= getattr(self, field) < float("inf"):
                raise ConfigError(f"{field} is {getattr(self, field)!r}; give a finite weight of at least 0")


class LossTerms(NamedTuple):
    """One loss and what it is made of, each a scalar tensor. A term of weight 0 is not computed and reads 0."""

    total: Tensor
    mae: Tensor
    ssim: Tensor
    """1 - mean structural similarity."""
    sam: Tensor
    """Spectral angle, rad."""
    center_mae: Tensor
    """Plain mean absolute error of the centre pixel at the centre date: what training watches."""


def context_loss(output: Tensor, target: Tensor, valid: Tensor, *, config: LossConfig) -> LossTerms:
    """Compare a reconstruction with its target, both (B, T, C, H, W); `valid` of that shape marks what was observed.

    Missing values of the target must be filled beforehand (see `fill_missing`): SSIM looks at whole frames.
    """
    _check(output, target, valid)
    _, frames, _, height, width = target.shape
    # Weights reach down to 1e-13, so that half precision would lose them: at least float32 here.
    output = output.to(torch.promote_types(output.dtype, torch.float32))
    weights = context_weights(frames, height, width, center=config.center_weight).to(output)
    zero = output.new_zeros(())
    with torch.autocast(output.device.type, enabled=False):
        mae = weighted_mae(output, target, valid, weights) if config.lambda_mae else zero
        ssim = 1 - mean_ssim(output, target.to(output)) if config.lambda_ssim else zero
        sam = spectral_angle(output, target, valid, weights) if config.lambda_sam else zero
    total = config.lambda_mae * mae + config.lambda_ssim * ssim + config.lambda_sam * sam
    return LossTerms(total, mae, ssim, sam, center_mae(output, target))


def context_weights(frames: int, height: int, width: int, *, center: float) -> Tensor:
    """How much each pixel of each frame counts, (frames, height, width): less with every ring and every frame."""
    rows = (torch.arange(height) - height // 2).abs()
    columns = (torch.arange(width) - width // 2).abs()
    ring = torch.maximum(rows[:, None], columns[None, :])  # Chebyshev distance to the centre, pixels
    in_space = torch.where(ring == 0, 1.0, RING_WEIGHT * DECAY ** (ring - 1.0))
    in_time = DECAY ** (torch.arange(frames) - frames // 2).abs()
    weights = in_time[:, None, None] * in_space
    weights[frames // 2, height // 2, width // 2] = center
    return weights


def weighted_mae(output: Tensor, target: Tensor, valid: Tensor, weights: Tensor) -> Tensor:
    """Absolute error over what is valid, per sample; `weights` (T, H, W) are scaled to sum to 1 over a sample."""
    per_band = rearrange(weights / (weights.sum() * target.shape[2]), "t h w -> t 1 h w")
    return (per_band * (output - target).abs() * valid).sum() / len(target)


def mean_ssim(output: Tensor, target: Tensor) -> Tensor:
    """Structural similarity, averaged over samples, frames, bands and pixels; borders are padded with zeros."""
    x = rearrange(output, "b t c h w -> (b t c) 1 h w")
    y = rearrange(target, "b t c h w -> (b t c) 1 h w")
    window = _gaussian_window().to(x)

    def blur(image: Tensor) -> Tensor:
        return conv2d(image, window, padding=SSIM_WINDOW // 2)

    mean_x, mean_y = blur(x), blur(y)
    variances = blur(x * x) - mean_x**2 + blur(y * y) - mean_y**2
    covariance = blur(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + SSIM_C1) / (mean_x**2 + mean_y**2 + SSIM_C1)
    structure = (2 * covariance + SSIM_C2) / (variances + SSIM_C2)
    return (luminance * structure).mean()


def spectral_angle(output: Tensor, target: Tensor, valid: Tensor, weights: Tensor) -> Tensor:
    """Angle between the spectra, rad: mean, weighted by `weights` (T, H, W), over pixels whose bands are all valid."""
    x, y = normalize(output, dim=2, eps=1e-8), normalize(target, dim=2, eps=1e-8)
    # Twice the half angle: exact for small angles, where the arc cosine loses its digits and its gradient.
    angle = 2 * torch.atan2((x - y).norm(dim=2), (x + y).norm(dim=2))
    counted = weights * valid.all(dim=2)
    return (counted * angle).sum() / counted.sum().clamp(min=torch.finfo(counted.dtype).tiny)


def center_mae(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error of the centre pixel at the centre date, (B, T, C, H, W) -> scalar."""
    _, frames, _, height, width = target.shape
    centre = (slice(None), frames // 2, slice(None), height // 2, width // 2)
    return (output[centre] - target[centre]).abs().mean()


def _gaussian_window() -> Tensor:
    """(1, 1, window, window), summing to 1."""
    offsets = torch.arange(SSIM_WINDOW) - SSIM_WINDOW // 2
    line = torch.exp(-(offsets**2) / (2 * SSIM_SIGMA**2))
    return rearrange(torch.outer(line, line) / line.sum() ** 2, "h w -> 1 1 h w")


def _check(output: Tensor, target: Tensor, valid: Tensor) -> None:
    if target.ndim != 5 or not output.shape == target.shape == valid.shape:
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in (output, target, valid))
        raise InputError(f"output, target and valid have shapes {shapes}; give three of (B, T, C, H, W)")
    if valid.dtype != torch.bool:
        raise InputError(f"valid is {valid.dtype}; give torch.bool, True where the target was observed")
    if not valid.any():
        raise InputError("valid is False everywhere; leave batches without any observation out")
    if torch.isnan(target).any():
        raise InputError("target holds NaN; fill it first (models.autoencoder.fill_missing) and mark it in `valid`")
