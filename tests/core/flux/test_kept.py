"""A tower that was read and kept gives a fit the same days as the file it came from."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.flux import Tower, read_tower
from core.flux.kept import keep_tower, open_kept


def tower(folder: Path, *, poor: int = 20) -> Tower:
    days = pd.date_range("2019-01-01", periods=200)
    columns = {"TIMESTAMP": days.strftime("%Y%m%d"), "GPP_NT_VUT_REF": np.linspace(-1, 9, 200), "NEE_VUT_REF_QC": 1.0}
    table = pd.DataFrame(columns)
    table.loc[:9, "GPP_NT_VUT_REF"] = -9999
    table.loc[10 : 9 + poor, "NEE_VUT_REF_QC"] = 0.2
    path = folder / "FLX_XX-Abc_FLUXNET2015_SUBSET_DD_2019-2019_1-4.csv"
    table.to_csv(path, index=False)
    return read_tower(path)


def test_a_kept_tower_counts_the_same_days(tmp_path: Path) -> None:
    before = tower(tmp_path)
    path = keep_tower(before, tmp_path / "towers")
    after = read_tower(path)
    assert (after.resolution, after.gpp_column, after.qc_column) == ("DD", "gpp", "gpp_quality")
    assert int(after.table["valid"].sum()) == int(before.table["valid"].sum()) == 170
    valid = before.table["valid"]
    np.testing.assert_allclose(after.table["gpp"][valid[valid].index], before.table["gpp"][valid], rtol=1e-5)


def test_days_that_do_not_count_are_kept_to_be_drawn(tmp_path: Path) -> None:
    series = open_kept(keep_tower(tower(tmp_path), tmp_path / "towers"))
    assert int(series["filled"].sum()) == 20
    assert series["gpp"].isna().sum() == 10


def test_another_content_is_another_file(tmp_path: Path) -> None:
    first = keep_tower(tower(tmp_path), tmp_path / "towers")
    assert keep_tower(tower(tmp_path), tmp_path / "towers") == first
    assert keep_tower(tower(tmp_path, poor=30), tmp_path / "towers") != first
