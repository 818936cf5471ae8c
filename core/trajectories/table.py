"""What is drawn, as a tidy table for other programs: a row a place and date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from core.gapfill import FilledSeries, Method
from core.schema import InputError
from core.trajectories.basis import Basis, scores
from core.trajectories.paths import Path, daily

if TYPE_CHECKING:
    import pandas as pd

TRUSTED, LOW, FILLED = "clear", "low", "filled"


Filled = Mapping[int, FilledSeries]  # by value of the embedding, from 0


def tidy(
    paths: Sequence[Path],
    basis: Basis | None = None,
    *,
    fill: Method | None = None,
    filled: Sequence[Filled | None] | None = None,
) -> pd.DataFrame:
    """Columns unit, time, trust (clear, low or filled), seen (0..1), value_1 to value_D, PC1 to PC3, run, model, ...

    With `fill` every day between a path's first and last view has a row; sd_1 to sd_D are then the standard deviations
    of what was filled. Dates without a value have no row otherwise. `filled` gives what is already filled, path by
    path: filled rows then hold those values alone.
    """
    import pandas as pd

    series = filled or [None] * len(paths)
    if fill is not None:
        series = [dict(enumerate(daily(path, method=fill))) for path in paths]
    return pd.concat([_rows(*pair, basis) for pair in zip(paths, series, strict=True)], ignore_index=True)


def _rows(path: Path, filled: Filled | None, basis: Basis | None) -> pd.DataFrame:
    import pandas as pd

    known = path.known
    names = [f"value_{turn + 1}" for turn in range(path.dims)]
    trust = np.where(path.low_trust, LOW, TRUSTED)
    columns: dict[str, object] = {"unit": path.label, "time": path.days[known], "trust": trust[known]}
    columns |= {"seen": path.seen[known]} | dict(zip(names, path.values[known].T, strict=True))
    table = pd.DataFrame(columns)
    if filled:
        table = _with_filled(path, table, names, filled)
    if basis is not None:
        values = table[names].to_numpy(np.float64)
        scored = scores(basis, path)[:0] if not len(values) else basis.project(values)
        scores(basis, path)  # refuses a path of another model
        for turn in range(scored.shape[1]):
            table[f"PC{turn + 1}"] = scored[:, turn].astype(np.float32)
    said = {"run": path.run, "model": path.source["model"], "site": path.source["site"]}
    return table.assign(**said, simulated=path.source["simulated"] == "yes")


def _with_filled(path: Path, table: pd.DataFrame, names: list[str], filled: Filled) -> pd.DataFrame:
    import pandas as pd

    every = pd.DataFrame({"time": next(iter(filled.values())).days, "unit": path.label, "trust": FILLED, "seen": 0.0})
    own = [names[turn] for turn in filled]
    for turn, one in filled.items():
        every[names[turn]], every[f"sd_{turn + 1}"] = one.values, one.sd
    every = every[~every["time"].isin(table["time"])].dropna(subset=own)
    every = every.reindex(columns=[*table.columns, *(f"sd_{turn + 1}" for turn in filled)])
    both = pd.concat([table, every.astype(dict.fromkeys(names, float))], ignore_index=True)
    return both.sort_values("time", ignore_index=True)


def table_path(path: FilePath, *, overwrite: bool = False) -> FilePath:
    """The file a table may be written to; to be asked before the work is done."""
    path = path.expanduser()
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError("--out", str(path), "is neither .csv nor .parquet", "name it so")
    if path.exists() and not overwrite:
        raise InputError("--out", str(path), "is there already", "name another, or add --overwrite")
    if not path.parent.is_dir():
        raise InputError("--out", str(path), "cannot be written", "name a file in a folder that exists")
    return path


def write_table(table: pd.DataFrame, path: FilePath, *, overwrite: bool = False) -> FilePath:
    """As .csv or .parquet, by the file's name."""
    path = table_path(path, overwrite=overwrite)
    kinds = {".csv": lambda to: table.to_csv(to, index=False), ".parquet": lambda to: table.to_parquet(to, index=False)}
    try:
        kinds[path.suffix.lower()](path)
    except OSError as error:
        raise InputError("--out", str(path), "cannot be written", "name a file in a folder that exists") from error
    return path
