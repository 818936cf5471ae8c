"""The frames of a site, read window by window: what `models.inputs.prepare` makes of a whole cube, in bounded memory.

Which acquisitions are frames, and which radar acquisition each one takes, is decided once for the whole site; so a
window's values are the same however the site is cut.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.embedding.weights import told
from core.schema import S1_BANDS, S2_BANDS, InputError, NotFoundError, SiteInfo
from core.sources.grids import read_zarr
from core.sources.site import CUBE
from core.storage import verified
from core.store import SITE_FILE, content_digest, read_json
from models.inputs import (
    OPTICAL,
    RADAR,
    SPECKLE_FRAMES,
    Floats,
    Frames,
    days_of,
    despeckle,
    is_frame,
    nearest_in_time,
    scale_backscatter,
    scale_reflectance,
)
from models.sensors import get_sensor

if TYPE_CHECKING:
    import xarray as xr

SCAN_PIXELS = 256  # side of what is looked through at once: a chunk of a site cube
SCAN_DATES = 64

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Decided:
    """What was found out about a whole site, so that another process need not read all of it again."""

    info: SiteInfo
    digest: str  # of all the site's files
    frames: NDArray[np.intp]  # the optical acquisitions that are frames


class _Seen(threading.local):
    """The last place that this thread asked for."""

    place = (0, 0, 0, 0)
    seen: Bools = np.empty(0, dtype=bool)


class SiteFrames:
    """A published site, undamaged. T frames: the optical acquisitions with any valid pixel."""

    def __init__(self, folder: Path, decided: Decided | None = None) -> None:
        """With what was `decided` by another process, the site is neither checked nor looked through again."""
        if decided is None:
            verified(folder)
        if not (folder / CUBE).exists():
            raise NotFoundError("site", folder.name, "holds embeddings, no images", "choose a site with images")
        self.folder = folder
        # Its contract was checked when it was published; checking the values again would read the whole of it.
        self.cube: xr.Dataset = read_zarr(folder / CUBE)
        self.decided = decided or self._decide()
        self.info, self.digest, self._frames = self.decided.info, self.decided.digest, self.decided.frames
        self.times = self.cube["time"].values[self._frames]
        self.days = days_of(self.times)
        self.has_radar = all(band in self.cube for band in S1_BANDS)
        if self.has_radar:
            radar_days = days_of(self.cube["s1_time"].values)
            self._radar = nearest_in_time(self.days, radar_days)
            self.radar_days = radar_days[self._radar]
        self._further: dict[str, Frames] = {}
        self._last = _Seen()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.cube.sizes["y"], self.cube.sizes["x"]

    def present(self, names: Sequence[str]) -> list[str]:
        """Which of these sensors the site holds."""
        return [name for name in names if self._holds(name)]

    def overview(self, names: Sequence[str]) -> dict[str, Frames]:
        """Each sensor's dates with a single value that is NaN where the sensor saw nothing at all."""
        found = {}
        for name in self.present(names):
            if name == OPTICAL:
                known: Bools = np.ones(len(self.days), dtype=bool)
            elif name == RADAR:
                known = self._known("s1_time", S1_BANDS)[self._radar]
            else:
                known = is_frame(self._further[name].values)
            values = np.where(known, 1, np.nan).astype(np.float32)[:, None, None, None]
            found[name] = Frames(values, self._days(name))
        return found

    def seen(self, rows: slice, cols: slice) -> Bools:
        """Where any optical band is valid, at every frame: (T, rows, columns). The last place asked for is kept."""
        place, last = (rows.start, rows.stop, cols.start, cols.stop), self._last
        if place != last.place:
            last.seen, last.place = self._look(rows, cols), place
        return last.seen

    def window(self, names: Sequence[str], dates: slice, rows: slice, cols: slice) -> dict[str, Frames]:
        """Frames by sensor, of those among `names` that the site holds."""
        return {name: Frames(self._read(name, dates, rows, cols), self._days(name)[dates]) for name in names}

    # ------------------------------------------------------------ inside
    def _decide(self) -> Decided:
        info = SiteInfo.from_json(read_json(self.folder / SITE_FILE))
        frames = np.flatnonzero(self._known("time", S2_BANDS))
        if not len(frames):
            remedy = "check its cloud mask and fill value"
            raise InputError("site", info.id, "holds no valid optical pixel at any date", remedy)
        return Decided(info=info, digest=content_digest(self.folder), frames=frames)

    def _look(self, rows: slice, cols: slice) -> Bools:
        layers = [self.cube[band][:, rows, cols] for band in S2_BANDS]
        found = np.zeros((len(self._frames), *layers[0].shape[1:]), dtype=bool)
        for part in _steps(len(found), SCAN_DATES):
            for layer in layers:
                np.logical_or(found[part], np.isfinite(layer[self._frames[part]].values), out=found[part])
                if found[part].all():
                    break
        return found

    def _known(self, axis: str, bands: Sequence[str]) -> Bools:
        """Which acquisitions have any valid value. Most show it in the first band; only the others are read on."""
        known = np.zeros(self.cube.sizes[axis], dtype=bool)
        for part in _steps(len(known), SCAN_DATES):
            for rows in _steps(self.cube.sizes["y"], SCAN_PIXELS):
                for cols in _steps(self.cube.sizes["x"], SCAN_PIXELS):
                    for band in bands:
                        open_ones = part.start + np.flatnonzero(~known[part])
                        if not len(open_ones):
                            break
                        values = self.cube[band][open_ones, rows, cols].values
                        known[open_ones] = np.isfinite(values).any(axis=(1, 2))
        return known

    def _holds(self, name: str) -> bool:
        if name in {OPTICAL, RADAR}:
            return name == OPTICAL or self.has_radar
        if name not in self._further:
            self._read_further(name)
        return name in self._further

    def _read_further(self, name: str) -> None:
        """A registered sensor beside the Sentinels, on all dates; one that is alike at every pixel takes no room."""
        nothing = np.broadcast_to(np.float32(0), (len(self.days), 1, *self.shape))
        with told():
            found = get_sensor(name, others=(RADAR, OPTICAL)).read(self.folder, self.cube, Frames(nothing, self.days))
        if found is not None:
            self._further[name] = found

    def _days(self, name: str) -> NDArray[np.int64]:
        if name == OPTICAL:
            return self.days
        return self.radar_days if name == RADAR else self._further[name].days

    def _read(self, name: str, dates: slice, rows: slice, cols: slice) -> Floats:
        """(dates, C, rows, columns), scaled to 0..1."""
        if name == OPTICAL:
            return scale_reflectance(self._stacked(S2_BANDS, self._frames[dates], rows, cols))
        if name == RADAR:
            return self._read_radar(self._radar[dates], rows, cols)
        return self._further[name].values[dates, :, rows, cols]

    def _read_radar(self, wanted: NDArray[np.intp], rows: slice, cols: slice) -> Floats:
        reach = SPECKLE_FRAMES // 2
        first, after = max(0, int(wanted.min()) - reach), int(wanted.max()) + reach + 1
        decibels = self._stacked(S1_BANDS, slice(first, after), rows, cols)
        return scale_backscatter(despeckle(decibels)[wanted - first])

    def _stacked(self, bands: Sequence[str], dates: slice | NDArray[np.intp], rows: slice, cols: slice) -> Floats:
        return np.stack([self.cube[band][dates, rows, cols].values for band in bands], axis=1)


def _steps(length: int, step: int) -> Iterator[slice]:
    return (slice(first, min(first + step, length)) for first in range(0, length, step))
