"""`python -m core cluster` and `similar`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from core.__main__ import main
from core.cli.clusters import BASES, MEASURES
from core.cli.clusters import METHODS as NAMED
from core.clustering.basis import BASES as KNOWN_BASES
from core.clustering.methods import METHODS
from core.clustering.result import open_clusters
from core.clustering.studies import open_plane
from tests.core.made_land import SIDE, kinds, made, publish


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


def test_how_many_clusters_is_judged_alone_and_kept(run, workspace, capsys) -> None:
    assert main(["cluster", run, "--suggest", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["k"] == 3  # kinds of land in the made embedding
    assert [one["k"] for one in said["tried"]] == list(range(2, 13))
    assert all(0 <= one["recovered"] <= 1 for one in said["tried"])
    assert said["by"]["basis"] == "year"
    assert [found.spec.kind for found in workspace.runs() if found.id != run] == ["cluster-number"]
    assert main(["cluster", run, "--suggest"]) == 0
    shown = capsys.readouterr().out
    assert "comes out again" in shown.splitlines()[0]
    assert said["words"] in shown
    assert len(workspace.runs(kind="cluster-number")) == 1


def test_the_pixels_are_arranged_alone_and_neighbours_are_of_one_kind(run, workspace, capsys) -> None:
    assert main(["cluster", run, "--plane", "--by", "mean", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["by"]["basis"] == "mean"
    plane = open_plane(workspace.run(said["run"]))
    places, land = plane.reshape(-1, 2), kinds().ravel()
    assert np.isfinite(places).all()
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert (land[away.argmin(axis=1)] == land).mean() > 0.9
    assert main(["cluster", run, "--plane", "--by", "mean"]) == 0
    assert said["run"] in capsys.readouterr().out
    assert workspace.runs(kind="clusters") == []


def test_clusters_are_compared_with_a_land_cover_file(run, tmp_path, capsys) -> None:
    cover = written(tmp_path / "cover.tif", kinds())
    assert main(["cluster", run, "--k", "3", "--land-cover", cover, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["land_cover"] == "cover.tif"
    assert said["adjusted_rand"] > 0.9
    largest = said["confusion"]["1"]
    assert max(largest, key=largest.get) == "class 1"  # half of the land
    assert sum(pixels for row in said["confusion"].values() for pixels in row.values()) == SIDE * SIDE
    assert main(["cluster", run, "--k", "3", "--land-cover", cover]) == 0
    assert f"Adjusted Rand index with cover.tif: {said['adjusted_rand']:.2f}." in capsys.readouterr().out


def test_a_land_cover_file_that_does_not_fit_is_said(run, tmp_path, capsys) -> None:
    elsewhere = written(tmp_path / "far.tif", kinds(), west=800_000.0)
    for file, words in ((elsewhere, "does not reach the site"), (str(tmp_path / "none.tif"), "none.tif")):
        assert main(["cluster", run, "--k", "3", "--land-cover", file]) == 2
        said = capsys.readouterr()
        assert words in said.err
        assert said.out == ""
        assert said.err.count("\n") == 1


def written(path: Path, classes: np.ndarray, *, west: float = 535_820.0) -> str:
    """A raster of classes on the pixels of the made embedding."""
    place = from_origin(west, 5_538_120.0, 10, 10)
    height, width = classes.shape
    shape = {"height": height, "width": width, "count": 1, "dtype": "uint8", "crs": "EPSG:32632", "transform": place}
    with rasterio.open(path, "w", driver="GTiff", **shape) as tiff:
        tiff.write(classes.astype(np.uint8), 1)
    return str(path)


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
    "two studies": (["cluster", "RUN", "--suggest", "--plane"], "not allowed with argument"),
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
