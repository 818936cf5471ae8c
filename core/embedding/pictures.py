"""An embedding cube as pictures: false colour as frames of the player, and a map for each dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.embedding.colours import SPAN, Colours
from core.embedding.sample import Sample
from core.frames import Channel, Frames, Grid
from core.images import DEFAULT_BUDGET, block_around, rgba
from core.palette import DIVERGING_ANCHORS, RAMP_STEPS, lookup_table

if TYPE_CHECKING:
    import xarray as xr

KNOTS = 33  # ranks between which a map's colours run straight; odd: the middle one is white
FAINT = 70  # opacity of a colour that is not to be trusted, of 255: the grey hatch behind it shows through


def colour_frames(
    features: xr.DataArray,
    colours: Colours,
    share: NDArray[np.float32],
    *,
    doubtful: NDArray[np.bool_] | None = None,
    date: str | None = None,
    budget: int = DEFAULT_BUDGET,
) -> Frames:
    """False colour of `features` (feature, time, y, x); `share` (time,) of each date's pixels holds an embedding.

    `doubtful` (time, y, x) tells which pixel-dates shine faintly over the hatch. Blocks are as in `layer_frames`.
    """
    grid, dates = Grid.of(features), _dates(features)
    block = block_around(dates, date, frame_bytes=4 * grid.rows * grid.cols, budget=budget)
    pixels = rgba(list(colours.scores(features[:, block].values)), colours.channels)
    if doubtful is not None:
        pixels[..., 3][doubtful[block] & (pixels[..., 3] > 0)] = FAINT
    return Frames(
        dates=dates,
        clear_share=share,
        pixels=pixels,
        start=block.start,
        palette=None,
        channels=colours.channels,
        grid=grid,
        label=colours.label,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Maps:
    """Some dimensions as maps: brown below the middle of the whole cube, white at it, blue-green above it.

    Colours go by rank. `pixels` (n, K, rows, cols) are indices into `palette`, 0 = missing, of K dimensions at the n
    dates from the `start`-th on.
    """

    dates: NDArray[np.datetime64]
    start: int
    pixels: NDArray[np.uint8]
    channels: tuple[Channel, ...]
    grid: Grid

    @property
    def palette(self) -> NDArray[np.uint8]:
        """(256, 4) RGBA."""
        return lookup_table(DIVERGING_ANCHORS)

    @cached_property
    def digest(self) -> str:
        """Content key, as that of Frames."""
        return blake2b(self.pixels.tobytes() + repr((self.channels, self.grid)).encode(), digest_size=16).hexdigest()


def dimension_maps(
    features: xr.DataArray,
    sample: Sample,
    dims: Sequence[int],
    *,
    date: str | None = None,
    budget: int = DEFAULT_BUDGET // 2,
) -> Maps:
    """Maps of these dimensions, counted from 0: each pixel-date by its rank among all, so that tails hide nothing."""
    grid, dates = Grid.of(features), _dates(features)
    block = block_around(dates, date, frame_bytes=len(dims) * grid.rows * grid.cols, budget=budget)
    stretches = [_stretch(sample.values[:, dim]) for dim in dims]
    layers = [_ranked(features[dim, block].values, knots) for dim, knots in zip(dims, stretches, strict=True)]
    channels = tuple(
        Channel(f"dim {dim + 1}", float(knots[0]), float(knots[-1])) for dim, knots in zip(dims, stretches, strict=True)
    )
    return Maps(dates=dates, start=block.start, pixels=np.stack(layers, axis=1), channels=channels, grid=grid)


def _stretch(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Values at even ranks of the sample, from its lowest to its highest percent."""
    low, high = SPAN
    return np.percentile(values, np.linspace(low, high, KNOTS)) if values.size else np.linspace(-1, 1, KNOTS)


def _ranked(values: NDArray[np.float32], knots: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Palette indices 1..255 by the rank that a value would have in the sample, 0 where missing."""
    places = np.linspace(1, RAMP_STEPS - 1, KNOTS)
    if knots[-1] <= knots[0]:
        ranks = np.full(values.shape, places[KNOTS // 2])
    else:
        ranks = np.interp(np.nan_to_num(values), knots, places)
    return np.where(np.isfinite(values), np.rint(ranks), 0).astype(np.uint8)


def _dates(features: xr.DataArray) -> NDArray[np.datetime64]:
    return features["time"].values.astype("datetime64[D]")
