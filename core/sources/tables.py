"""Tables (CSV, Parquet) as data frames, with the column that tells the time found and read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.sources.formats import reading

if TYPE_CHECKING:
    import pandas as pd

TIME_COLUMNS = ("time", "date", "datetime", "timestamp", "timestamp_start")  # in lower case, the first found counts
STAMP_FORMATS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 12: "%Y%m%d%H%M"}  # of FLUXNET's stamps, by their length
STEPS = {  # hours, shortest and longest
    "half-hourly": (0.5, 0.5),
    "hourly": (1, 1),
    "daily": (24, 24),
    "weekly": (168, 168),
    "monthly": (28 * 24, 31 * 24),
    "yearly": (365 * 24, 366 * 24),
}


def read_parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    with reading(path, "Parquet"):
        return pd.read_parquet(path)


def csv_columns(path: Path) -> list[str]:
    """The names of a CSV file's columns, without reading its rows."""
    import pandas as pd

    with reading(path, "CSV"):
        header = pd.read_csv(path, skiprows=_comment_lines(path), nrows=0, encoding_errors="replace")
    return [str(column) for column in header.columns]


def read_csv(path: Path, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A CSV file with a line of column names, after any comment lines that begin with '#'; -9999 becomes NaN."""
    import pandas as pd

    with reading(path, "CSV"):
        return pd.read_csv(
            path,
            usecols=None if columns is None else list(columns),
            skiprows=_comment_lines(path),
            na_values=["-9999", "-9999.0"],  # how tower files spell MISSING_VALUE
            encoding_errors="replace",
            low_memory=False,
        )


def _comment_lines(path: Path) -> int:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            if not line.startswith("#"):
                return number
    return 0


def times(table: pd.DataFrame) -> pd.DatetimeIndex | None:
    """When each row is, from the index or the first column that says so; None if nothing does."""
    import pandas as pd

    if isinstance(table.index, pd.DatetimeIndex):
        return table.index
    columns = {str(column).lower(): column for column in reversed(table.columns)}
    for name in TIME_COLUMNS:
        if name in columns:
            return _parsed(table[columns[name]])
    return None


def _parsed(column: pd.Series) -> pd.DatetimeIndex | None:
    import pandas as pd

    text = column.astype("string")
    lengths = set(text.str.len().dropna().unique()) if column.dtype.kind == "i" else set()
    form = STAMP_FORMATS.get(lengths.pop()) if len(lengths) == 1 else None
    parsed = pd.DatetimeIndex(pd.to_datetime(text, format=form or "mixed", errors="coerce"))
    return None if parsed.isna().all() else parsed


def time_step(moments: pd.DatetimeIndex) -> str:
    """The step from row to row in words; "irregular" where it is not mostly the same."""
    hours = moments.dropna().unique().sort_values().to_series().diff().dropna().dt.total_seconds() / 3600
    for name, (shortest, longest) in STEPS.items():
        if len(hours) and hours.between(shortest, longest).mean() > 0.9:
            return name
    return "irregular"
