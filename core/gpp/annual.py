"""Yearly sums of predicted GPP, with how far they may be off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.gpp.frames import Frames
from core.gpp.judge import Judgement

if TYPE_CHECKING:
    import pandas as pd

    from core.gpp.model import GppModel

Floats = NDArray[np.floating]
BLOCK = 30  # days whose errors belong together
DRAWS = 1000
TAILS = (0.05, 0.95)
LEAST_BLOCKS = 6  # of a tower's own held-out errors; else those of all towers
LEAST_DAYS = 360  # predicted days of a year that make a sum


def annual_sums(judged: Judgement, model: GppModel, frames: Frames, *, seed: int = 0) -> pd.DataFrame:
    """One row a tower and whole year: gpp, low, high (gC m-2 y-1), measured_days, and the sum of the measured days.

    `low` and `high` hold the middle 90 % of sums corrected by held-out errors, drawn in blocks of 30 days, so that
    errors that last do not cancel.
    """
    import pandas as pd

    from core.gpp.model import every_day

    rng = np.random.default_rng(seed)
    table = judged.table()
    rows = []
    for frame in frames.frames:
        daily = every_day(model, frame)
        errors = _block_errors(table, frame.site)
        for year, part in daily.groupby(pd.DatetimeIndex(daily.index).year):
            if part["gpp"].notna().sum() < LEAST_DAYS:
                continue
            total = float(part["gpp"].sum())
            count = -(-len(part) // BLOCK)
            drawn = rng.choice(errors, (DRAWS, count)).mean(axis=1) * len(part)
            low, high = np.quantile(total - drawn, TAILS)
            known = frame.target.reindex(part.index).notna()
            rows.append(
                {
                    "site": frame.site,
                    "year": int(str(year)),
                    "gpp": round(total, 1),
                    "low": round(float(low), 1),
                    "high": round(float(high), 1),
                    "measured_days": int(known.sum()),
                    "measured_mean": float(frame.target.reindex(part.index).mean()),
                    "predicted_mean_same_days": float(part["gpp"][known].mean()),
                }
            )
    names = ("site", "year", "gpp", "low", "high", "measured_days", "measured_mean", "predicted_mean_same_days")
    return pd.DataFrame(rows, columns=list(names))


def _block_errors(table: pd.DataFrame, site: str) -> Floats:
    """Mean held-out errors (predicted less observed) of each block of days, of the tower itself if it has enough."""
    errors = (table["predicted"] - table["observed"]).rename("error")
    block = (table["time"].astype("datetime64[ns]").astype("int64") // (BLOCK * 86_400_000_000_000)).rename("block")
    means = errors.groupby([table["site"], block]).mean()
    own = means[means.index.get_level_values(0) == site]
    return np.asarray(own if len(own) >= LEAST_BLOCKS else means, dtype=float)
