"""What every preset takes and gives, whatever its architecture.

Stage 1, one model per sensor (modality), built from a modality config:
    encode(sample) -> (B, d) bottleneck; decode(bottleneck, gaps) -> (B, T, C, H, W);
    calling it on a sample gives a `Reconstruction`.
Stage 2, one model over all sensors, built from a fusion config and, optionally, stage-1 models whose weights it keeps:
    embed(samples, pair_gaps) -> (B, D) embedding; calling it on the same gives a `Fused`.
    A sensor that is left out of `samples` is missing; the embedding is made from the others.

B samples; T frames, the date of interest in the middle; C bands; H x W pixels, the pixel of interest in the middle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from torch import Tensor

from models.checks import InputError


class Sample(NamedTuple):
    """What one sensor saw around a pixel and a date."""

    frames: Tensor
    """(B, T, C, H, W) reflectance 0..1, or backscatter scaled to 0..1; NaN = missing."""
    gaps: Tensor
    """(B, T - 1) whole days between successive frames."""


class Reconstruction(NamedTuple):
    """What stage 1 makes of a sample."""

    bottleneck: Tensor
    """(B, d)"""
    frames: Tensor
    """(B, T, C, H, W), the sample as the bottleneck remembers it."""


class Fused(NamedTuple):
    """What stage 2 makes of the samples; the dicts hold one entry per sensor by its name."""

    embedding: Tensor
    """(B, D), the embedding of the centre pixel at the centre date."""
    bottlenecks: dict[str, Tensor]
    """Stage-1 bottlenecks (B, d), of the sensors that were present."""
    reconstructions: dict[str, Tensor]
    """(B, T, C, H, W) decoded from the embedding alone, of the sensors that were present."""


class Window(Protocol):
    """What every preset's config of a sensor says of its window."""

    @property
    def name(self) -> str: ...
    @property
    def bands(self) -> tuple[str, ...]: ...
    @property
    def frames(self) -> int: ...
    @property
    def size(self) -> int: ...


Sensor = TypeVar("Sensor", bound=Window)


def check_sample(sample: Sample, config: Window) -> None:
    """Refuse a sample whose shapes or types are not the config's, by name."""
    frames, gaps = sample
    window = (config.frames, len(config.bands), config.size, config.size)
    if frames.ndim != 5 or tuple(frames.shape[1:]) != window or not frames.is_floating_point():
        raise InputError(
            f"{config.name} frames are {frames.dtype} {tuple(frames.shape)}; this model takes floating-point "
            f"(batch, {', '.join(map(str, window))}) = (batch, frames, bands {' '.join(config.bands)}, pixels, pixels)"
        )
    if tuple(gaps.shape) != (len(frames), config.frames - 1) or gaps.is_floating_point():
        raise InputError(
            f"{config.name} gaps are {gaps.dtype} {tuple(gaps.shape)}; give whole days of shape "
            f"({len(frames)}, {config.frames - 1}), one between each two successive frames"
        )


def present(modalities: Sequence[Sensor], given: Mapping[str, object]) -> list[Sensor]:
    """The sensors that were given, in the config's order."""
    known = [modality.name for modality in modalities]
    if set(given) - set(known) or not given:
        raise InputError(
            f"sensors given are {sorted(given)}; give at least one of those this model knows: {', '.join(known)}"
        )
    return [modality for modality in modalities if modality.name in given]


def check_pair_gaps(modalities: Sequence[Window], bottlenecks: Mapping[str, Tensor], pair_gaps: Tensor) -> None:
    """Refuse sensors of unequal batches, and pair gaps that do not fit them."""
    batches = {name: len(values) for name, values in bottlenecks.items()}
    if len(set(batches.values())) > 1:
        raise InputError(f"the sensors hold {batches} samples; give equally many, in the same order")
    expected = (next(iter(batches.values())), len(modalities) - 1)
    if tuple(pair_gaps.shape) != expected or pair_gaps.is_floating_point():
        raise InputError(
            f"pair_gaps are {pair_gaps.dtype} {tuple(pair_gaps.shape)}; give whole days of shape {expected}: "
            f"from the centre frame of {modalities[0].name} to that of each other sensor"
        )
