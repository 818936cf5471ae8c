"""A tower as it was read: its days, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.flux.daily import UNIT, Rules
from core.flux.stamps import HOURS
from core.schema import SeriesError, check_tower

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Tower:
    """A tower as it was read. `table` holds a row for each day, or for each longer record of the file."""

    site: str
    format: str
    resolution: str  # HH, HR, DD, WW, MM or YY
    gpp_column: str
    qc_column: str  # "" where every value was taken
    gpp_columns: tuple[str, ...]  # all that could have been chosen
    partitioning: str
    source_unit: str
    rules: Rules
    table: pd.DataFrame  # gpp gC m-2 d-1, quality, days, incomplete, poor, spike, valid
    dropped: Mapping[str, int]
    notes: tuple[str, ...] = field(default=())

    def daily(self) -> pd.DataFrame:
        """The daily series, as `check_tower` asks for: days that do not count are marked as filled."""
        if self.resolution not in ("DD", *HOURS):
            remedy = "give the site's daily (DD) or half-hourly (HH) file"
            raise SeriesError("tower", self.resolution, "has no value for each day", remedy)
        if not self.table["valid"].any():
            remedy = "choose other columns, or a lower least quality"
            raise SeriesError("tower", self.site, "has no day that counts", remedy)
        daily = self.table[["gpp", "quality"]].assign(filled=~self.table["valid"] & self.table["gpp"].notna())
        daily.attrs["column"] = self.gpp_column
        return check_tower(daily, name=f"tower {self.site}")

    def to_json(self) -> dict[str, Any]:
        """All that is told of a tower in one line of JSON."""
        valid = self.table[self.table["valid"]]
        values = valid["gpp"]
        return {
            "site": self.site,
            "resolution": self.resolution,
            "start": str(self.table.index[0].date()),
            "end": str(_last_day(self.table)),
            "days": int(self.table["days"].sum()),
            "days_valid": int(valid["days"].sum()),
            "gpp_column": self.gpp_column,
            "qc_column": self.qc_column or None,
            "unit": UNIT,
            "mean": _rounded(values.mean()),
            "min": _rounded(values.min()),
            "max": _rounded(values.max()),
            "format": self.format,
            "partitioning": self.partitioning,
            "source_unit": self.source_unit,
            "dropped": dict(self.dropped),
            "spikes": int(self.table["spike"].sum()),
            "negative_days": int(valid["days"][values < 0].sum()),
            "min_quality": self.rules.min_quality if self.qc_column else None,
            "completeness": self.rules.completeness,
            "gpp_columns": list(self.gpp_columns),
            "notes": list(self.notes),
        }


def _last_day(table: pd.DataFrame) -> Any:
    import pandas as pd

    return (table.index[-1] + pd.Timedelta(days=int(table["days"].iloc[-1]) - 1)).date()


def _rounded(value: float) -> float | None:
    return round(float(value), 4) if value == value else None
