"""What is missing from the patches of a sensor's frames, and what fills it: the rules of the `paper` preset."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d


class Gaps(NamedTuple):
    """Gaps in T frames, for all P patches that lie within them, counted row by row."""

    frames: Tensor
    """(T, C, H, W), NaN = missing."""
    size: int
    """Pixels along a patch's side."""
    pixels: Tensor
    """(T, P) pixels of the patch with a missing band."""
    uneven: Tensor
    """(T, P) whether one of these pixels has other bands that are known."""
    sums: Tensor
    """(T, C, P) of the known values."""
    known: Tensor
    """(T, C, P) how many these are."""

    @classmethod
    def of(cls, frames: Tensor, *, size: int) -> Gaps:
        """The gaps in frames (T, C, H, W)."""
        missing = frames.isnan()
        some, every = missing.any(dim=1, keepdim=True), missing.all(dim=1, keepdim=True)
        return cls(
            frames,
            size,
            _patch_sums(some, size)[:, 0],
            _patch_sums(some & ~every, size)[:, 0] > 0,
            _patch_sums(frames.nan_to_num(0.0), size),
            _patch_sums(~missing, size),
        )

    @property
    def none(self) -> Tensor:
        """(T, P) whether the patch has no gap at all."""
        return self.pixels == 0

    @property
    def whole(self) -> Tensor:
        """(T, P) whether the patch is nothing but a gap."""
        return (self.pixels == self.size**2) & ~self.uneven

    def fill(self, window: slice, patches: Tensor) -> Tensor:
        """Mean of each band over a window's frames, 0 where none is known: (n, C) of these patches (n,)."""
        total, count = (part[window, :, patches].sum(dim=0) for part in (self.sums, self.known))
        return (total / count.clamp(min=1)).T.to(self.frames.dtype)

    def corners(self, patches: Tensor) -> Tensor:
        """First row and column of patches (n,): (n, 2)."""
        across = self.frames.shape[-1] - self.size + 1
        return torch.stack([patches // across, patches % across], dim=1)

    def cut(self, frame: int, patches: Tensor) -> Tensor:
        """The values of patches (n,) in a frame: (n, C, size, size)."""
        rows, cols = self.corners(patches).T
        all_patches = self.frames[frame].unfold(1, self.size, 1).unfold(2, self.size, 1)
        return all_patches[:, rows, cols].transpose(0, 1)


def _patch_sums(values: Tensor, size: int) -> Tensor:
    """Sums over every patch, exact to double precision: (T, C, H, W) -> (T, C, P)."""
    return avg_pool2d(values.double(), size, stride=1, divisor_override=1).flatten(2)
