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

from core.gpp.columns import PRODUCTS, READ_OUT
from core.gpp.frames import Frame, Frames
from core.gpp.lags import TODAY, lagged, latest, tokens_of
from core.schema import InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.floating]
LONGEST = 120  # days
DAILY_STEP = 2  # days between a table's rows up to which it counts as a daily series
USUAL = 45  # days of the window of a daily series, unless said otherwise
OF_DESIGN = ("flat", "tokens", "positions", "sites", "days", "aside")
OF_SAMPLES = ("y", "days", "sites", "classes", "quality")
EMBEDDED = "embedding "  # how the columns of an embedding begin
TIMES = " x "  # between what a product is made of, in its column's name
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
    sites: NDArray[np.str_]
    days: NDArray[np.datetime64]  # datetime64[D]
    aside: Floats  # (n, k) indices of the newest view, to learn to read them out of embeddings; never asked for in use

    def __len__(self) -> int:
        return len(self.flat)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Design:
        parts: dict[str, Any] = {name: getattr(self, name)[rows] for name in OF_DESIGN}
        return replace(self, **parts)

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
    days = frame.target.index.to_numpy().astype("datetime64[D]")[rows]
    design = make_design(
        values, rows, frames.groups, window=window, radiation=frames.radiation, site=frame.site, days=days
    )
    design = replace(design, aside=_aside(frame, frames, rows, window))
    return Samples(
        y=frame.target.to_numpy(float)[rows],
        days=days,
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


def _aside(frame: Frame, frames: Frames, rows: NDArray[np.intp], window: int) -> Floats:
    """What is to be read out of embeddings, where they are features and it is known; else no column."""
    extra = frames.extra.get(frame.site)
    if extra is None or not set(READ_OUT) <= set(extra) or not any(n.startswith(EMBEDDED) for n in frames.groups):
        return np.empty((len(rows), 0))
    return latest(extra[list(READ_OUT)].to_numpy(float), rows, window)


def make_design(
    values: Floats,
    rows: NDArray[np.intp],
    groups: Mapping[str, str],
    *,
    window: int,
    radiation: str = "",
    site: str = "",
    days: NDArray[np.datetime64] | None = None,
) -> Design:
    """Windows that end on `rows` of `values` (days, columns, ...); further axes become samples, as pixels of a map.

    `site` and the `days` of the rows say where and when this is.
    """
    count = values.shape[1]
    pixels = values.reshape(len(values), count, -1)
    columns, tags = [], []
    names = list(groups)
    for label, block in lagged(values, rows, window):
        columns.append(np.moveaxis(block.reshape(len(rows), count, pixels.shape[2]), 1, 2).reshape(-1, count))
        tags += [(name if label == TODAY else f"{name}, {label}", groups[name], label) for name in names]
    flat = np.concatenate(columns, axis=1)
    for index, column in _products(flat[:, :count], names, radiation).items():
        flat = np.column_stack([flat, column])
        tags.append((f"{index}{TIMES}{radiation}", LIGHT if index in PRODUCTS else groups[index], TODAY))
    when = np.full(len(rows), np.datetime64("NaT", "D")) if days is None else days
    tokens, positions = tokens_of(pixels, rows, window)
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
        sites=np.full(len(flat), site),
        days=np.repeat(when, pixels.shape[2]),
        aside=np.empty((len(flat), 0)),
    )


def _products(today: Floats, names: Sequence[str], radiation: str) -> dict[str, Floats]:
    """By column, its product with radiation: of greenness, what plants can take up where nothing else limits them."""
    if radiation not in names:
        return {}
    light = today[:, names.index(radiation)]
    wanted = [name for name in names if name in PRODUCTS or name.startswith(EMBEDDED)]
    return {name: today[:, names.index(name)] * light for name in sorted(wanted, key=_greenest)}


def _greenest(name: str) -> int:
    return PRODUCTS.index(name) if name in PRODUCTS else len(PRODUCTS)


def _stacked(parts: Sequence[Design]) -> Design:
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in OF_DESIGN}
    return replace(parts[0], **arrays)
