"""Everything that happened at a place: sudden losses and lasting changes of an embedding, told once each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.frames import Grid
from core.progress import Report
from core.schema import FluxscapeError
from core.trajectories.change import KIND as LASTING
from core.trajectories.change import LEAST, lasting_changes
from core.trajectories.losses import FALL, sudden_losses
from core.trajectories.paths import FEATURES
from core.trajectories.regions import SMALLEST, Event
from core.trajectories.sensors import usual_backscatter
from core.trajectories.vigour import VigourAxis, vigour_axis

if TYPE_CHECKING:
    import xarray as xr

SAME = 0.5  # of the pixels of one event that lie in the other
CLOSE = 30  # days between two spans of one event
READING, LOSSES = 0.5, 0.8  # share of the work that is done when all is read, and when losses are found


def find_events(
    embedding: xr.Dataset,
    cube: xr.Dataset | None = None,
    *,
    smallest: int = SMALLEST,
    axis: VigourAxis | None = None,
    report: Report = lambda share: None,
) -> tuple[list[Event], tuple[str, ...]]:
    """Events of a whole embedding by date, and a sentence on each thing that could not be told.

    `cube` is the site cube: with it the axis of vigour follows NIRv, and its thresholds have a unit.
    `axis` is the axis of both, where it is known already.
    """
    axis = axis or vigour_axis(embedding, cube)
    days = embedding["time"].values
    vigour = read_vigour(embedding, axis, report=lambda share: report(READING * share))
    pixel_m = Grid.of(embedding).pixel_width
    lost = sudden_losses(
        vigour,
        days,
        fall=None if axis.r2 is None else FALL,
        latitude=latitude_of(embedding),
        radar=None if cube is None else usual_backscatter(cube, embedding),
        pixel_m=pixel_m,
        smallest=smallest,
    )
    report(LOSSES)
    least = None if axis.r2 is None else LEAST
    try:
        lasting = lasting_changes(vigour, days, least=least, pixel_m=pixel_m, smallest=smallest)
        remarks: tuple[str, ...] = ()
    except FluxscapeError as error:
        lasting, remarks = [], (f"Lasting changes were not sought: {error}",)
    return once_each(lost, lasting), remarks


def read_vigour(embedding: xr.Dataset, axis: VigourAxis, *, report: Report = lambda share: None) -> NDArray[np.float32]:
    """Vigour (t, rows, cols) of all pixels, date by date."""
    layer = embedding[FEATURES].transpose("feature", "time", "y", "x")
    step = max(1, 32_000_000 // (layer.sizes["feature"] * layer.sizes["y"] * layer.sizes["x"]))
    parts = []
    for first in range(0, layer.sizes["time"], step):
        parts.append(axis.read(layer.isel(time=slice(first, first + step)).values))
        report(min(1.0, (first + step) / layer.sizes["time"]))
    return np.concatenate(parts)


def latitude_of(embedding: xr.Dataset) -> float | None:
    """Degrees north of the middle; None where the embedding does not say where it lies."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    try:
        crs = CRS.from_user_input(str(embedding.attrs.get("crs", "")))
        to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        found = to_degrees.transform(float(embedding["x"].mean()), float(embedding["y"].mean()))[1]
    except ProjError:
        return None
    return float(found) if np.isfinite(found) else None


def once_each(lost: Sequence[Event], lasting: Sequence[Event]) -> list[Event]:
    """Both lists as one, by date: a loss that lasts is told once, as a lasting change with the loss's dates."""
    found = list(lost)
    for change in lasting:
        same = [place for place, loss in enumerate(found) if _same(loss, change)]
        for place in same:
            found[place] = replace(found[place], kind=LASTING)
        covered = np.zeros_like(change.mask)
        for place in same:
            covered |= found[place].mask
        if (covered & change.mask).sum() < SAME * change.pixels:
            found.append(change)
    return sorted(found, key=lambda event: (event.date, -event.pixels))


def _same(one: Event, two: Event) -> bool:
    apart = max(np.datetime64(one.first), np.datetime64(two.first)) - min(
        np.datetime64(one.last), np.datetime64(two.last)
    )
    shared = int((one.mask & two.mask).sum())
    return bool(apart <= np.timedelta64(CLOSE, "D")) and shared >= SAME * min(one.pixels, two.pixels)
