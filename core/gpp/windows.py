"""From frames to samples: a target, and what is known in the window of days that ends on its day.

Nothing here looks at other samples or later days, and nothing is learnt: what is filled, scaled or chosen is the
business of a regressor, which sees its training days only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.gpp.columns import PRODUCTS
from core.gpp.frames import Frame, Frames
from core.schema import InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.floating]
LONGEST = 120  # days
TOKEN_DAYS = 5  # days that share a token of a sequence model: the revisit time of Sentinel-2
DAILY_STEP = 2  # days between a table's rows up to which it counts as a daily series
USUAL = 45  # days of the window of a daily series, unless said otherwise
OF_SAMPLES = ("y", "days", "sites", "classes", "quality")
TODAY, EMPTY = "latest", -1
LIGHT = "light use"  # the group of products of greenness and radiation


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """What regressors see of n samples.

    `flat` (n, p): a column a feature and lag. `tokens` (n, k, c): means of spans of the window, oldest first, NaN
    where nothing was seen; `positions` (n, k): the day of each in the window, window - 1 = the target's, EMPTY = none.
    """

    flat: Floats
    names: tuple[str, ...]  # of the flat columns
    groups: tuple[str, ...]  # of the flat columns: "bands", "weather", ...
    lags: tuple[str, ...]  # of the flat columns: "latest", "mean of 45 days", ...
    tokens: NDArray[np.float32]
    positions: NDArray[np.int64]
    channels: tuple[str, ...]  # of the tokens
    channel_groups: tuple[str, ...]
    window: int  # days

    def __len__(self) -> int:
        return len(self.flat)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Design:
        return replace(self, flat=self.flat[rows], tokens=self.tokens[rows], positions=self.positions[rows])

    def mixed(self, order: NDArray[np.intp], *, group: str | None = None, lag: str | None = None) -> Design:
        """With a group's columns, or a lag's, taken from other samples (`order`): what the others tell is lost."""
        flat, tokens = self.flat.copy(), self.tokens.copy()
        columns = [i for i in range(flat.shape[1]) if group == self.groups[i] or lag == self.lags[i]]
        flat[:, columns] = flat[order][:, columns]
        if group is not None:
            chosen = [i for i, name in enumerate(self.channel_groups) if name == group]
            tokens[..., chosen] = tokens[order][..., chosen]
        elif lag is not None:
            part = self._tokens_of(lag)
            tokens[:, part] = tokens[order][:, part]
        return replace(self, flat=flat, tokens=tokens)

    def _tokens_of(self, lag: str) -> slice:
        count = self.tokens.shape[1]
        if lag == TODAY:
            return slice(count - 1, count)
        return slice(0, max(1, count // 2)) if str(self.window) in lag else slice(max(0, count // 2), max(1, count - 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """n days with a target. `nirv` and `radiation` are for the baselines, None where there are none."""

    y: Floats  # gC m-2 d-1
    days: NDArray[np.datetime64]  # datetime64[D]
    sites: NDArray[np.str_]
    classes: NDArray[np.str_]
    quality: Floats
    design: Design
    nirv: Floats | None
    radiation: Floats | None

    def __len__(self) -> int:
        return len(self.y)

    @property
    def years(self) -> NDArray[np.int64]:
        return self.days.astype("datetime64[Y]").astype(np.int64) + 1970

    @property
    def doy(self) -> NDArray[np.int64]:
        """Day of the year, 0 to 365."""
        return (self.days - self.days.astype("datetime64[Y]")).astype(np.int64)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Samples:
        parts: dict[str, Any] = {name: getattr(self, name)[rows] for name in OF_SAMPLES}
        beside: dict[str, Any] = {name: _taken(getattr(self, name), rows) for name in ("nirv", "radiation")}
        return replace(self, **parts, **beside, design=self.design.take(rows))


def _taken(values: Floats | None, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Floats | None:
    return None if values is None else values[rows]


def usual_window(frames: Frames) -> int:
    """Days of the window unless said otherwise: 1 where rows are far apart, for then a window holds nothing more."""
    steps = [np.diff(np.flatnonzero(frame.features.notna().any(axis=1))) for frame in frames.frames]
    every = np.concatenate([step for step in steps if step.size] or [np.array([USUAL])])
    return USUAL if np.median(every) <= DAILY_STEP else 1


def make_samples(frames: Frames, window: int | None = None) -> Samples:
    """Every day with a target, and the window of `window` days that ends on it."""
    window = usual_window(frames) if window is None else window
    if not 1 <= window <= LONGEST:
        raise InputError("--window", window, "is no window", f"give 1 to {LONGEST} days")
    parts = [_of_frame(frame, frames, window) for frame in frames.frames if frame.target.notna().any()]
    design = _stacked([part.design for part in parts])
    whole: dict[str, Any] = {
        name: np.concatenate([getattr(p, name) for p in parts]) for name in ("y", "days", "sites", "classes", "quality")
    }
    beside: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) if getattr(parts[0], name) is not None else None
        for name in ("nirv", "radiation")
    }
    return Samples(**whole, **beside, design=design)


def _of_frame(frame: Frame, frames: Frames, window: int) -> Samples:
    rows = np.flatnonzero(frame.target.notna())
    values = frame.features.to_numpy(float)
    design = make_design(values, rows, frames.groups, window=window, radiation=frames.radiation)
    return Samples(
        y=frame.target.to_numpy(float)[rows],
        days=frame.target.index.to_numpy().astype("datetime64[D]")[rows],
        sites=np.full(len(rows), frame.site),
        classes=np.full(len(rows), frame.igbp),
        quality=frame.quality.to_numpy(float)[rows],
        design=design,
        nirv=_beside(frame, frames, frames.nirv, rows),
        radiation=_beside(frame, frames, frames.radiation, rows),
    )


def _beside(frame: Frame, frames: Frames, column: str, rows: NDArray[np.intp]) -> Floats | None:
    """The latest value of a column that the baselines need, feature or not."""
    if not column:
        return None
    extra = frames.extra.get(frame.site)
    source: pd.DataFrame = extra if extra is not None and column in extra else frame.features
    return latest(source[[column]].to_numpy(float), rows, LONGEST)[:, 0]


def make_design(
    values: Floats, rows: NDArray[np.intp], groups: Mapping[str, str], *, window: int, radiation: str = ""
) -> Design:
    """Windows that end on `rows` of `values` (days, columns, ...); further axes become samples, as pixels of a map."""
    days, count = values.shape[0], values.shape[1]
    pixels = values.reshape(days, count, -1)
    columns, tags = [], []
    names = list(groups)
    for label, block in _lagged(values, rows, window):
        columns.append(np.moveaxis(block.reshape(len(rows), count, pixels.shape[2]), 1, 2).reshape(-1, count))
        tags += [(name if label == TODAY else f"{name}, {label}", groups[name], label) for name in names]
    flat = np.concatenate(columns, axis=1)
    products = _products(flat[:, :count], names, radiation)
    for name, column in products.items():
        flat = np.column_stack([flat, column])
        tags.append((name, LIGHT, TODAY))
    tokens, positions = _tokens(pixels, rows, window)
    return Design(
        flat=flat,
        names=tuple(tag[0] for tag in tags),
        groups=tuple(tag[1] for tag in tags),
        lags=tuple(tag[2] for tag in tags),
        tokens=tokens,
        positions=positions,
        channels=tuple(names),
        channel_groups=tuple(groups.values()),
        window=window,
    )


def _products(today: Floats, names: Sequence[str], radiation: str) -> dict[str, Floats]:
    """Greenness times radiation: what plants can take up where nothing else limits them."""
    if radiation not in names:
        return {}
    light = today[:, names.index(radiation)]
    return {f"{index} x {radiation}": today[:, names.index(index)] * light for index in PRODUCTS if index in names}


def spans(window: int) -> tuple[int, ...]:
    """Days over which means are taken: a quarter of the window and all of it; none of a window of a few days."""
    if window < 8:
        return (window,) if window > 1 else ()
    return (max(5, window // 4), window)


def _lagged(values: Floats, rows: NDArray[np.intp], window: int) -> list[tuple[str, Floats]]:
    found = [(TODAY, latest(values, rows, window))]
    total, count = _running(values)
    for span in spans(window):
        found.append((f"mean of {span} days", _mean(total, count, rows - span + 1, rows)))
    return found


def latest(values: Floats, rows: NDArray[np.intp], window: int) -> Floats:
    """The newest value at or before each row, no older than the window: (days, ...) -> (rows, ...)."""
    day = np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1))
    last = np.maximum.accumulate(np.where(np.isfinite(values), day, -1), axis=0)[rows]
    found = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    reach = day[rows] - window
    return np.where((last > reach) & (last >= 0), found, np.nan)


def _running(values: Floats) -> tuple[Floats, Floats]:
    """Sums and counts of all days before each day, one longer than the days."""
    known = np.isfinite(values)
    start = np.zeros((1, *values.shape[1:]))
    total = np.concatenate([start, np.cumsum(np.where(known, values, 0.0), axis=0)])
    return total, np.concatenate([start, np.cumsum(known, axis=0)])


def _mean(total: Floats, count: Floats, first: NDArray[np.intp], last: NDArray[np.intp]) -> Floats:
    """Mean of the days from `first` to `last`, both included; NaN where none has a value."""
    low, high = np.maximum(first, 0), np.maximum(last + 1, 0)
    number = count[high] - count[low]
    return np.where(number > 0, (total[high] - total[low]) / np.maximum(number, 1), np.nan)


def _tokens(values: Floats, rows: NDArray[np.intp], window: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Spans of the window as tokens, each at the day of the newest view in it (days, c, pixels)."""
    step = min(TOKEN_DAYS, window)
    count = -(-window // step)
    total, number = _running(values)
    rarest = np.isfinite(values).mean(axis=(0, 2)).argmin() if len(values) else 0
    seen = np.isfinite(values[:, rarest]).any(axis=-1)
    newest = np.maximum.accumulate(np.where(seen, np.arange(len(values)), -1))
    tokens, positions = [], []
    for turn in reversed(range(count)):
        last = rows - turn * step
        first = np.maximum(last - step + 1, rows - window + 1)
        mean = _mean(total, number, first, last)
        view = np.where(last >= 0, newest[np.maximum(last, 0)], -1)
        day = np.where(view >= first, view, last)
        place = np.where(last >= 0, window - 1 - (rows - day), EMPTY)
        tokens.append(np.moveaxis(mean, 1, 2))
        positions.append(np.broadcast_to(place[:, None], mean.shape[::2]))
    stacked = np.stack(tokens, axis=2)
    whole = stacked.reshape(-1, count, values.shape[1]).astype(np.float32)
    places = np.stack(positions, axis=2).reshape(-1, count)
    return whole, np.where(np.isfinite(whole).any(axis=2), places, EMPTY).astype(np.int64)


def _stacked(parts: Sequence[Design]) -> Design:
    names = ("flat", "tokens", "positions")
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return replace(parts[0], **arrays)
