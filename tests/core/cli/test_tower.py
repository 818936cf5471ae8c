"""`python -m core tower`, as a user runs it."""

import json

import pandas as pd
import pytest

from core.__main__ import main


@pytest.fixture
def file(tmp_path):
    days = pd.date_range("2019-01-01", periods=70)
    table = {"TIMESTAMP": days.strftime("%Y%m%d"), "GPP_NT_VUT_REF": 2.5, "NEE_VUT_REF_QC": [0.5] * 10 + [1.0] * 60}
    pd.DataFrame(table).to_csv(tmp_path / "FLX_XX-Abc_FLUXNET2015_FULLSET_DD_2019.csv", index=False)
    return tmp_path / "FLX_XX-Abc_FLUXNET2015_FULLSET_DD_2019.csv"


def test_json_tells_all_that_a_program_needs(file, capsys) -> None:
    assert main(["tower", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    wanted = "site resolution start end days days_valid gpp_column qc_column unit mean min max"
    assert set(wanted.split()) <= told.keys()
    assert (told["days"], told["days_valid"], told["mean"]) == (70, 60, 2.5)


def test_words_tell_what_each_rule_drops(file, capsys) -> None:
    assert main(["tower", str(file), "--min-quality", "0.4"]) == 0
    shown = capsys.readouterr().out
    assert "70 valid of 70" in shown
    assert "low quality 0" in shown
    assert "night-time" in shown


def test_a_wrong_input_is_one_sentence_and_exit_code_2(file, capsys) -> None:
    assert main(["tower", str(file), "--gpp", "GPP"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("--gpp 'GPP' is no column")
    assert (said.out, said.err.count("\n")) == ("", 1)
