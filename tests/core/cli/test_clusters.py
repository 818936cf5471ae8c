"""`python -m core cluster` and `similar`, as a user runs them."""

from __future__ import annotations

import json

import pytest

from core.__main__ import main
from core.cli.clusters import BASES, MEASURES
from core.cli.clusters import METHODS as NAMED
from core.clustering.basis import BASES as KNOWN_BASES
from core.clustering.methods import METHODS
from core.clustering.result import open_clusters
from tests.core.made_land import made, publish


@pytest.fixture
def run(workspace, monkeypatch) -> str:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    return publish(workspace, made()).id


def test_the_choices_are_those_of_the_library() -> None:
    assert tuple(METHODS) == NAMED
    assert tuple(KNOWN_BASES) == BASES
    assert MEASURES == ("cosine", "euclidean")


def test_json_tells_what_a_program_needs(run, workspace, capsys) -> None:
    assert main(["cluster", run, "--method", "kmeans", "--k", "3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["embedding"], said["method"], said["k"], said["reused"]) == (run, "kmeans", 3, False)
    assert [entry["id"] for entry in said["clusters"]] == [1, 2, 3]
    assert sum(entry["area_ha"] for entry in said["clusters"]) == pytest.approx(3.24)
    assert said["by"]["basis"] == "year"
    assert said["adjusted_rand"] is None  # this embedding has no site with a land-cover map
    assert open_clusters(workspace, said["run"]).ids == (1, 2, 3)
    assert main(["cluster", run, "--method", "kmeans", "--k", "3", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["run"], again["reused"]) == (said["run"], True)


def test_a_person_reads_a_table_and_the_remarks(run, capsys) -> None:
    assert main(["cluster", run, "--by", "mean"]) == 0
    said = capsys.readouterr().out
    assert "clusters by kmeans, found in" in said
    assert "is the largest number of clusters" in said or "does so best" in said


@pytest.mark.parametrize("method", NAMED)
def test_every_method_can_be_asked_for(method, run, capsys) -> None:
    assert main(["cluster", run, "--method", method, "--date", "2021-07-01", "--json", *_k(method)]) == 0
    assert json.loads(capsys.readouterr().out)["by"]["basis"] == "date"


def _k(method: str) -> list[str]:
    return ["--k", "3"] if METHODS[method].takes_k else ["--smallest", "0.05"]


def test_files_are_written_on_request(run, tmp_path, capsys) -> None:
    assert main(["cluster", run, "--k", "3", "--out", str(tmp_path / "new" / "out"), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert sorted(path.rpartition(".")[2] for path in files) == ["csv", "gpkg", "tif", "txt"]
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == sorted(
        path.rpartition("/")[2] for path in files
    )


def test_similar_places_here_and_elsewhere(run, workspace, capsys) -> None:
    publish(workspace, made(site="TWIN", seed=2))
    publish(workspace, made(site="ALIEN", model="hand-7"))
    point = ["--x", "535855", "--y", "5537995"]
    assert main(["similar", run, *point, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["pixel"] == [12, 3]
    assert [site["site"] for site in said["sites"]] == ["HAND", "TWIN"]
    assert len(said["refused"]) == 1
    assert main(["similar", run, *point, "--measure", "euclidean", "--threshold", "0.6"]) == 0
    shown = capsys.readouterr()
    assert "TWIN" in shown.out
    assert "was left out: embedding 'ALIEN' comes from the model 'hand-7'" in shown.err


WRONG = {
    "unknown run": (["cluster", "nowhere"], "run 'nowhere' is not in the workspace"),
    "too many": (["cluster", "RUN", "--k", "99"], "k '99' is no usable number of clusters"),
    "k of hdbscan": (["cluster", "RUN", "--method", "hdbscan", "--k", "3"], "does not go with hdbscan"),
    "unknown method": (["cluster", "RUN", "--method", "magic"], "invalid choice: 'magic'"),
    "date of a year": (["cluster", "RUN", "--by", "year", "--date", "2021-01-01"], "does not go with --by year"),
    "span of a date": (["cluster", "RUN", "--by", "date", "--start", "2021-01-01"], "use --date"),
    "period elsewhere": (["cluster", "RUN", "--start", "2030-01-01"], "lies after the end"),
    "outside": (["similar", "RUN", "--x", "0", "--y", "0"], "point '0, 0' lies outside the embedding"),
    "no place": (["similar", "RUN", "--x", "0"], "following arguments are required: --y"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(kind, run, workspace, capsys) -> None:
    arguments, words = WRONG[kind]
    assert main([run if argument == "RUN" else argument for argument in arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert [found.id for found in workspace.runs()] == [run]
    assert workspace.drafts() == []
