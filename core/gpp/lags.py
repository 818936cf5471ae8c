"""What a window holds: the newest value of each column, means over spans of days, spans in their order as tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
TOKEN_DAYS = 5  # days that share a token of a sequence model: the revisit time of Sentinel-2
TODAY, EMPTY = "latest", -1


def spans(window: int) -> tuple[int, ...]:
    """Days over which means are taken: a quarter of the window and all of it; none of a window of a few days."""
    if window < 8:
        return (window,) if window > 1 else ()
    return (max(5, window // 4), window)


def lagged(values: Floats, rows: NDArray[np.intp], window: int) -> list[tuple[str, Floats]]:
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


def tokens_of(values: Floats, rows: NDArray[np.intp], window: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
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
