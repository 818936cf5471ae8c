"""The recipes of docs/extend.md: one is followed to the letter, and what all of them name is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.gpp.regressors import registry
from core.gpp.store import load_model

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "extend.md").read_text(encoding="utf-8")
NAME = "nearest_days"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Four towers of two years whose uptake is greenness times light."""
    dice, days = np.random.default_rng(0), pd.date_range("2019-01-01", periods=91, freq="8D")
    season = (1 - np.cos(2 * np.pi * days.dayofyear.to_numpy() / 365)) / 2
    parts = []
    for turn in range(4):
        green, light = season * dice.uniform(0.5, 1.5, 91), 4 + 15 * season * dice.uniform(0.4, 1, 91)
        gpp = 0.8 * green * light + dice.normal(0, 0.2, 91)
        parts.append(pd.DataFrame({"tower": f"T{turn}", "day": days, "GPP": gpp, "green": green, "light": light}))
    pd.concat(parts).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_a_regressor_added_by_the_recipe_is_fitted_judged_and_stored(table, tmp_path, monkeypatch, capsys) -> None:
    (recipe,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    made: dict[str, Any] = dict(vars(registry))
    exec(recipe, made)
    monkeypatch.setitem(registry.REGRESSORS, NAME, made["entry"])
    columns = ["--target", "GPP", "--group", "tower", "--time", "day", "--features", "green,light"]
    words = ["gpp", "fit", "--table", str(table), *columns, "--model", NAME, "--split", "leave-group-out"]
    assert main([*words, "--out", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["n"]) == (NAME, 364)
    assert told["skill"] > 0.3
    assert load_model(tmp_path / "out" / "model").name == NAME
    assert main([*words[:-4], "--model", "none_such"]) == 2
    assert NAME in capsys.readouterr().err


def test_every_file_and_name_in_the_recipes_is_there() -> None:
    for path in re.findall(r"`((?:core|models|pages|tests)/[\w/.]+)`", TEXT):
        if "NAME" not in path:
            assert (ROOT / path).exists(), path
    homes = re.findall(r"`(\w+)`[^`\n]{0,40}? (?:in|of|to) `((?:core|models|pages|tests)/[\w/]+\.py)`", TEXT)
    assert len(homes) >= 5
    for name, path in homes:
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text(encoding="utf-8")), f"{name} in {path}"
