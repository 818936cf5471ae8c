"""The spatial reducer of the `paper` preset over many overlapping patches of a frame, doing once what they share.

Nearly all of the reducer's work is its first block's convolutions, and of these a patch's border sees less than its
inside: zeros stand beyond it. So the sum over a kernel's taps is cut short, in as many ways as there are rows (and
columns) of taps that can fall off: 7 x 7 cuts for a kernel of 7. For each pixel of the frame and each cut the sum is
made once, and every patch picks its 15 x 15 sums from there. What comes after is each patch's own, as its attention
looks at all of it.

A gap is filled by one value per band and window. Behind the 1 x 1 stem that is one vector, the same at every missing
pixel, and convolutions are linear: the sum over the known pixels is shared, and the fill adds its vector times the taps
that fall on missing pixels. Where only some bands of a pixel are missing this does not hold; see `models.sliding`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch
from einops import rearrange
from torch import Tensor
from torch.nn.functional import linear, unfold

from models.autoencoder import SpatialReducer

Taps = tuple[int, int]  # first, and the one after the last


class Shared(NamedTuple):
    """What the patches of a frame of H x W pixels share; pixels are rows of (H W)."""

    stem: Tensor
    """(H W, stem) behind the 1 x 1 convolution; 0 where anything is missing."""
    sums: Tensor
    """(cuts H W, kernels x stem) sums over the taps on known pixels, for each way to cut the kernels short."""
    width: int
    """W"""


class OverlapReducer:
    """A trained `SpatialReducer`, for patches of `size` pixels. A corner is a patch's first row and column (N, 2)."""

    def __init__(self, reducer: SpatialReducer, *, size: int) -> None:
        self.reducer, self.size = reducer, size
        branches = list(reducer.block1.convs)  # each a convolution and its activation
        kernels = [branch.get_parameter("0.weight").detach() for branch in branches]
        self._taps = [rearrange(kernel, "o i h w -> (h w) i o").contiguous() for kernel in kernels]
        self._bias = torch.cat([branch.get_parameter("0.bias").detach() for branch in branches])
        self._activation = branches[0].get_submodule("1")
        self._reaches = [kernel.shape[-1] // 2 for kernel in kernels]
        # Pixels of a patch by how the widest kernel is cut there; a narrower one is cut alike at all pixels of a kind.
        cuts = [_taps_within(at, max(self._reaches), size) for at in range(size)]
        kinds = sorted(set(cuts), key=cuts.index)
        self._examples = [cuts.index(kind) for kind in kinds]
        kind = torch.tensor([kinds.index(cut) for cut in cuts])
        self._kind = (kind[:, None] * len(kinds) + kind).flatten()  # of each pixel of a patch

    def share(self, frame: Tensor, known: Tensor) -> Shared:
        """What patches share, of a frame (C, H, W) whose pixels are known (H, W) or have no say."""
        height, width = known.shape
        stem = self.reducer.conv0(torch.where(known, frame, 0)[None])[0] * known
        stem = rearrange(stem, "c h w -> (h w) c").contiguous()
        kinds, channels = len(self._examples), stem.shape[1]
        sums = stem.new_empty(kinds, kinds, height, width, len(self._taps) * channels)
        for taps, out, bias in zip(self._taps, sums.split(channels, dim=-1), self._bias.split(channels), strict=True):
            self._cut_sums(stem, taps, bias, out)
        return Shared(stem, sums.flatten(0, -2), width)

    def clear(self, shared: Shared, corners: Tensor) -> Tensor:
        """Features (N, latent side side) of patches without a gap."""
        pixels = self._pixels(shared, corners)
        return self._beyond(self._mix(shared.sums[self._picks(shared, pixels)]), shared.stem[pixels])

    def blank(self, fill: Tensor) -> Tensor:
        """Features (N, latent side side) of patches that are a gap all over, filled with `fill` (N, C)."""
        pixels = self.size**2
        sums = self._bias.expand((int(self._kind.max()) + 1) * pixels, -1)
        shared = Shared(sums.new_zeros(pixels, self._taps[0].shape[1]), sums, self.size)
        gaps = torch.ones(len(fill), self.size, self.size, dtype=torch.bool)
        return self.filled(shared, torch.zeros(len(fill), 2, dtype=torch.int64), gaps, fill)

    def filled(self, shared: Shared, corners: Tensor, gaps: Tensor, fill: Tensor) -> Tensor:
        """Features (N, latent side side) of patches whose gaps (N, size, size) are filled with `fill` (N, C)."""
        pixels = self._pixels(shared, corners)
        sums, stem = shared.sums[self._picks(shared, pixels)], shared.stem[pixels]
        vector = self.reducer.conv0(fill[:, :, None, None])[:, :, 0, 0]
        missing = gaps[:, None].to(vector.dtype)
        for i, (taps, reach) in enumerate(zip(self._taps, self._reaches, strict=True)):
            of_taps = torch.einsum("ni,kio->nko", vector, taps)
            on_gaps = unfold(missing, 2 * reach + 1, padding=reach).mT
            channels = slice(i * vector.shape[1], (i + 1) * vector.shape[1])
            sums[..., channels].baddbmm_(on_gaps, of_taps)
        stem = torch.addcmul(stem, missing.flatten(1)[:, :, None], vector[:, None])
        return self._beyond(self._mix(sums), stem)

    # ------------------------------------------------------------ inside
    def _cut_sums(self, stem: Tensor, taps: Tensor, bias: Tensor, out: Tensor) -> None:
        """Fill `out` (rows, cols, H, W, stem) with the sums over a kernel's taps, for each way to cut it."""
        side, height = int(len(taps) ** 0.5), out.shape[2]
        products = rearrange(stem @ taps, "(i j) (h w) c -> i j h w c", i=side, h=height)
        for row, by_rows in enumerate(self._cut_along(products, axis=1)):  # each (j, H, W, stem)
            for col, by_both in enumerate(self._cut_along(by_rows, axis=1)):
                torch.add(by_both, bias, out=out[row, col])

    def _cut_along(self, products: Tensor, *, axis: int) -> list[Tensor]:
        """For each kind of row (or column), the sum of `products` (taps, ...) of the taps that lie within the patch.

        Rolling brings each tap's product to the pixel it is for; what it carries over the frame's edge belongs to taps
        that no patch within the frame has.
        """
        reach = len(products) // 2
        shifted = [product.roll(reach - tap, dims=axis) for tap, product in enumerate(products)]

        @cache
        def total(first: int, after: int) -> Tensor:
            """Each sum is a shorter one and one tap more."""
            if after - first == 1:
                return shifted[first]
            if after < len(shifted):
                return total(first, after - 1) + shifted[after - 1]
            return total(first + 1, after) + shifted[first]

        return [total(*_taps_within(at, reach, self.size)) for at in self._examples]

    def _pixels(self, shared: Shared, corners: Tensor) -> Tensor:
        """The pixels of patches as rows of (H W): (N, size size)."""
        along = torch.arange(self.size)
        own = (along[:, None] * shared.width + along).flatten()
        return (corners[:, :1] * shared.width + corners[:, 1:]) + own

    def _picks(self, shared: Shared, pixels: Tensor) -> Tensor:
        """The rows of `shared.sums` that patches are made of: (N, size size)."""
        return self._kind * len(shared.stem) + pixels

    def _mix(self, sums: Tensor) -> Tensor:
        """What is left of the first block's convolutions: (..., kernels x stem) -> (..., stem)."""
        fusion = self.reducer.block1.fusion
        weight, bias = fusion.get_parameter("0.weight"), fusion.get_parameter("0.bias")
        return fusion.get_submodule("1")(linear(self._activation(sums), weight[:, :, 0, 0], bias))

    def _beyond(self, mixed: Tensor, stem: Tensor) -> Tensor:
        """The rest of the reducer: (N, size size, stem) twice -> (N, latent side side)."""
        maps = [rearrange(part, "n (h w) c -> n c h w", h=self.size) for part in (mixed, stem)]
        return self.reducer.beyond_convs(*maps).flatten(1)


def _taps_within(at: int, reach: int, size: int) -> Taps:
    """Which taps of a kernel fall within a patch of `size`, at its row (or column) `at`."""
    return max(0, reach - at), min(2 * reach + 1, reach + size - at)
