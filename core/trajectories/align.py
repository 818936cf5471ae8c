"""Two embeddings of the same things side by side: turned onto each other, and how far they agree.

Rows are things (dates of a place, pixels of a date), columns the values of an embedding; the two may have differently
many columns. Nothing here may depend on which axes a model happened to choose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError

FEWEST = 4  # rows; fewer can be turned onto each other whatever they are
ROWS_A_DIM = 4  # rows a column; below it agreement is flattering
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Alignment:
    """What turns embeddings of one model towards those of another: shift, scale, rotation (mirroring allowed)."""

    from_centre: Floats  # (D,)
    to_centre: Floats  # (E,)
    scale: float
    rotation: Floats  # (E, D): orthonormal rows or columns, whichever are fewer
    explained: float  # share of the variance of the target that the turned rows explain, 0..1
    rows: int  # that it was found on

    def apply(self, values: NDArray[np.floating]) -> Floats:
        """Values (n, D) of the first model in the space of the second (n, E)."""
        turned = (np.asarray(values, np.float64) - self.from_centre) @ self.rotation.T
        return np.asarray(self.scale * turned + self.to_centre)


def procrustes(source: NDArray[np.floating], target: NDArray[np.floating]) -> Alignment:
    """The shift, scale and rotation that bring `source` (n, D) nearest to `target` (n, E), row by row."""
    from scipy.linalg import orthogonal_procrustes

    first, second = _paired(source, target)
    from_centre, to_centre = first.mean(axis=0), second.mean(axis=0)
    first, second = first - from_centre, second - to_centre
    width = max(first.shape[1], second.shape[1])
    wide_first, wide_second = (np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in (first, second))
    turn, alike = orthogonal_procrustes(wide_first, wide_second)
    own, other = float((first**2).sum()), float((second**2).sum())
    return Alignment(
        from_centre=from_centre,
        to_centre=to_centre,
        scale=float(alike) / own,
        rotation=turn[: first.shape[1], : second.shape[1]].T,
        explained=float(np.clip(alike**2 / (own * other), 0, 1)),
        rows=len(first),
    )


def cka(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Linear centred kernel alignment of (n, D) and (n, E): 1 = the same but for shift, scale and rotation, 0 = unlike.

    Kornblith et al. 2019, arXiv 1905.00414.
    """
    one, two = _paired(first, second)
    one, two = one - one.mean(axis=0), two - two.mean(axis=0)
    shared = float((one.T @ two).ravel() @ (one.T @ two).ravel())
    own = np.linalg.norm(one.T @ one) * np.linalg.norm(two.T @ two)
    return float(np.clip(shared / own, 0, 1))


def remarks_on(rows: int, dims: int) -> tuple[str, ...]:
    """What a reader of an agreement between `rows` rows of up to `dims` values should know."""
    if rows >= ROWS_A_DIM * dims:
        return ()
    return (f"Agreement on {rows} dates of {dims} values each flatters: choose a longer period.",)


def _paired(first: NDArray[np.floating], second: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Both as float64 rows that are finite in both."""
    if first.ndim != 2 or second.ndim != 2 or len(first) != len(second):
        problem = "do not have the same rows"
        raise InputError("embeddings", f"{first.shape}, {second.shape}", problem, "compare the same dates and pixels")
    known = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    if known.sum() < FEWEST:
        problem = f"share {known.sum()} usable dates, too few to compare"
        raise InputError("embeddings", f"{len(first)} dates", problem, f"choose a period with {FEWEST} or more in both")
    one, two = first[known].astype(np.float64), second[known].astype(np.float64)
    if not (one.std(axis=0).any() and two.std(axis=0).any()):
        raise InputError("embeddings", f"{known.sum()} dates", "do not vary", "choose a longer period or another place")
    return one, two
