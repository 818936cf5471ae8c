"""`python -m core load`, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from core.__main__ import main
from core.store import Workspace
from tests.core.made_embedding import NORTH, WEST


@pytest.fixture
def path(tmp_path) -> Path:
    values = np.random.default_rng(2).normal(size=(3, 12, 10)).astype(np.float32)
    path = tmp_path / "mine.tif"
    profile = {"count": 3, "height": 12, "width": 10, "dtype": "float32", "crs": "EPSG:32632"}
    with rasterio.open(path, "w", driver="GTiff", transform=from_origin(WEST, NORTH, 10, 10), **profile) as tiff:
        tiff.write(values)
    return path


@pytest.fixture
def space(workspace: Workspace, monkeypatch) -> Workspace:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    return workspace


def test_json_tells_what_a_program_needs(space, path, tmp_path, capsys) -> None:
    progress = tmp_path / "progress.json"
    arguments = ["load", str(path), "--site", "meadow", "--date", "2021", "--progress", str(progress)]
    assert main([*arguments, "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    (run,) = space.runs(kind="embedding")
    wanted = {"run": run.id, "site": "meadow", "reused": False, "model": "unknown", "start": "2021-07-01"}
    assert {key: found[key] for key in wanted} == wanted
    assert (found["dates"], found["rows"], found["cols"], found["pixel_dates"]) == (1, 12, 10, 120)
    assert found["remarks"] == said.err.splitlines()
    assert json.loads(progress.read_text()) == {"fraction": 1.0, "message": "Done"}


def test_text_is_one_line_and_a_second_time_it_stands(space, path, capsys) -> None:
    arguments = ["load", str(path), "--site", "meadow", "--date", "2021-07-14", "--model", "mine"]
    assert main(arguments) == main(arguments) == 0
    first, second = capsys.readouterr().out.splitlines()
    (run,) = space.runs()
    assert first.startswith(f"{run.id}: loaded, mine at the site meadow, 120 pixel-dates of 1 dates from 2021-07-14")
    assert second.startswith(f"{run.id}: stands already, mine")


WRONG = {
    "no date": ([], "'mine.tif' does not say of which date it is; give it with --date"),
    "no site": (["--date", "2021"], "has no site in the workspace; name a new one with --site NAME"),
    "bad site": (["--date", "2021", "--site", "../x"], "site '../x' is no usable name"),
    "bad date": (["--date", "soon", "--site", "a"], "date 'soon' is no date"),
    "bad crs": (["--date", "2021", "--site", "a", "--crs", "mars"], "crs 'mars' is no CRS that PROJ knows"),
    "box elsewhere": (["--date", "2021", "--site", "a", "--bbox", "0", "0", "1", "1"], "holds no pixel centre"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(kind, space, path, capsys) -> None:
    arguments, words = WRONG[kind]
    assert main(["load", str(path), *arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert space.runs() == space.drafts() == space.sites() == []
