"""What a table holds: rows, time step, columns, and whether it tells of GPP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.schema import WEATHER_COLUMNS
from core.sources.describe import Dates, Description
from core.sources.formats import FileFormat
from core.sources.tables import TIME_COLUMNS, csv_columns, read_csv, read_parquet, time_step, times

if TYPE_CHECKING:
    import pandas as pd

SITE_COLUMNS = ("site_id", "site", "siteid")  # in lower case
GPP_PREFIX = "GPP"
FLUX_PREFIXES = ("GPP", "NEE", "FC", "RECO")  # begin the names of columns that only a flux tower has
NAMED_AT_MOST = 6  # columns named in a note


def describe_table(path: Path, form: FileFormat) -> Description:
    """Describe CSV or Parquet."""
    columns, table = _read(path, form)
    moments = times(table)
    return Description(
        path=str(path),
        format=form,
        kind=_kind(columns),
        dims={"rows": len(table), "columns": len(columns)},
        dates=None if moments is None else Dates.of(np.asarray(moments, dtype="datetime64[ns]")),
        step="" if moments is None else time_step(moments),
        columns=tuple(columns),
        notes=tuple(_notes(columns, table, timed=moments is not None)),
    )


def _read(path: Path, form: FileFormat) -> tuple[list[str], pd.DataFrame]:
    """All column names, and a table of at least the columns this module looks at: tower files have hundreds."""
    if form is FileFormat.PARQUET:
        table = read_parquet(path)
        return [str(column) for column in table.columns], table
    columns = csv_columns(path)
    looked_at = [name for name in columns if name.lower() in (*TIME_COLUMNS, *SITE_COLUMNS)]
    looked_at += _starting(columns, GPP_PREFIX)
    return columns, read_csv(path, columns=looked_at or columns[:1])


def _starting(columns: Sequence[str], *prefixes: str) -> list[str]:
    return [name for name in columns if name.upper().startswith(prefixes)]


def _kind(columns: Sequence[str]) -> str:
    if _starting(columns, *FLUX_PREFIXES):
        return "tower table"
    return "weather table" if set(columns) & WEATHER_COLUMNS.keys() else "table"


def _notes(columns: Sequence[str], table: pd.DataFrame, *, timed: bool) -> Iterator[str]:
    if not timed:
        yield f"No column tells the time; one should be named {', '.join(TIME_COLUMNS)}."
    for name in columns:
        if name.lower() in SITE_COLUMNS and name in table:
            yield f"{table[name].nunique()} sites by the column {name}."
    gpp = _starting(columns, GPP_PREFIX)
    if gpp:
        yield f"GPP in {_some(gpp)}; {gpp[0]} has a value in {100 * table[gpp[0]].notna().mean():.0f} % of the rows."
    elif fluxes := _starting(columns, *FLUX_PREFIXES):
        yield f"No GPP column: {_some(fluxes)} would have to be partitioned into GPP and respiration first."


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
