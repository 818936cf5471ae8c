"""`python -m core embed`, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.__main__ import main
from core.embedding.result import open_embedding
from core.schema import SiteInfo
from core.sources.site import write_site
from core.store import SITE_FILE, Workspace, write_json
from tests.small_models import small_weights


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Path:
    torch.set_num_threads(1)
    return small_weights(tmp_path_factory.mktemp("weights") / "tiny", values=2, size=3)


@pytest.fixture
def space(workspace: Workspace, small_site, monkeypatch) -> Workspace:
    """A workspace with the site SMALL, of which the environment tells."""
    write_site(workspace, **small_site.parts())
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    return workspace


def embed(*arguments: object) -> int:
    return main(["embed", *map(str, arguments)])


def test_json_tells_what_a_program_needs(space, weights, tmp_path, capsys) -> None:
    progress = tmp_path / "progress.json"
    assert embed("SMALL", "--model", weights, "--json", "--progress", progress) == 0
    said = json.loads(capsys.readouterr().out)
    found = open_embedding(space, said["run"])
    assert said["pixel_dates"] == int(np.isfinite(found["features"][0]).sum()) == 5 * (120 - 6)
    assert said["seconds"] > 0
    assert said["pixel_dates_per_second"] == pytest.approx(said["pixel_dates"] / said["seconds"], rel=0.001)
    assert said["peak_rss_mb"] > 50
    assert (said["model"], said["dates"], said["rows"], said["cols"], said["reused"]) == ("tiny", 5, 12, 10, False)
    assert json.loads(progress.read_text()) == {"fraction": 1.0, "message": "Done"}
    assert embed("SMALL", "--model", weights, "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["run"], again["reused"]) == (said["run"], True)


@pytest.mark.parametrize("model", ["compact-7", "compact-32"])
def test_fewer_dates_than_a_window_are_embedded_and_said(space, model, capsys) -> None:
    assert embed("SMALL", "--model", model) == 0
    assert "s2 holds 5 valid dates: its windows have room for 11.\n" in capsys.readouterr().err
    (run,) = space.runs(kind="embedding")
    found = open_embedding(space, run.id)
    assert int(np.isfinite(found["features"]).all("feature").sum()) == 5 * (120 - 6)
    assert float(found["context_share"].max()) < 0.5


def test_a_site_without_images_is_a_sentence(workspace, monkeypatch, capsys) -> None:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    info = SiteInfo(id="BARE", kind="files", title="Bare", lat=50.0, lon=9.5, igbp="")
    with workspace.draft("sites", "BARE") as folder:
        write_json(folder / SITE_FILE, info.to_json())
    assert embed("BARE") == 2
    assert capsys.readouterr().err == "site 'BARE' holds embeddings, no images; choose a site with images.\n"


def test_a_part_of_a_site_and_the_errors_on_request(space, weights, capsys) -> None:
    box = ("--bbox", 535_840, 5_538_000, 535_870, 5_538_060)
    assert embed("SMALL", "--model", weights, "--start", "2021-05-06", "--end", "2021-05-20", *box, "--error") == 0
    (run,) = space.runs(kind="embedding")
    found = open_embedding(space, run.id)
    assert {"error_s1", "error_s2"} <= set(found.data_vars)
    assert found.sizes == {"feature": 2, "time": 2, "y": 6, "x": 3}
    shown = capsys.readouterr().out
    assert shown.startswith(f"{run.id}: made by tiny in ")
    assert "of 2 dates from 2021-05-06 to 2021-05-16, 6 x 3 pixels" in shown


def test_ctrl_c_leaves_a_draft_that_the_next_call_takes_up(space, weights, monkeypatch, capsys) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.embedding.engine.compute", interrupted)
    assert embed("SMALL", "--model", weights) == 130
    assert len(space.drafts()) == 1
    monkeypatch.undo()
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(space.root))
    assert embed("SMALL", "--model", weights) == 0
    assert space.drafts() == []


WRONG = {
    "unknown site": (["NOWHERE"], "site 'NOWHERE' is not in the workspace"),
    "unknown model": (["SMALL", "--model", "compact-8"], "choose one of compact-7, compact-32, or give a folder"),
    "box elsewhere": (["SMALL", "--bbox", "0", "0", "9", "9"], "bbox '0 0 9 9' holds no pixel centre of the site"),
    "box of three": (["SMALL", "--bbox", "0", "0", "9"], "expected 4 arguments"),
    "period elsewhere": (["SMALL", "--start", "2030-01-01", "--end", "2030-02-01"], "holds no optical acquisition"),
    "no date": (["SMALL", "--start", "yesterday"], "start 'yesterday' is no date"),
    "all cloud": (["SMALL", "--bbox", "535825", "5538095", "535835", "5538115"], "holds no clear pixel at any date"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(kind, space, weights, capsys) -> None:
    arguments, words = WRONG[kind]
    model = [] if "--model" in arguments else ["--model", weights]
    assert embed(*arguments, *model) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.endswith(".\n")
    assert space.runs() == space.drafts() == []
