"""Stage 1 of the `paper` preset over overlapping windows of a sensor's frames, doing once what they share.

Frames pass by one after the other. Each is looked at once for all the windows it is in: a patch without a gap gives
them all the same values; one with gaps is filled differently in each. A window is finished with its last frame, so that
memory depends on the patches of a frame, not on the number of frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from models.autoencoder import Encoder
from models.gaps import Gaps
from models.overlap import OverlapReducer

PATCHES = 32  # computed at once: their maps stay in the processor's cache
WINDOWS = 256  # the same, behind the spatial reducer

Places = Mapping[int, Tensor]  # by date, the patches (n,) of the windows around it; see `Gaps` for how they are counted


class SlidingEncoder:
    """A trained `Encoder`, for all windows of a series of frames."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.size, self.reach = encoder, encoder.config.size, encoder.config.frames // 2
        self.reducer = OverlapReducer(encoder.dim_reducer, size=self.size)

    def encode(self, frames: Tensor, places: Places, day_gaps: Mapping[int, Tensor]) -> dict[int, Tensor]:
        """Frames (T, C, H, W) and, by date, patches (n,) and day gaps (T - 1,) -> bottlenecks (n, d) by date."""
        gaps = Gaps.of(frames, size=self.size)
        open_windows: dict[int, Tensor] = {}
        found = {}
        for frame in range(len(frames)):
            around = {date: places[date] for date in places if abs(date - frame) <= self.reach}
            features = self._look(gaps, frame, around) if around else {}
            for date, values in features.items():
                if date not in open_windows:
                    open_windows[date] = values.new_empty(len(values), self.encoder.config.frames, values.shape[1])
                open_windows[date][:, frame - date + self.reach] = values
            if (date := frame - self.reach) in open_windows:
                tokens = self._fill_blank(open_windows.pop(date), gaps, date, places[date])
                days = day_gaps[date].expand(len(tokens), -1)
                found[date] = _in_parts(WINDOWS, self.encoder.over_time, tokens, days)
        return found

    def _look(self, gaps: Gaps, frame: int, around: Places) -> dict[int, Tensor]:
        """Features (n, width) of a frame's patches in the windows of each date; of blank patches they are left open."""
        patches = torch.cat(list(around.values()))
        counts = [len(part) for part in around.values()]
        none, uneven = gaps.none[frame, patches], gaps.uneven[frame, patches]
        alike = ~(none | uneven | gaps.whole[frame, patches])
        features = torch.zeros(len(patches), self.encoder.config.width)
        if bool((none | alike).any()):
            shared = self.reducer.share(gaps.frames[frame], ~gaps.frames[frame].isnan().any(dim=0))
        if bool(none.any()):
            distinct, which = patches[none].unique(return_inverse=True)
            clear = _in_parts(PATCHES, lambda c: self.reducer.clear(shared, c), gaps.corners(distinct))
            features[none] = clear[which]
        if bool((alike | uneven).any()):
            fill = torch.cat([gaps.fill(self._window(date), part) for date, part in around.items()])
        if bool(alike.any()):
            corners, holes = gaps.corners(patches[alike]), gaps.cut(frame, patches[alike])[:, 0].isnan()
            features[alike] = _in_parts(
                PATCHES, lambda *part: self.reducer.filled(shared, *part), corners, holes, fill[alike]
            )
        if bool(uneven.any()):
            values = gaps.cut(frame, patches[uneven])
            values = torch.where(values.isnan(), fill[uneven][:, :, None, None], values)
            features[uneven] = _in_parts(PATCHES, self.encoder.dim_reducer, values).flatten(1)
        return dict(zip(around, features.split(counts), strict=True))

    def _fill_blank(self, tokens: Tensor, gaps: Gaps, date: int, patches: Tensor) -> Tensor:
        """Patches that are a gap all over are the same in all frames of a window that they are in."""
        blank = gaps.whole[self._window(date)][:, patches].T  # (n, T)
        rows = blank.any(dim=1)
        if bool(rows.any()):
            filled = _in_parts(PATCHES, self.reducer.blank, gaps.fill(self._window(date), patches[rows]))
            tokens[blank] = filled.repeat_interleave(blank[rows].sum(dim=1), dim=0)
        return tokens

    def _window(self, date: int) -> slice:
        return slice(date - self.reach, date + self.reach + 1)


def _in_parts(size: int, work: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """`work` on a few rows of the inputs at a time."""
    parts = zip(*(values.split(size) for values in inputs), strict=True)
    return torch.cat([work(*part) for part in parts])
