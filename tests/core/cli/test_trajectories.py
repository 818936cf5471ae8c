"""`python -m core trajectory`, as a user runs it."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.__main__ import main
from core.store import Workspace
from tests.core.made_land import made, publish


@pytest.fixture
def run_id(workspace: Workspace, monkeypatch) -> str:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    return publish(workspace, made(dates=36, cloud=0.3)).id


def test_json_holds_what_is_drawn(run_id, tmp_path, capsys) -> None:
    out = tmp_path / "paths.csv"
    arguments = [
        "trajectory",
        run_id,
        "--where",
        "site",
        "--where",
        "pixel:535900,5538000",
        "--out",
        str(out),
        "--json",
    ]
    assert main(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    assert [place["place"] for place in said["places"]] == ["whole site", "pixel 535900, 5538000"]
    assert said["simulated"] is True
    assert said["axes"]["fitted_on"] == [run_id]
    table = pd.read_csv(out)
    assert len(table) == len(said["paths"]) == sum(place["dates"] for place in said["places"])
    assert said["paths"][0]["PC1"] == pytest.approx(table["PC1"][0], abs=1e-4)


def test_words_for_a_person(run_id, capsys) -> None:
    assert main(["trajectory", run_id, "--events"]) == 0
    out, err = capsys.readouterr()
    assert "whole site" in out
    assert "Lasting changes were not sought" in err
    assert "Years were not compared" in err


def test_another_model_needs_aligning(run_id, workspace, capsys) -> None:
    other = publish(workspace, made(dates=36, cloud=0.3, model="other", weights_digest="w2"))
    assert main(["trajectory", run_id, "--with", other.id]) == 2
    assert capsys.readouterr().err.count("\n") >= 1
    assert main(["trajectory", run_id, "--with", other.id, "--align", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["compared"]
    assert row["cka"] == pytest.approx(1, abs=1e-3)


def test_a_year_with_three_dates_is_a_sentence_and_the_rest_is_told(workspace, monkeypatch, capsys) -> None:
    import xarray as xr

    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    years = [made(dates=36, cloud=0.0, year=year) for year in (2020, 2021)]
    run = publish(workspace, xr.concat([*years, made(dates=36, year=2022, cloud=0.0).isel(time=slice(0, 3))], "time"))
    assert main(["trajectory", run.id, "--json"]) == 0
    out, err = capsys.readouterr()
    assert "2022 was seen on 3 dates only" in err
    assert "year '2022' has 3 clear dates, too few" in err
    assert {row["year"] for row in json.loads(out)["seasons"]} == {2020, 2021}


def test_a_place_always_under_cloud_is_refused(workspace, monkeypatch, capsys) -> None:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    cube = made(dates=36, cloud=0.0)
    cube["features"][:, :, :2, :2] = float("nan")
    run = publish(workspace, cube)
    assert main(["trajectory", run.id, "--where", "pixel:535825,5538115"]) == 2
    err = capsys.readouterr().err
    assert "was never seen between" in err
    assert "choose another place" in err


def test_a_cluster_is_a_place(run_id, workspace, capsys) -> None:
    from core.clustering.assign import ClusterSpec
    from core.clustering.result import cluster_run

    clusters = cluster_run(workspace, run_id, spec=ClusterSpec(k=3)).run.id
    assert main(["trajectory", run_id, "--where", f"cluster:{clusters}:2", "--json"]) == 0
    (place,) = json.loads(capsys.readouterr().out)["places"]
    assert place["place"] == "cluster 2"
    assert main(["trajectory", run_id, "--where", f"cluster:{clusters}:9"]) == 2
    assert "choose one of 1, 2, 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--where", "moon"], "is no place"),
        (["--out", "paths.xlsx"], "neither .csv nor .parquet"),
        (["--with", "nothing"], "is not in the workspace"),
        (["--fill", "guess"], "invalid choice"),
    ],
)
def test_wrong_input_is_one_sentence(run_id, more, said, capsys) -> None:
    assert main(["trajectory", run_id, *more]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
