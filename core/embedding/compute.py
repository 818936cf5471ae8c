"""One block of a result. It needs nothing but the plan, so that any process may compute it, in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.embedding import trust
from core.embedding.draft import FEATURES
from core.embedding.layout import Block
from core.embedding.plan import Plan
from models.inputs import DB_RANGE, OPTICAL, RADAR, Frames

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

CONTEXT, SINCE, GAP, ERROR = "context_share", "days_since_clear", "sensor_gap", "error"
ERRORS: Mapping[str, tuple[str, float]] = {  # unit, and how much of it is 1 on the scale that models see
    OPTICAL: ("reflectance", 1.0),
    RADAR: ("dB", DB_RANGE[1] - DB_RANGE[0]),
}


def layers(plan: Plan) -> dict[str, Mapping[str, str]]:
    """The layers of a result, with what each says of itself."""
    errors = {
        f"{ERROR}_{name}": {
            "long_name": f"mean error over the bands of {name}, rebuilt from the embedding",
            "units": ERRORS[name][0],
        }
        for name in _judged(plan)
    }
    return {
        FEATURES: {"long_name": "embedding", "units": "1"},
        CONTEXT: {"long_name": "share of the window around it that was seen by the optical sensor", "units": "1"},
        SINCE: {"long_name": "days since the pixel was last seen before this date", "units": "day"},
        GAP: {"long_name": "days between the optical and the radar view", "units": "day"},
        **errors,
    }


def compute(plan: Plan, block: Block) -> dict[str, Floats]:
    """`features` (feature, dates, rows, columns) and the trust layers (dates, rows, columns) of a block.

    Pixel-dates that the optical sensor did not see are NaN in `features` and in the errors.
    """
    view = View.of(plan, block)
    seen = plan.frames.seen(view.rows, view.cols)
    frames = plan.frames.window(plan.sensors, view.around, view.rows, view.cols)
    clear = seen[(view.dates, *view.inner)]
    return {
        CONTEXT: _context_share(plan, view, seen),
        SINCE: trust.days_since_clear(seen[(slice(None), *view.inner)], plan.frames.days, view.dates),
        GAP: _sensor_gap(plan, view, frames, clear.shape),
        **_embedded(plan, view, frames, clear),
    }


class View(NamedTuple):
    """A block and all that its embeddings depend on, in the site's own frames, rows and columns."""

    dates: slice  # of the block
    around: slice  # dates of what is read
    rows: slice
    cols: slice
    wanted: slice  # the block's dates among those read
    inner: tuple[slice, slice]  # the block's rows and columns among those read

    @classmethod
    def of(cls, plan: Plan, block: Block) -> View:
        places = zip(
            plan.extent,
            (block.dates, block.rows, block.cols),
            (plan.weights.reach, plan.weights.radius, plan.weights.radius),
            (len(plan.frames.days), *plan.frames.shape),
            strict=True,
        )
        own, read, within = [], [], []
        for whole, part, margin, size in places:
            first, after = whole.start + part.start, whole.start + part.stop
            read.append(slice(max(0, first - margin), min(size, after + margin)))
            own.append(slice(first, after))
            within.append(slice(first - read[-1].start, after - read[-1].start))
        return cls(own[0], read[0], read[1], read[2], within[0], (within[1], within[2]))


def _embedded(plan: Plan, view: View, frames: Mapping[str, Frames], clear: Bools) -> dict[str, Floats]:
    """The embeddings and, if asked for, how much of each sensor they miss."""
    size, judged = plan.weights.embedder.size, _judged(plan)
    if not clear.any():
        nothing = np.full(clear.shape, np.nan, dtype=np.float32)
        return {FEATURES: np.stack([nothing] * size), **{f"{ERROR}_{name}": nothing for name in judged}}
    wanted = np.zeros((len(clear), view.rows.stop - view.rows.start, view.cols.stop - view.cols.start), dtype=bool)
    wanted[(..., *view.inner)] = clear
    features, rebuilt = plan.weights.embedder(frames, view.wanted, wanted, plan.error)
    found = {FEATURES: features[(..., *view.inner)].swapaxes(0, 1)}
    for name in judged:
        observed = frames[name].values[(view.wanted, slice(None), *view.inner)]
        found[f"{ERROR}_{name}"] = _missed(rebuilt[name][(..., *view.inner)], observed) * ERRORS[name][1]
    return {name: np.where(clear, values, np.nan).astype(np.float32) for name, values in found.items()}


def _judged(plan: Plan) -> list[str]:
    """The sensors whose reconstruction error is asked for."""
    return [name for name in plan.sensors if name in ERRORS] if plan.error else []


def _missed(rebuilt: Floats, observed: Floats) -> Floats:
    """Mean absolute difference over the bands that were seen, NaN where none was: (T, C, H, W) twice -> (T, H, W)."""
    off = np.abs(rebuilt - observed)
    known = np.isfinite(off)
    count = known.sum(axis=1)
    mean = np.where(known, off, 0).sum(axis=1) / np.maximum(count, 1)
    return np.asarray(np.where(count > 0, mean, np.nan))


def _context_share(plan: Plan, view: View, seen: Bools) -> Floats:
    """What lies beyond the site, and before its first or after its last frame, counts as not seen."""
    sensors = plan.weights.embedder.sensors
    window = next((sensor for sensor in sensors if sensor.name == OPTICAL), sensors[0])
    margins = (window.frames // 2, window.size // 2, window.size // 2)
    cuts, pads = [], []
    for part, margin, length in zip((view.dates, *view.inner), margins, seen.shape, strict=True):
        first, after = part.start - margin, part.stop + margin
        cuts.append(slice(max(0, first), min(length, after)))
        pads.append((max(0, -first), max(0, after - length)))
    return trust.context_share(np.pad(seen[tuple(cuts)], pads), frames=window.frames, size=window.size)


def _sensor_gap(plan: Plan, view: View, frames: Mapping[str, Frames], shape: tuple[int, ...]) -> Floats:
    """NaN everywhere at a site or in a model without radar."""
    if RADAR not in frames:
        return np.full(shape, np.nan, dtype=np.float32)
    radar = frames[RADAR]
    seen = np.isfinite(radar.values[(view.wanted, slice(None), *view.inner)])
    return trust.sensor_gap(np.any(seen, axis=1), radar.days[view.wanted], plan.frames.days[view.dates])
