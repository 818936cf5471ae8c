"""How good predictions are: R2, RMSE, NRMSE, MAE, bias, KGE, and skill over a baseline; with intervals by blocks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
REPEATS = 500  # draws of the bootstrap
BLOCK_DAYS = 30  # days of a tower that are drawn together, for neighbours resemble each other
LEVEL = 0.9  # of the bootstrap's intervals
LEAST = 10  # samples under which R2, KGE and skill are left out
SUMS = ("n", "y", "yy", "p", "pp", "yp", "e", "ee", "ae", "cc")


class Scores(NamedTuple):
    """All of one set of predictions; None where it is not defined."""

    n: int
    r2: float | None  # coefficient of determination
    rmse: float  # gC m-2 d-1
    nrmse: float | None  # of the range of what was observed
    mae: float  # gC m-2 d-1
    bias: float  # gC m-2 d-1, predicted less observed
    kge: float | None  # Kling-Gupta efficiency (Gupta et al. 2009)
    skill: float | None  # 1 - MSE / MSE of the climatology

    def to_json(self) -> dict[str, float | int | None]:
        return {name: _rounded(value) for name, value in self._asdict().items()}


def _rounded(value: float | None) -> float | int | None:
    return value if value is None or isinstance(value, int) else round(value, 4)


def score(y: Floats, predicted: Floats, climatology: Floats | None = None) -> Scores:
    """Scores of predictions; with the climatology's, its skill too."""
    sums = _sums(y, predicted, climatology).sum(axis=0, keepdims=True)
    found = {name: float(values[0]) for name, values in _from_sums(sums).items()}
    enough = len(y) >= LEAST
    extent = float(np.ptp(y)) if len(y) else 0.0
    kept = {name: found[name] if enough and np.isfinite(found[name]) else None for name in ("r2", "kge", "skill")}
    return Scores(
        n=len(y),
        rmse=found["rmse"],
        nrmse=found["rmse"] / extent if extent > 0 else None,
        mae=found["mae"],
        bias=found["bias"],
        r2=kept["r2"],
        kge=kept["kge"],
        skill=kept["skill"] if climatology is not None else None,
    )


def intervals(
    y: Floats, predicted: Floats, climatology: Floats, blocks: NDArray[np.str_], *, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """The middle 90 % of each score when whole blocks are drawn again and again."""
    names, place = np.unique(blocks, return_inverse=True)
    if len(names) < 3:
        return {}
    rows = _sums(y, predicted, climatology)
    sums = np.stack([np.bincount(place, rows[:, turn], minlength=len(names)) for turn in range(rows.shape[1])], axis=1)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=REPEATS)
    tails = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    found = _from_sums((drawn @ sums).astype(float))
    ends = {name: np.round(np.nanquantile(values, tails), 4) for name, values in found.items()}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


def blocks_of(sites: NDArray[np.str_], days: NDArray[np.datetime64], *, whole_sites: bool) -> NDArray[np.str_]:
    """What the bootstrap draws together: whole towers where towers are held out, else 30 days of one."""
    if whole_sites:
        return sites
    spans = days.astype("datetime64[D]").astype(np.int64) // BLOCK_DAYS
    return np.char.add(np.char.add(sites.astype(str), " "), spans.astype(str))


def _sums(y: Floats, predicted: Floats, climatology: Floats | None) -> Floats:
    """Of each sample, what the scores are sums of: (n, SUMS)."""
    error = predicted - y
    missed = np.full(len(y), np.nan) if climatology is None else (climatology - y) ** 2
    parts = (np.ones(len(y)), y, y**2, predicted, predicted**2, y * predicted, error, error**2, np.abs(error), missed)
    return np.stack(parts, axis=1)


def _from_sums(sums: Floats) -> dict[str, Floats]:
    """Scores from sums (draws, SUMS)."""
    total = dict(zip(SUMS, sums.T, strict=True))
    n = total["n"]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_y, mean_p = total["y"] / n, total["p"] / n
        var_y, var_p = (np.maximum(total[k] / n - m**2, 0) for k, m in (("yy", mean_y), ("pp", mean_p)))
        mse = total["ee"] / n
        sd_y, sd_p = np.sqrt(var_y), np.sqrt(var_p)
        r = (total["yp"] / n - mean_y * mean_p) / (sd_y * sd_p)
        r = np.where(sd_p > 0, r, 0.0)
        kge = 1 - np.sqrt((r - 1) ** 2 + (sd_p / sd_y - 1) ** 2 + (mean_p / mean_y - 1) ** 2)
        return {
            "skill": 1 - total["ee"] / total["cc"],
            "r2": 1 - mse / var_y,
            "rmse": np.sqrt(mse),
            "mae": total["ae"] / n,
            "bias": total["e"] / n,
            "kge": kge,
        }
