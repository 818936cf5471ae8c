"""A site cube as pictures: one date as RGBA, all dates as the frames of a player.

Stretches are decided once per cube, over its clear dates, so that two dates can be compared by eye. NaN is
transparent; whoever draws the picture puts a grey hatch behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.frames import Channel, Frames, Grid, nearest_date
from core.palette import DIVERGING_ANCHORS, SEQUENTIAL_ANCHORS, lookup_table
from core.schema import InputError

if TYPE_CHECKING:
    import xarray as xr

DEFAULT_BUDGET = 24_000_000  # bytes of pixels sent to the browser at once
PERCENTILES = (1.0, 99.0)  # %, what a stretch spans: haze, shadow and glint beyond them saturate
BRIGHT_BLUE = 0.2  # reflectance (1); brighter in B02 is snow or leftover cloud, which decides no stretch
OPTICAL_GAMMA = 1.5  # lifts dark canopies: half the brightness at a third of the range
SAMPLE = 200_000  # values a percentile is taken from: enough for 0.1 %, and the same whatever the cube's size
CLEAR_ENOUGH = 0.5  # of the clearest date's share: dates that decide the stretch
BOTH_SIGNS = 0.2  # a quantity is diverging where its smaller side reaches this share of the larger one

# Red, green and blue of each picture. "VV-VH" is the difference of the two in dB. An index goes through `value_frames`.
LAYERS: Mapping[str, tuple[str, str, str]] = {
    "true colour": ("B04", "B03", "B02"),
    "false colour": ("B08", "B04", "B03"),
    "shortwave infrared": ("B12", "B8A", "B04"),
    "radar": ("VV", "VH", "VV-VH"),
}
STAND_INS: Mapping[str, tuple[str, str, str]] = {  # for cubes without the bands of any other optical picture
    "infrared and red": ("B08", "B04", "B04"),
    "red": ("B04", "B04", "B04"),
}
RADAR = "radar"


def bands_seen(cube: xr.Dataset) -> set[str]:
    """The bands that hold a value at any date."""
    return {str(name) for name, band in cube.data_vars.items() if any(np.isfinite(one).any() for one in band.values)}


def layers_of(cube: xr.Dataset) -> list[str]:
    """The `LAYERS` this cube has the bands for, the one to begin with first."""
    there = bands_seen(cube)
    usual, stand_ins = (
        [layer for layer, terms in layers.items() if set("-".join(terms).split("-")) <= there]
        for layers in (LAYERS, STAND_INS)
    )
    return usual if set(usual) - {RADAR} else [*stand_ins[:1], *usual]


def layer_frames(cube: xr.Dataset, layer: str, *, date: str | None = None, budget: int = DEFAULT_BUDGET) -> Frames:
    """Frames of a composite of bands: one of `LAYERS`; optical ones are on `time`, radar on `s1_time`.

    Where all dates would take more than `budget` bytes, only the block of dates around `date` is held. Blocks do not
    depend on `date` but by which one it picks, so that they can be cached; one holds at least a single date.
    """
    bands = _bands(cube, layer)
    grid, dates, share = Grid.of(cube), _dates(bands[0]), _share(*bands)
    block = block_around(dates, date, frame_bytes=4 * grid.rows * grid.cols, budget=budget)
    channels = _channels(cube, bands, share)
    pixels = rgba([band.values[block] for band in bands], channels)
    return Frames(
        dates=dates,
        clear_share=share,
        pixels=pixels,
        start=block.start,
        palette=None,
        channels=channels,
        grid=grid,
        label=layer,
    )


def value_frames(
    values: xr.DataArray,
    *,
    label: str,
    unit: str = "",
    limits: tuple[float, float] | None = None,
    date: str | None = None,
    budget: int = DEFAULT_BUDGET,
) -> Frames:
    """Frames of one quantity on (time or s1_time, y, x), NaN = missing: an index, GPP, an anomaly.

    Sequential green where the values lie on one side of zero, diverging and symmetric about it where both signs count.
    Without `limits` the colours span robust percentiles of all dates; blocks are as in `layer_frames`.
    """
    grid, dates, share = Grid.of(values), _dates(values), _share(values)
    block = block_around(dates, date, frame_bytes=grid.rows * grid.cols, budget=budget)
    low, high = limits if limits is not None else _percentiles(values.values, share)
    anchors = DIVERGING_ANCHORS if _is_diverging(low, high) else SEQUENTIAL_ANCHORS
    if anchors is DIVERGING_ANCHORS:
        low, high = -max(-low, high), max(-low, high)
    channel = Channel(label, low, high, unit)
    return Frames(
        dates=dates,
        clear_share=share,
        pixels=_indexed(values.values[block], channel),
        start=block.start,
        palette=lookup_table(anchors),
        channels=(channel,),
        grid=grid,
        label=label,
    )


def picture(cube: xr.Dataset, index: int, layer: str) -> NDArray[np.uint8]:
    """RGBA (rows, cols, 4) of the date at `index` of a composite layer, stretched as all dates of the cube are."""
    bands = _bands(cube, layer)
    return rgba([band.values[index] for band in bands], _channels(cube, bands, _share(*bands)))


# ---------------------------------------------------------------- from values to bytes
def rgba(bands: list[NDArray[np.float32]], channels: tuple[Channel, ...]) -> NDArray[np.uint8]:
    """Three bands (..., rows, cols) as RGBA (..., rows, cols, 4); a pixel lacking one band is transparent black."""
    seen = np.isfinite(bands[0]) & np.isfinite(bands[1]) & np.isfinite(bands[2])
    pixels = np.zeros((*bands[0].shape, 4), np.uint8)
    for position, (band, channel) in enumerate(zip(bands, channels, strict=True)):
        pixels[..., position] = np.where(seen, _scaled(band, channel, first=0), 0)
    pixels[..., 3] = np.where(seen, 255, 0)
    return pixels


def _indexed(values: NDArray[np.float32], channel: Channel) -> NDArray[np.uint8]:
    """Values as palette indices 1..255 between the limits, 0 where missing."""
    return np.where(np.isfinite(values), _scaled(values, channel, first=1), 0).astype(np.uint8)


def _scaled(values: NDArray[np.float32], channel: Channel, *, first: int) -> NDArray[np.uint8]:
    """Bytes `first`..255 of values; what lies beyond the limits saturates, NaN is `first`."""
    part = np.clip(np.nan_to_num((values - channel.low) / (channel.high - channel.low)), 0, 1)
    if channel.gamma != 1:
        part **= 1 / channel.gamma
    return (part * (255 - first) + (first + 0.5)).astype(np.uint8)


# ---------------------------------------------------------------- stretch, dates, blocks
def _bands(cube: xr.Dataset, layer: str) -> list[xr.DataArray]:
    composites = {**LAYERS, **STAND_INS}
    if layer not in composites:
        raise InputError("layer", layer, "is not known", f"use one of {', '.join(LAYERS)}")
    if layer not in layers_of(cube):
        raise InputError("layer", layer, "needs bands this cube lacks", f"use one of {', '.join(layers_of(cube))}")
    return [_band(cube, term) for term in composites[layer]]


def _band(cube: xr.Dataset, term: str) -> xr.DataArray:
    first, _, second = term.partition("-")
    band = cube[first] - cube[second] if second else cube[first]
    return band.rename(term)


def _channels(cube: xr.Dataset, bands: list[xr.DataArray], share: NDArray[np.float32]) -> tuple[Channel, ...]:
    """The stretch of each band over all clear dates; in optical bands snow and leftover cloud do not count."""
    if bands[0].dims[0] == "s1_time":
        return tuple(Channel(str(band.name), *_percentiles(band.values, share), unit="dB") for band in bands)
    dim = cube["B02"].values <= BRIGHT_BLUE
    dim = dim if dim.any() else np.ones_like(dim)
    limits = [_percentiles(np.where(dim, band.values, np.nan), share) for band in bands]
    return tuple(Channel(str(band.name), *ends, gamma=OPTICAL_GAMMA) for band, ends in zip(bands, limits, strict=True))


def _percentiles(values: NDArray[np.float32], share: NDArray[np.float32]) -> tuple[float, float]:
    """Robust limits over the clear dates of values (t, rows, cols); never equal."""
    clear = values[share >= CLEAR_ENOUGH * share.max()].ravel()
    sample = clear[:: max(1, clear.size // SAMPLE)]
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        raise InputError("values", "NaN", "are missing at every date", "check the cloud mask and the fill value")
    low, high = (float(limit) for limit in np.percentile(sample, PERCENTILES))
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _is_diverging(low: float, high: float) -> bool:
    return low < 0 < high and min(-low, high) >= BOTH_SIGNS * max(-low, high)


def _dates(values: xr.DataArray) -> NDArray[np.datetime64]:
    return values[values.dims[0]].values.astype("datetime64[D]")


def _share(*bands: xr.DataArray) -> NDArray[np.float32]:
    """Share of the pixels of each date (t,) that every band has."""
    seen = np.logical_and.reduce([np.isfinite(band.values) for band in bands])
    return seen.mean(axis=(1, 2), dtype=np.float32)


def block_around(dates: NDArray[np.datetime64], date: str | None, *, frame_bytes: int, budget: int) -> slice:
    """The dates to hold: all, or the block of as many as the budget allows that has the date nearest to `date`."""
    size = max(1, budget // frame_bytes)
    if size >= dates.size:
        return slice(0, dates.size)
    start = (0 if date is None else nearest_date(dates, date)) // size * size
    return slice(start, min(start + size, dates.size))
