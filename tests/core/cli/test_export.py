"""`python -m core export`, as a user runs it."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import rasterio
import xarray as xr

from core.__main__ import main
from core.store import Run, Workspace
from tests.core.made_embedding import made_cube, publish


@pytest.fixture
def run(workspace: Workspace, monkeypatch) -> Run:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    return publish(workspace, made_cube())


def test_zarr(run, tmp_path, capsys) -> None:
    assert main(["export", run.id, str(tmp_path / "c.zarr"), "--to", "zarr", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"run": run.id, "to": "zarr", "files": [str(tmp_path / "c.zarr")]}
    xr.testing.assert_equal(xr.open_zarr(tmp_path / "c.zarr", chunks=None)["features"], made_cube()["features"])


def test_cog_of_two_dates(run, tmp_path, capsys) -> None:
    dates = ["--date", "2021-05-11", "--date", "2021-05-01"]
    assert main(["export", run.id, str(tmp_path / "tiffs"), "--to", "cog", *dates]) == 0
    files = capsys.readouterr().out.splitlines()
    assert [file[-14:-4] for file in files] == ["2021-05-01", "2021-05-11"]
    with rasterio.open(files[1]) as tiff:
        assert tiff.tags()["date"] == "2021-05-11"


def test_geoparquet_and_overwriting(run, tmp_path, capsys) -> None:
    arguments = ["export", run.id, str(tmp_path / "p.parquet"), "--to", "geoparquet", "--samples", "5", "--seed", "1"]
    assert main(arguments) == 0
    table = gpd.read_parquet(tmp_path / "p.parquet")
    assert len(table[["row", "col"]].drop_duplicates()) == 5
    assert main(arguments) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


WRONG = {
    "unknown run": (["nothing", "x.zarr", "--to", "zarr"], "run 'nothing' is not in the workspace"),
    "unknown form": (["RUN", "x.png", "--to", "png"], "invalid choice: 'png'"),
    "no form": (["RUN", "x.zarr"], "required: --to"),
    "no such date": (["RUN", "x", "--to", "cog", "--date", "1999-01-01"], "the nearest one is 2021-05-01"),
    "no such folder": (["RUN", "nowhere/x.zarr", "--to", "zarr"], "folder that does not exist"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(kind, run, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, words = WRONG[kind]
    assert main(["export", *(run.id if part == "RUN" else part for part in arguments)]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
