"""Two paths side by side: of one model as they are, of two models turned onto each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.trajectories.align import Alignment, cka, procrustes, remarks_on
from core.trajectories.paths import Path, check_comparable

STEP = 10  # days of the common calendar, where two paths were seen on different days


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """`first` and `second` (n, D) at common times, the first turned onto the second where it was asked for."""

    times: NDArray[np.datetime64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    agreement: float  # CKA, 0..1
    alignment: Alignment | None  # None: nothing was turned
    remarks: tuple[str, ...]


def compare(first: Path, second: Path, *, align: bool = False) -> Comparison:
    """Two paths at common times; those of two models only with `align`."""
    if not align:
        check_comparable([first, second])
    times, one, two = common(first, second)
    turned = procrustes(one, two) if align else None
    return Comparison(
        times=times,
        first=turned.apply(one) if turned else one,
        second=two,
        agreement=cka(one, two),
        alignment=turned,
        remarks=remarks_on(len(times), max(one.shape[1], two.shape[1])),
    )


def common(first: Path, second: Path) -> tuple[NDArray[np.datetime64], NDArray[np.float64], NDArray[np.float64]]:
    """Times at which both have a value: the dates of one site, means of `STEP` days for two sites."""
    if first.source["site"] == second.source["site"]:
        days, here, there = np.intersect1d(first.days[first.known], second.days[second.known], return_indices=True)
        return days, _known(first)[here], _known(second)[there]
    (days, one), (others, two) = _steps(first), _steps(second)
    shared, here, there = np.intersect1d(days, others, return_indices=True)
    return shared, one[here], two[there]


def _known(path: Path) -> NDArray[np.float64]:
    return path.values[path.known].astype(np.float64)


def _steps(path: Path) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    """Means of the views of each step of the calendar."""
    number = path.days[path.known].astype(np.int64) // STEP
    steps, place = np.unique(number, return_inverse=True)
    total = np.zeros((len(steps), path.dims))
    np.add.at(total, place, _known(path))
    return (steps * STEP).astype("datetime64[D]"), total / np.bincount(place)[:, None]
