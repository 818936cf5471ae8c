"""Tables of the field's usual spellings."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.schema import FormatError
from core.sources.tables import csv_columns, read_csv, read_parquet, time_step, times


def put(folder: Path, text: str) -> Path:
    (folder / "a.csv").write_text(text)
    return folder / "a.csv"


def test_comment_lines_are_skipped_and_missing_values_are_missing(tmp_path) -> None:
    path = put(tmp_path, "# Site: XX-Abc,,\n# Version: 1\nTIMESTAMP_START,FC\n202106010000,-9999\n202106010030,2.5\n")
    assert csv_columns(path) == ["TIMESTAMP_START", "FC"]
    table = read_csv(path)
    np.testing.assert_equal(table["FC"].to_numpy(), [np.nan, 2.5])
    assert times(table)[1] == pd.Timestamp("2021-06-01 00:30")


def test_only_the_columns_asked_for_are_read(tmp_path) -> None:
    assert list(read_csv(put(tmp_path, "time,a,b\n2021-01-01,1,2\n"), columns=["time", "b"])) == ["time", "b"]


@pytest.mark.parametrize(
    ("stamps", "step"),
    [
        (["202101010000", "202101010030", "202101010100"], "half-hourly"),
        (["20210101", "20210102", "20210103"], "daily"),
        (["202101", "202102", "202103"], "monthly"),
        (["2019", "2020", "2021"], "yearly"),
    ],
)
def test_stamps_of_tower_files_are_understood_by_their_length(stamps, step) -> None:
    moments = times(pd.DataFrame({"TIMESTAMP": [int(stamp) for stamp in stamps]}))
    assert moments is not None
    assert str(moments[0]).startswith(stamps[0][:4])
    assert time_step(moments) == step


def test_dates_in_words_and_a_time_index_are_understood() -> None:
    assert time_step(times(pd.DataFrame({"Date": ["2021-01-01", "2021-01-02"]}))) == "daily"
    hourly = pd.DataFrame({"gpp": [1, 2]}, index=pd.date_range("2021-01-01", periods=2, freq="h"))
    assert time_step(times(hourly)) == "hourly"


def test_irregular_and_single_dates_have_no_step() -> None:
    assert time_step(pd.DatetimeIndex(["2021-01-01", "2021-01-02", "2021-03-07"])) == "irregular"
    assert time_step(pd.DatetimeIndex(["2021-01-01"])) == "irregular"


def test_a_table_without_time_has_none() -> None:
    assert times(pd.DataFrame({"a": [1, 2]})) is None
    assert times(pd.DataFrame({"date": ["spring", "autumn"]})) is None


def test_a_damaged_parquet_file_is_one_sentence(tmp_path) -> None:
    pd.DataFrame({"a": range(1000)}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:300])
    with pytest.raises(FormatError, match="cannot be read as Parquet"):
        read_parquet(tmp_path / "a.parquet")


def test_a_ragged_csv_file_is_one_sentence(tmp_path) -> None:
    with pytest.raises(FormatError, match="cannot be read as CSV"):
        read_csv(put(tmp_path, "a,b\n1,2\n1,2,3,4\n"))
