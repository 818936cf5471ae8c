"""`python -m core ingest`: looked at first, corrected, and made."""

from __future__ import annotations

import json
import re

import pytest

from core.__main__ import main
from core.sources.site import open_site
from tests.core.sources.ingest import test_take, test_unpack
from tests.core.sources.ingest.files import optical
from tests.core.sources.ingest.test_take import assert_ground


@pytest.fixture
def cube(tmp_path):
    path = tmp_path / "cube.nc"
    optical().rename(B04="measured").to_netcdf(path)
    return path


def test_a_mapping_is_shown_corrected_in_a_file_and_used(workspace, cube, tmp_path, capsys) -> None:
    root = ["--workspace", str(workspace.root)]
    assert main(["ingest", str(cube), "--look", *root]) == 0
    shown = capsys.readouterr().out
    assert "measured" in shown
    assert "Nothing marks clouds" in shown
    assert main(["ingest", str(cube), "--look", "--json", *root]) == 0
    mapping = json.loads(capsys.readouterr().out)
    assert workspace.sites() == []
    next(entry for entry in mapping["entries"] if entry["layer"] == "measured")["role"] = "B04"
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    made = ["ingest", str(cube), "--site", "x", "--mapping", str(tmp_path / "mapping.json"), "--json", *root]
    assert main(made) == 0
    said = json.loads(capsys.readouterr().out)
    keys = ("site", "optical_dates", "radar_dates", "start", "end", "height", "width", "crs")
    assert [said[key] for key in keys] == ["x", 3, 0, "2021-06-04", "2021-06-14", 12, 12, "EPSG:32632"]
    assert said["cloud_share"] == 0.0
    assert_ground(open_site(workspace, "x").cube, clouds=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{cube}"], "--site '' is missing"),
        (["nowhere.nc", "--site", "x"], "does not exist"),
        (["{cube}", "--site", "x", "--mapping", "nowhere.json"], "does not exist"),
        (["{cube}", "--site", "x", "--bbox", "0", "0", "1", "1"], "holds no pixel centre"),
        (["{cube}", "--site", "x", "--date", "spring"], "is no date"),
        (["{cube}", "--site", "x", "--crs", "nowhere"], "is no CRS"),
        (["{cube}", "--site", "a b"], "is no usable name"),
        (["{cube}", "--site", "x", "--weather", "README.md"], "is of a kind Fluxscape does not open"),
    ],
)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(workspace, cube, capsys, arguments, words) -> None:
    given = [part.format(cube=cube) for part in arguments]
    assert main(["ingest", *given, "--workspace", str(workspace.root)]) == 2
    said = capsys.readouterr()
    assert re.search(words, said.err), said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert workspace.sites() == workspace.drafts() == []


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("kind", [*test_take.WRONG, *test_unpack.WRONG])
def test_a_bad_file_is_one_sentence_exit_code_2_and_leaves_no_file(workspace, tmp_path, capsys, kind) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    if kind in test_take.WRONG:
        make, words = test_take.WRONG[kind]
        path = make(folder)
    else:
        make, words = test_unpack.WRONG[kind]
        path = make(folder / "given.zip")
    assert main(["ingest", str(path), "--site", "x", "--workspace", str(workspace.root)]) == 2
    said = capsys.readouterr()
    assert re.search(words, said.err), said.err
    assert (said.err.count("\n"), said.out) == (1, "")
    left = [entry for entry in workspace.root.rglob("*") if entry.name != "sites" and entry.suffix != ".lock"]
    assert left == []
