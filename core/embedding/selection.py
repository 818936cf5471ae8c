"""Which part of a site is asked for, in a user's words, and what that is in frames, rows and columns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError

Span = tuple[int, int]  # first, and the one after the last


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Everything, unless said otherwise. A box in coordinates and rows or columns may narrow each other."""

    start: str | None = None  # first date, ISO
    end: str | None = None  # last date, ISO, included
    bbox: tuple[float, float, float, float] | None = None  # west, south, east, north in the site's CRS, m
    rows: Span | None = None
    cols: Span | None = None


class Extent(NamedTuple):
    """A selection, resolved: of the site's frames, rows and columns."""

    dates: slice
    rows: slice
    cols: slice

    @property
    def shape(self) -> tuple[int, int, int]:
        """Dates, rows, columns."""
        dates, rows, cols = (part.stop - part.start for part in self)
        return dates, rows, cols


def resolve(wanted: Selection, times: NDArray[np.datetime64], y: NDArray[np.float64], x: NDArray[np.float64]) -> Extent:
    """`wanted` of a site whose frames were acquired at `times` (T,), with pixel centres y (descending), x (ascending).

    A pixel belongs to a box when its centre lies in it.
    """
    rows, cols = _span("rows", wanted.rows, len(y)), _span("cols", wanted.cols, len(x))
    if wanted.bbox is not None:
        in_rows, in_cols = _in_box(wanted.bbox, y, x)
        rows = slice(max(rows.start, in_rows.start), min(rows.stop, in_rows.stop))
        cols = slice(max(cols.start, in_cols.start), min(cols.stop, in_cols.stop))
        if rows.start >= rows.stop or cols.start >= cols.stop:
            raise InputError("bbox", _words(wanted.bbox), "shares no pixel with the rows and cols", "give one of them")
    return Extent(_in_period(wanted, times), rows, cols)


def _in_period(wanted: Selection, times: NDArray[np.datetime64]) -> slice:
    days = times.astype("datetime64[D]")
    start = days[0] if wanted.start is None else _date("start", wanted.start)
    end = days[-1] if wanted.end is None else _date("end", wanted.end)
    if wanted.start and wanted.end and start > end:
        raise InputError("start", str(start), f"lies after the end {end}", "swap them")
    first, after = int(np.searchsorted(days, start)), int(np.searchsorted(days, end, side="right"))
    if first >= after:
        remedy = f"choose a period between {days[0]} and {days[-1]} that holds an acquisition"
        raise InputError("period", f"{start} to {end}", "holds no optical acquisition with a valid pixel", remedy)
    return slice(first, after)


def _date(argument: str, text: str) -> np.datetime64:
    try:
        return np.datetime64(dt.date.fromisoformat(text), "D")
    except ValueError:
        raise InputError(argument, text, "is no date", "write it as 2021-07-14") from None


def _in_box(box: tuple[float, ...], y: NDArray[np.float64], x: NDArray[np.float64]) -> tuple[slice, slice]:
    west, south, east, north = box
    if not np.isfinite(box).all() or west > east or south > north:
        raise InputError("bbox", _words(box), "is no box", "give west, south, east and north, in metres")
    rows, cols = np.flatnonzero((y >= south) & (y <= north)), np.flatnonzero((x >= west) & (x <= east))
    if not (len(rows) and len(cols)):
        site = _words((x[0], y[-1], x[-1], y[0]))
        raise InputError("bbox", _words(box), "holds no pixel centre of the site", f"choose a box within {site}")
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)


def _words(box: tuple[float, ...]) -> str:
    return " ".join(f"{value:.10g}" for value in box)


def _span(argument: str, span: Span | None, length: int) -> slice:
    first, after = span or (0, length)
    if not 0 <= first < after <= length:
        raise InputError(argument, span, f"is no range of the site's {length}", f"choose one within (0, {length})")
    return slice(first, after)
