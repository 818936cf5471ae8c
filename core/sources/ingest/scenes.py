"""Acquisitions: which pieces of which files were taken together, on which day, and how they become one image a day.

Pieces taken within ten minutes on one day are one scene, as neighbouring tiles of one overpass are. A pixel takes the
first piece that has a value there. Of several scenes of one day it takes the first in which the ground is seen, of
radar their mean in linear power; the day counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.schema import BACKSCATTER_RANGE, REFLECTANCE_RANGE
from core.sources.embeddings.grid import Grid, Place, located, taken, window
from core.sources.embeddings.stack import Floats
from core.sources.ingest.layers import Layer
from core.sources.ingest.mapping import AS_NAMED, DECIBEL, SCALED, Entry, Mapping
from core.sources.ingest.words import CLOUD_ROLES, SCENE_CLASSES, is_optical, is_radar

TOGETHER = np.timedelta64(
    10, "m"
)  # longest gap between neighbouring tiles of one overpass; orbits are 98 minutes apart
SHIFT = 0.1  # reflectance that processing baseline 04.00 added
LEAST_POWER = 1e-5  # -50 dB, below the noise of any radar
SCALED_RANGE = (-30.0, 35.0)  # dB at 0, dB from 0 to 1, of radar scaled as the paper's cubes are (arXiv 2511.11706)
HELD_MASKS = 64
SEEN_WORDS = ("clear", "free_sky", "vegetation", "land", "water", "snow", "ice", "soil", "vegetated")

Band = Callable[[int, str], Floats]


class Piece(NamedTuple):
    """One image of one layer."""

    layer: Layer
    entry: Entry
    turn: int  # of its date in the layer

    @property
    def time(self) -> np.datetime64:
        return self.layer.stack.times[self.turn]


@dataclass(frozen=True, eq=False)
class Scene:
    """What was taken in one overpass."""

    day: np.datetime64
    pieces: dict[str, list[Piece]] = field(default_factory=dict)  # by role


def optical_days(layers: Sequence[Layer], mapping: Mapping) -> list[list[Scene]]:
    """The scenes of each day with an optical band, in order."""
    clouds = mapping.cloud_role
    scenes = _scenes(_pieces(layers, mapping, lambda role: is_optical(role) or role == clouds))
    days = _by_day(scenes)
    for day in days:
        _share_clouds(day, clouds)
    seen = [[scene for scene in day if any(is_optical(role) for role in scene.pieces)] for day in days]
    return [day for day in seen if day]


def radar_days(layers: Sequence[Layer], mapping: Mapping) -> list[list[Scene]]:
    """The scenes of each day with a radar band, in order."""
    return _by_day(_scenes(_pieces(layers, mapping, is_radar)))


def _pieces(layers: Sequence[Layer], mapping: Mapping, wanted: Callable[[str], bool]) -> list[Piece]:
    entries = {entry.layer: entry for entry in mapping.entries}
    found = [
        Piece(layer, entries[layer.name], index)
        for layer in layers
        if entries[layer.name].role and wanted(entries[layer.name].role)
        for index in range(len(layer.stack.times))
    ]
    finest: dict[str, float] = {}
    for piece in found:
        finest[piece.entry.role] = min(piece.layer.pixel, finest.get(piece.entry.role, np.inf))
    dated = [piece for piece in found if not np.isnat(piece.time)]
    return sorted(dated, key=lambda piece: (piece.time, piece.layer.pixel > 1.01 * finest[piece.entry.role]))


def _scenes(pieces: Sequence[Piece]) -> list[Scene]:
    scenes: list[Scene] = []
    last: np.datetime64 = np.datetime64("NaT")
    for piece in pieces:
        day = piece.time.astype("datetime64[D]")
        if not scenes or scenes[-1].day != day or piece.time - last > TOGETHER:
            scenes.append(Scene(day))
        scenes[-1].pieces.setdefault(piece.entry.role, []).append(piece)
        last = piece.time
    return scenes


def _by_day(scenes: Sequence[Scene]) -> list[list[Scene]]:
    days: dict[np.datetime64, list[Scene]] = {}
    for scene in scenes:
        days.setdefault(scene.day, []).append(scene)
    return list(days.values())


def _share_clouds(day: Sequence[Scene], clouds: str) -> None:
    """Scenes whose clouds are dated otherwise, such as at midnight, take those of their day."""
    whole = [piece for scene in day for piece in scene.pieces.get(clouds, [])]
    for scene in day:
        if clouds and clouds not in scene.pieces and whole:
            scene.pieces[clouds] = whole


# ---------------------------------------------------------------- pixels
class Painter:
    """The pixels of days on the one grid of a site."""

    def __init__(self, grid: Grid, mapping: Mapping) -> None:
        self.grid, self.mapping = grid, mapping
        self._seen = lru_cache(maxsize=HELD_MASKS)(self._look)
        self._places: dict[tuple[object, ...], Place | None] = {}  # by the grid of a file: many share one

    def optical(self, scenes: Sequence[Scene], band: str) -> Floats:
        """Reflectance (rows, columns) of a day, NaN where the ground is not seen."""
        image = self._empty()
        for scene in scenes:
            values = np.where(self._seen(scene), self._mosaic(scene, band, self._reflectance), np.float32(np.nan))
            image = np.where(np.isfinite(image), image, values)
        low, high = REFLECTANCE_RANGE
        return np.where((image >= low) & (image <= high), image, np.float32(np.nan))

    def radar(self, scenes: Sequence[Scene], band: str) -> Floats:
        """Backscatter (rows, columns) of a day in dB: the mean of its scenes in linear power."""
        power = [self._mosaic(scene, band, _power) for scene in scenes]
        known = np.isfinite(power)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(known, power, 0).sum(axis=0) / known.sum(axis=0)
            decibels = 10 * np.log10(np.maximum(mean, LEAST_POWER))
        return np.clip(decibels, *BACKSCATTER_RANGE).astype(np.float32)

    def _look(self, scene: Scene) -> NDArray[np.bool_]:
        """Where the ground is seen, by whatever tells it; everywhere if nothing does."""
        role = self.mapping.cloud_role
        if role not in scene.pieces:
            return np.ones((len(self.grid.y), len(self.grid.x)), dtype=bool)
        return self._mosaic(scene, role, self._view) > 0

    def _mosaic(self, scene: Scene, role: str, values: Callable[[Piece, Floats], Floats]) -> Floats:
        image = self._empty()
        for piece in scene.pieces.get(role, []):
            missing = ~np.isfinite(image)
            if not missing.any():
                break
            stored = self._placed(piece)
            if stored is not None:
                image = np.where(missing, values(piece, stored), image)
        return image

    def _placed(self, piece: Piece) -> Floats | None:
        """The stored numbers of a piece on the grid, NaN beyond it; None if it lies elsewhere."""
        stack = piece.layer.stack
        if stack.lattice not in self._places:
            self._places[stack.lattice] = located(stack, self.grid, slice(None), slice(None))
        place = self._places[stack.lattice]
        if place is None:
            return None
        rows, cols = window(place)
        read = stack.read(slice(piece.turn, piece.turn + 1), rows, cols)[0, 0]
        return taken(stack, place, read, (rows.start, cols.start))

    def _reflectance(self, piece: Piece, stored: Floats) -> Floats:
        entry, since = piece.entry, self.mapping.shifted_from
        value = _scaled(entry, stored)
        if since == AS_NAMED:
            counts = entry.scale != 1 or piece.layer.integer
            shifted = bool(piece.layer.shifted) and counts
        else:
            shifted = bool(since) and bool(piece.time >= np.datetime64(since))
        return value - np.float32(SHIFT) if shifted else value

    def _view(self, piece: Piece, stored: Floats) -> Floats:
        """1 where the ground is seen, 0 where not, NaN where the file says nothing."""
        known = np.isfinite(_scaled(piece.entry, stored))
        if piece.entry.role == SCENE_CLASSES:
            seen = ~np.isin(stored, self.mapping.unusable)
        elif piece.entry.role == CLOUD_ROLES[1] and piece.layer.flags:
            flags = piece.layer.flags.items()
            seen = np.isin(stored, [value for value, word in flags if _is_seen(word)])
        else:
            seen = (stored > 0) == (piece.entry.role != CLOUD_ROLES[1])
        return np.where(known, seen, np.nan).astype(np.float32)

    def _empty(self) -> Floats:
        return np.full((len(self.grid.y), len(self.grid.x)), np.nan, dtype=np.float32)


def _is_seen(word: str) -> bool:
    word = word.lower()
    return any(part in word for part in SEEN_WORDS) and "not_clear" not in word


def _scaled(entry: Entry, stored: Floats) -> Floats:
    known = stored if entry.missing is None else np.where(stored == np.float32(entry.missing), np.nan, stored)
    return (known * entry.scale + entry.offset).astype(np.float32)


def _power(piece: Piece, stored: Floats) -> Floats:
    """Backscatter in linear power; what is not above 0 there is missing."""
    value = _scaled(piece.entry, stored).astype(np.float64)
    if piece.entry.unit == SCALED:
        value = value * SCALED_RANGE[1] + SCALED_RANGE[0]
    if piece.entry.unit in (DECIBEL, SCALED):
        return np.where((value >= -100) & (value <= 100), 10 ** (value / 10), np.nan)
    return np.where(value > 0, value, np.nan)
