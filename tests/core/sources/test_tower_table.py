"""The table of simulated towers: stored as a run, found again, its truth apart."""

import pandas as pd
import pytest

from core.schema import NotFoundError, WorkspaceError
from core.simulate import TowerTable
from core.sources.tower_table import (
    ensure_tower_table,
    fill_tower_table,
    open_tower_table,
    open_tower_truth,
    table_spec,
)
from core.store import Workspace


@pytest.fixture
def stored(workspace) -> Workspace:
    """A workspace with a table of one tower and three days."""
    days = pd.DataFrame({"site": "SIM-DBF-1", "time": pd.date_range("2019-01-01", periods=3), "gpp": [0.1, 0.2, None]})
    table = TowerTable(
        sites=pd.DataFrame({"site": ["SIM-DBF-1"], "igbp": ["DBF"]}),
        daily=days,
        truth=days.assign(gpp=[0.1, 0.2, 0.3], leaf_area=0.8),
    )
    with workspace.draft_run(table_spec(), {}) as folder:
        fill_tower_table(folder, table)
    return workspace


def test_the_table_comes_back_without_its_truth(stored) -> None:
    records = open_tower_table(stored)
    assert list(records.sites["igbp"]) == ["DBF"]
    assert list(records.daily.columns) == ["site", "time", "gpp"]
    assert records.daily["gpp"].isna().sum() == 1
    assert list(open_tower_truth(stored)["gpp"]) == [0.1, 0.2, 0.3]


def test_a_table_that_stands_is_not_simulated_again(stored) -> None:
    assert ensure_tower_table(stored, progress=lambda share, doing: pytest.fail(doing)).id == table_spec().id


def test_a_missing_table_says_how_to_make_it(workspace) -> None:
    with pytest.raises(NotFoundError, match="python -m core simulate --towers"):
        open_tower_table(workspace)


def test_a_damaged_table_is_said(stored) -> None:
    (open_tower_table(stored).run.path / "daily.parquet").write_bytes(b"PAR1")
    with pytest.raises(WorkspaceError, match=r"damaged: daily\.parquet"):
        open_tower_table(stored)
