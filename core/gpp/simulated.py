"""The workspace's 30 simulated towers as frames."""

from __future__ import annotations

from collections.abc import Sequence

from core.gpp.frames import Frames
from core.gpp.table import TableColumns, open_table
from core.schema import S1_BANDS, S2_BANDS
from core.sources.tower_table import DAILY, open_tower_table
from core.store import Workspace


def simulated_towers(workspace: Workspace, features: Sequence[str] = ()) -> Frames:
    """The workspace's 30 simulated towers; by default bands, backscatter and weather, filled days left out."""
    records = open_tower_table(workspace)
    usual = (*S2_BANDS, *S1_BANDS, "temperature", "radiation", "vpd", "precipitation")
    columns = TableColumns(
        target="gpp",
        features=tuple(features) or usual,
        group="site",
        time="time",
        classes=dict(zip(records.sites["site"], records.sites["igbp"], strict=True)),
    )
    return open_table(records.run.path / DAILY, columns)
