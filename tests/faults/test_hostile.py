"""Hostile files are inert: refused in a sentence, nothing run, nothing written elsewhere, nothing read beyond."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from core.clustering.features import read_features
from core.embedding.result import open_embedding
from core.labelling.files import import_labels, load_labels
from core.labelling.labels import Labels
from core.schema import FluxscapeError
from core.sources.geotiff import opened
from core.sources.site import open_site
from tests import hostile
from tests.core.sources.ingest.files import ground
from tests.faults import threats
from tests.faults.answers import ask, contents, faults
from tests.faults.bench import Bench
from tests.faults.threats import Place, write_secret

CRS = "EPSG:32632"
MEMORY_MB = 400  # that a refusal may add to the process


@pytest.fixture
def place(bench: Bench, tmp_path: Path) -> Place:
    inside = tmp_path / "inside"
    for folder in (inside, tmp_path / "outside"):
        folder.mkdir()
    secret = write_secret(tmp_path / "outside" / "secret.tif")
    return Place(bench=bench.copy(inside), folder=inside, proof=tmp_path / "outside" / "proof", secret=secret)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


@pytest.mark.parametrize("name", threats.THREATS)
def test_a_threat_is_inert(name: str, place: Place, tmp_path: Path) -> None:
    words = threats.THREATS[name](place)
    before, memory = contents(tmp_path), peak_mb()
    answer = ask([*words, "--workspace", place.bench.workspace.root])
    assert not faults(answer)
    assert hostile.SECRET not in answer.out + answer.err
    assert not place.proof.exists()
    assert contents(tmp_path) == before
    assert peak_mb() < memory + MEMORY_MB


def test_what_lies_beside_a_raster_is_not_looked_at(place: Place) -> None:
    words = threats.beside(place)
    with opened(place.tif) as tiff:
        assert tiff.overviews(1) == []
        assert tiff.files == [str(place.tif)]
    assert ask([*words, "--workspace", place.bench.workspace.root]).code == 0
    (found,) = open_site(place.bench.workspace, "x").cube["B04"].values
    assert found == pytest.approx(ground("B04"), abs=1e-4)


def test_bottomless_labels_are_a_sentence(place: Place) -> None:
    grid = read_features(open_embedding(place.bench.workspace, place.bench.run)).grid
    with pytest.raises(FluxscapeError, match="GeoJSON"):
        import_labels(Labels(site="SMALL", crs=CRS), threats.bottomless_labels(place), grid=grid)


@pytest.mark.parametrize("file", ["site.json", "run.json", "manifest.json", "labels"])
def test_a_bottomless_file_in_the_workspace_is_a_sentence(file: str, place: Place) -> None:
    workspace = place.bench.workspace
    path = {
        "site.json": workspace.root / "sites" / "SMALL" / "site.json",
        "run.json": workspace.root / "runs" / place.bench.run / "run.json",
        "manifest.json": workspace.root / "sites" / "SMALL" / "manifest.json",
        "labels": workspace.root / "labels" / "SMALL.geojson",
    }[file]
    path.parent.mkdir(exist_ok=True)
    path.write_text("[" * 200_000)
    if file == "labels":
        with pytest.raises(FluxscapeError, match="GeoJSON"):
            load_labels(workspace, "SMALL", crs=CRS)
        return
    kind = ["cluster", place.bench.run, "--k", "3"] if file == "run.json" else ["embed", "SMALL"]
    assert not faults(ask([*kind, "--workspace", workspace.root]), names="remove it and make it again")
