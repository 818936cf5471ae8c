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


BAD = {
    "no GPP": (["GPP_NT_VUT_REF"], "holds no GPP column; close to it are NEE_VUT_REF; partition the flux"),
    "no quality": (["NEE_VUT_REF_QC"], "holds no quality column for GPP_NT_VUT_REF; name one with --quality"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_without_what_is_needed_says_a_way_forward(kind, file, capsys) -> None:
    columns, words = BAD[kind]
    pd.read_csv(file).drop(columns=columns).assign(NEE_VUT_REF=1.0).to_csv(file, index=False)
    assert main(["tower", str(file)]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_files_of_two_resolutions_and_of_two_towers_are_refused(file, tmp_path, capsys) -> None:
    times = pd.date_range("2019-06-01", periods=96, freq="30min")
    hours = {"TIMESTAMP_START": times.strftime("%Y%m%d%H%M"), "GPP_NT_VUT_REF": 2.0, "NEE_VUT_REF_QC": 0}
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / file.name
    pd.DataFrame(hours).to_csv(tmp_path / "FLX_XX-Abc_HH.csv", index=False)
    pd.read_csv(file).assign(GPP_NT_VUT_REF=1.0).to_csv(other, index=False)
    for second, words in ((tmp_path / "FLX_XX-Abc_HH.csv", "more than one resolution"), (other, "for two towers")):
        assert main(["tower", str(file), str(second)]) == 2
        said = capsys.readouterr()
        assert words in said.err
        assert said.err.count("\n") == 1


def test_a_wrong_input_is_one_sentence_and_exit_code_2(file, capsys) -> None:
    assert main(["tower", str(file), "--gpp", "GPP"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("--gpp 'GPP' is no column")
    assert (said.out, said.err.count("\n")) == ("", 1)
