"""The colours of Fluxscape, the same on every page. Only numpy: cheap to import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RAMP_STEPS = 256  # entries of a ramp: one a byte
DAYS_OF_YEAR = 366  # the cycle of `day_of_year_colours`; 31 December and 1 January are neighbours

# Anchors at even distances; straight lines in sRGB between them.
CYCLIC_ANCHORS = (  # winter blue, spring teal, summer green-gold, autumn rust, back to winter
    "#31519b",
    "#3784ad",
    "#46a08a",
    "#7fb04d",
    "#c2b93d",
    "#cf9440",
    "#b2614e",
    "#7c4a72",
    "#4d468f",
)
SEQUENTIAL_ANCHORS = ("#f6f2d4", "#cfdf9f", "#93c47a", "#52a25c", "#217a45", "#0b4d2e")  # bare to dense
DIVERGING_ANCHORS = (
    "#6b3a0d",
    "#b97a35",
    "#e6c795",
    "#ffffff",
    "#a5d5d3",
    "#3d938f",
    "#0a504f",
)  # below, normal, above

# Found by a search for the largest smallest distance under normal, deuteranope and protanope vision, grey kept free.
QUALITATIVE = (
    "#1f55ad",
    "#e6ce45",
    "#ac1c10",
    "#33d3dc",
    "#c080ee",
    "#7c884c",
    "#f2aca0",
    "#d07c1a",
    "#a01070",
    "#a2e080",
    "#1f8aac",
    "#7c4040",
)
MISSING = "#9aa0a6"  # missing or low trust, always as a hatch


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours that must stand out from a light or a dark page. The ramps and QUALITATIVE serve both."""

    name: str
    text: str
    muted: str  # secondary text, axes
    grid: str
    page: str  # what lies behind a figure; for outlines
    observed: str  # measured points
    filled: str  # gap-filled or guessed values: never as strong as observed
    predicted: str  # the one accent line
    band: str  # uncertainty around `predicted`
    held_out: str  # shade of a period kept from training
    cursor: str  # the current date
    vv: str
    vh: str
    rain: str
    warm: str  # temperature
    warm_band: str  # between the lowest and the highest of a day
    sun: str  # radiation
    clear: str  # a fully clear acquisition
    nothing: str  # a fully cloudy one, an empty cell


LIGHT = Theme(
    name="light",
    text="#26303a",
    muted="#5d6873",
    grid="#e2e6ea",
    page="#ffffff",
    observed="#1d2730",
    filled="#a3adb7",
    predicted="#d2541b",
    band="rgba(210, 84, 27, 0.18)",
    held_out="rgba(90, 100, 150, 0.14)",
    cursor="#e0662f",
    vv="#3f5fb5",
    vh="#a8741a",
    rain="#3f7fb5",
    warm="#b4553f",
    warm_band="rgba(180, 85, 63, 0.25)",
    sun="#c09a20",
    clear="#2f6fb0",
    nothing="#e6e9ec",
)
DARK = Theme(
    name="dark",
    text="#e4e8ec",
    muted="#a3adb7",
    grid="#343c46",
    page="#0e1117",
    observed="#eef2f5",
    filled="#76818c",
    predicted="#ff8a50",
    band="rgba(255, 138, 80, 0.22)",
    held_out="rgba(150, 160, 220, 0.18)",
    cursor="#e0662f",
    vv="#8ba6f2",
    vh="#dcab55",
    rain="#6db0e6",
    warm="#e58a72",
    warm_band="rgba(229, 138, 114, 0.3)",
    sun="#e2c14f",
    clear="#7cc0f5",
    nothing="#262d37",
)


def rgb(colour: str) -> tuple[int, int, int]:
    """Three bytes of a colour written #rrggbb."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ramp(anchors: Sequence[str], *, steps: int = RAMP_STEPS) -> NDArray[np.uint8]:
    """Colours (steps, 3) along the anchors, both ends included."""
    return _between(anchors, np.linspace(0, 1, steps))


def day_of_year_colours(days: ArrayLike) -> NDArray[np.uint8]:
    """Colours (n, 3) of days of the year 1..366; the year closes without a jump."""
    position = (np.asarray(days, dtype=float) - 1) / DAYS_OF_YEAR % 1
    return _between((*CYCLIC_ANCHORS, CYCLIC_ANCHORS[0]), position)


def lookup_table(anchors: Sequence[str]) -> NDArray[np.uint8]:
    """RGBA (256, 4) for bytes of values: entry 0 is transparent (missing), 1 to 255 run along the anchors."""
    table = np.zeros((RAMP_STEPS, 4), np.uint8)
    table[1:, :3] = ramp(anchors, steps=RAMP_STEPS - 1)
    table[1:, 3] = 255
    return table


def plotly_scale(anchors: Sequence[str]) -> list[tuple[float, str]]:
    """The anchors as plotly wants a colour scale."""
    return [
        (float(position), colour) for position, colour in zip(np.linspace(0, 1, len(anchors)), anchors, strict=True)
    ]


def _between(anchors: Sequence[str], position: NDArray[np.float64]) -> NDArray[np.uint8]:
    at = np.linspace(0, 1, len(anchors))
    bytes_of = np.array([rgb(colour) for colour in anchors], float)
    channels = [np.interp(position, at, bytes_of[:, channel]) for channel in range(3)]
    return np.round(np.stack(channels, axis=-1)).astype(np.uint8)
