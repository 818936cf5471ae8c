"""A tower that was read, kept as a plain daily table: what a fit takes in place of a site's own series."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from core.flux.series import Tower
from core.sources.tables import read_csv
from core.store import explained

if TYPE_CHECKING:
    import pandas as pd

TOWERS = "towers"  # the workspace's folder of them
GPP, QUALITY, FILLED = "gpp", "gpp_quality", "value_that_does_not_count"
ODD = re.compile(r"[^A-Za-z0-9_-]+")


def keep_tower(tower: Tower, folder: Path) -> Path:
    """Write the daily series; the name tells the tower, and its content, so that another one is another file."""
    daily = tower.daily()
    counted = ~daily["filled"].astype(bool)
    table = daily[[]].assign(
        **{GPP: daily["gpp"].where(counted), QUALITY: daily["quality"], FILLED: daily["gpp"].where(~counted)}
    )
    text = table.to_csv(date_format="%Y-%m-%d", float_format="%.6g", na_rep="-9999", index_label="date")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / f"{ODD.sub('-', tower.site)[:40]}-{digest}.csv"
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def open_kept(path: Path) -> pd.DataFrame:
    """gpp, quality, filled, a row a day, as `core.schema.check_tower` knows a tower."""
    import pandas as pd

    table = read_csv(path)
    days = pd.DatetimeIndex(pd.to_datetime(table["date"]), name="time").as_unit("ns")
    filled = table[FILLED].notna() & table[GPP].isna()
    columns = {
        "gpp": table[GPP].fillna(table[FILLED]).to_numpy(float),
        "quality": table[QUALITY].to_numpy(float),
        "filled": filled.to_numpy(),
    }
    return pd.DataFrame(columns, index=days)
