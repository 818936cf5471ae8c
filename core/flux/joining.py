"""Several files of one tower as one series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.flux.daily import UNIT
from core.flux.series import Tower
from core.flux.stamps import HOURS
from core.schema import SeriesError

if TYPE_CHECKING:
    import pandas as pd

FLAGS = ("incomplete", "poor", "spike", "valid")
SAME = 1e-6  # gC m-2 d-1 by which two files may differ on a day and still be one tower's


def joined(towers: Sequence[Tower]) -> Tower:
    """Files of one tower as one series; refused where they differ in what cannot be mixed."""
    import pandas as pd

    first = towers[0]
    for other in towers[1:]:
        for name, words in (("resolution", "resolution"), ("site", "site"), ("gpp_column", "GPP column")):
            mine, theirs = getattr(first, name), getattr(other, name)
            if mine != theirs:
                remedy = f"give files of one {words} together"
                raise SeriesError("files", f"{mine} and {theirs}", f"mix more than one {words}", remedy)
        _check_same(first, other)
    table = pd.concat([tower.table for tower in towers])
    table = table[~table.index.duplicated()].sort_index()
    if first.resolution in ("DD", *HOURS):
        table = _every_day(table)
    dropped = {rule: sum(tower.dropped.get(rule, 0) for tower in towers) for rule in first.dropped}
    dropped["no value"] = int(table["days"][table["gpp"].isna() & ~table["incomplete"]].sum())
    notes = tuple(dict.fromkeys(note for tower in towers for note in tower.notes))
    return Tower(**{**vars(first), "table": table, "dropped": dropped, "notes": notes})


def _check_same(first: Tower, other: Tower) -> None:
    shared = first.table.index.intersection(other.table.index)
    off = (first.table["gpp"].reindex(shared) - other.table["gpp"].reindex(shared)).abs()
    if (off > SAME).any():
        day = str(off.idxmax())[:10]
        problem = f"stands for two towers: their files differ by {off.max():.2f} {UNIT} on {day}"
        raise SeriesError("site code", first.site, problem, "give one of the files, or tell them apart with --site")


def _every_day(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    table = table.reindex(pd.date_range(table.index[0], table.index[-1], freq="D", name="time"))
    flags = {name: table[name].astype("boolean").fillna(False).astype(bool) for name in FLAGS}
    return table.assign(days=1, quality=table["quality"].fillna(0.0), **flags)
