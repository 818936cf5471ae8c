"""Tables: rows, step, and whether they tell of GPP."""

from pathlib import Path

import pandas as pd
import pytest

from core.sources.describe import describe


def put(folder: Path, text: str) -> Path:
    (folder / "a.csv").write_text(text)
    return folder / "a.csv"


def test_a_tower_table_names_its_gpp_and_how_much_of_it_there_is(tmp_path) -> None:
    description = describe(put(tmp_path, "TIMESTAMP,GPP_NT_VUT_REF,TA_F\n20210601,5,12\n20210602,-9999,13\n"))
    assert description.kind == "tower table"
    assert description.step == "daily"
    assert description.dims == {"rows": 2, "columns": 3}
    assert description.notes == ("GPP in GPP_NT_VUT_REF; GPP_NT_VUT_REF has a value in 50 % of the rows.",)


def test_fluxes_without_gpp_are_said_to_need_partitioning(tmp_path) -> None:
    (note,) = describe(put(tmp_path, "TIMESTAMP_START,FC\n202106010000,1\n202106010030,2\n")).notes
    assert note.startswith("No GPP column: FC would have to be partitioned")


def test_weather_is_told_from_any_other_table(tmp_path) -> None:
    assert describe(put(tmp_path, "time,temperature\n2021-01-01,3\n")).kind == "weather table"
    assert describe(put(tmp_path, "time,colour\n2021-01-01,3\n")).kind == "table"


def test_a_table_without_time_says_so(tmp_path) -> None:
    description = describe(put(tmp_path, "a,b\n1,2\n"))
    assert description.dates is None
    assert "No column tells the time" in description.notes[0]


@pytest.mark.parametrize(("part", "kind"), [("tower", "tower table"), ("weather", "weather table")])
def test_the_tables_of_a_site_are_described(tmp_path, small_site, part, kind) -> None:
    table: pd.DataFrame = getattr(small_site, part)
    table.to_parquet(tmp_path / "a.parquet")
    description = describe(tmp_path / "a.parquet")
    assert description.kind == kind
    assert (description.dates.start, description.step) == ("2021-05-01", "daily")
