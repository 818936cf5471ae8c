"""`python -m core gpp fit`, as a user runs it."""

import json

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main


@pytest.fixture
def table(tmp_path):
    """Four towers, each seen every 8 days for two years; uptake is greenness times radiation."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2019-01-01", periods=91, freq="8D")
    season = (1 - np.cos(2 * np.pi * (days.dayofyear.to_numpy() - 15) / 365)) / 2
    parts = []
    for turn in range(4):
        nir, red = 0.2 + 0.2 * season, 0.1 - 0.05 * season + rng.normal(0, 0.005, 91)
        radiation = 4 + 15 * season * rng.uniform(0.5, 1, 91)
        gpp = (1 + 0.1 * turn) * 1.5 * nir * (nir - red) / (nir + red) * radiation + rng.normal(0, 0.2, 91)
        parts.append(
            pd.DataFrame({"tower": f"T{turn}", "day": days, "GPP": gpp, "red": red, "nir": nir, "radiation": radiation})
        )
    pd.concat(parts).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def fit(table, *more: str) -> int:
    usual = {
        "--target": "GPP",
        "--group": "tower",
        "--time": "day",
        "--features": "red,nir,radiation",
        "--model": "ridge",
    }
    given = dict(zip(more[::2], more[1::2], strict=True)) if len(more) % 2 == 0 else {}
    flags = list(more) if not given else []
    words = [word for pair in (usual | given).items() for word in pair]
    return main(["gpp", "fit", "--table", str(table), *words, *flags])


def test_json_tells_all_that_a_program_needs(table, capsys) -> None:
    assert main([
        "gpp", "fit", "--table", str(table), "--target", "GPP", "--group", "tower", "--time", "day",
        "--features", "red,nir,radiation", "--split", "leave-group-out", "--model", "light_use", "--json",
    ]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert (told["split"], told["model"], told["n"], told["groups"]) == ("leave-group-out", "light_use", 364, 4)
    assert told["r2"] > 0.9
    assert told["skill"] > 0.5
    for scores in told["baselines"].values():
        assert {"r2", "rmse", "mae", "bias", "kge", "skill"} <= scores.keys()


@pytest.mark.parametrize("split", ["leave-year-out", "blocked"])
def test_other_splits_in_words_with_skill_first(split, table, capsys) -> None:
    assert fit(table, "--split", split) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Skill over climatology +")
    assert split in shown
    assert "nirv_radiation" in shown


def test_files_are_written_on_request(table, tmp_path, capsys) -> None:
    assert fit(table, "--out", str(tmp_path / "out")) == 0
    repeat = (tmp_path / "out" / "repeat.sh").read_text().split()
    assert repeat[:5] == ["python", "-m", "core", "gpp", "fit"]
    capsys.readouterr()
    assert main([*repeat[3:], "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["r2"] == json.loads((tmp_path / "out" / "scores.json").read_text())["r2"]


def test_targets_dealt_anew_are_not_explained(table, capsys) -> None:
    assert fit(table, "--json", "--shuffled", "--seed=1") == 0
    assert json.loads(capsys.readouterr().out)["r2"] <= 0.05


WRONG = {
    "no source": (["gpp", "fit"], "is no single choice; give sites, --table FILE or --towers"),
    "no action": (["gpp"], "required: ACTION"),
    "unknown site": (["gpp", "fit", "NOWHERE"], "is not in the workspace"),
    "unknown model": (["gpp", "fit", "X", "--model", "magic"], "--model 'magic' is no regressor; choose one of"),
    "no target": (["gpp", "fit", "--table", "{t}"], "--target '' is not given"),
    "years": (["gpp", "fit", "X", "--train-years", "last"], "'last' are no years; write them as 2017,2018,2019"),
    "tower": (["gpp", "fit", "X", "--tower", "X"], "write it as SITE=FILE"),
    "one fold": (["gpp", "fit", "X", "--folds", "1"], "--folds '1' is too few"),
    "no table": (["gpp", "fit", "--table", "no.csv", "--target", "GPP"], "does not exist"),
}


BAD_TABLES = {
    "few days": (lambda t: t.head(50), "--split blocked", "holds 50 valid days; give at least 60"),
    "single year": (
        lambda t: t[t["day"] < "2020-01-01"],
        "--split leave-year-out",
        "cannot be made of the single year 2019; use --split blocked",
    ),
    "constant features": (
        lambda t: t.assign(red=0.1),
        "",
        "--features 'red' is the same in all rows and tells",
    ),
    "no target": (lambda t: t.assign(GPP=-9999), "", "--target 'GPP' has no value in any row; choose the column"),
    "close target": (lambda t: t.rename(columns={"GPP": "GPP_NT"}), "", "is no column of b.csv; choose one of: GPP_NT"),
    "two sites, one code": (
        lambda t: t[t["tower"].isin(["T0", "T1"])].assign(tower="T"),
        "",
        "two sites, one code?; give every tower a code of its own",
    ),
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_a_bad_table_is_one_sentence_with_a_way_forward(kind, table, tmp_path, capsys) -> None:
    change, split, words = BAD_TABLES[kind]
    change(pd.read_csv(table)).to_csv(tmp_path / "b.csv", index=False)
    assert fit(tmp_path / "b.csv", *split.split()) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(kind, table, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(tmp_path / "space"))
    arguments, words = WRONG[kind]
    assert main([word.replace("{t}", str(table)) for word in arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
