"""The Clusters page without a browser, on an embedding whose clusters are known beforehand: three fields."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.__main__ import main
from core.clustering.legend import Edits
from core.clustering.result import open_clusters
from core.embedding.result import open_embedding
from core.frames import Grid
from core.labelling.files import load_labels, save_labels
from core.labelling.labels import Labels
from core.sources.embeddings.load import load_embedding
from core.store import Run, Workspace
from core.ui import slow
from core.ui.clusters import loaders
from core.ui.clusters.atlas import Mark
from core.ui.clusters.choices import CLUSTERS, LABEL, SIMILAR, Choices
from tests.meadow import SIDE, WEST, meadow_in
from tests.pages.app import PATIENCE_S, Open, press, sentences, stop_what_is_held, words

PAGE = "clusters.py"
WEST_PATH = ((0.0, 0.0), (0.0, float(WEST)), (float(SIDE), float(WEST)), (float(SIDE), 0.0))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return meadow_in(tmp_path_factory.mktemp("clusters")).root


@pytest.fixture
def meadow(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


@pytest.fixture
def open_meadow(open_page: Open, meadow: Workspace) -> Open:
    """The page with choices made beforehand."""

    def open_with(**chosen: Any) -> AppTest:
        app = open_page(meadow, PAGE, site="MEADOW")
        return choose(app, **({"k": 3, "numbered": None} | chosen))

    return open_with


def choose(app: AppTest, **chosen: Any) -> AppTest:
    """As a gesture in the browser or a widget would."""
    app.session_state["clusters"] = replace(chosen_of(app), **chosen)
    app.run()
    assert not app.exception
    return app


def chosen_of(app: AppTest) -> Choices:
    return app.session_state["clusters"]


def run_of(space: Workspace) -> Run:
    (run,) = space.runs(kind="embedding")
    return run


def grid(space: Workspace) -> Grid:
    return Grid(x=535_825.0, y=5_538_115.0, pixel_width=10, pixel_height=10, rows=SIDE, cols=SIDE, crs="EPSG:32632")


def labelled(space: Workspace, *places: tuple[str, int, int]) -> Labels:
    """Labels of (class, row, column), stored."""
    labels, where = load_labels(space, "MEADOW", crs="EPSG:32632"), grid(space)
    for name, row, column in places:
        labels = labels.add(name, "Point", [(where.x + 10 * column, where.y - 10 * row)], grid=where)
    save_labels(space, labels)
    return labels


# ---------------------------------------------------------------- before there is anything
def test_without_an_embedding_the_way_to_one_is_shown(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, PAGE, site="SMALL")
    assert "SMALL has no embedding yet" in app.info[0].value
    assert [link.proto.label for link in app.get("page_link")] == ["Go to Embed"]


def test_a_damaged_run_is_one_sentence(open_page: Open, meadow: Workspace) -> None:
    next(path for path in run_of(meadow).path.rglob("c/*") if path.is_file()).write_bytes(b"spoilt")
    app = open_page(meadow, PAGE, site="MEADOW")
    assert not app.exception
    assert any("is damaged" in text or "lacks" in text for text in sentences(app))


# ---------------------------------------------------------------- too little to compare
def shortened(space: Workspace, folder: Path, *, dates: int = 5, cloud: tuple[slice, slice] | None = None) -> Run:
    """The meadow's embedding on its first dates, loaded beside it; `cloud`: dates and rows that were not seen."""
    cube = open_embedding(space, run_of(space).id)[["features"]].isel(time=slice(0, dates)).load()
    cube.attrs = {"crs": cube.attrs["crs"]}
    if cloud:
        cube["features"][:, *cloud] = np.nan
    cube.to_zarr(folder / "short.zarr", zarr_format=3, consolidated=False)
    before = {run.id for run in space.runs()}
    load_embedding(space, [folder / "short.zarr"], site="MEADOW", model="short")
    return next(run for run in space.runs() if run.id not in before)


@pytest.mark.parametrize("dates", [1, 3])
def test_a_short_record_is_compared_by_what_it_has(
    open_page: Open, meadow: Workspace, tmp_path: Path, dates: int
) -> None:
    run = shortened(meadow, tmp_path, dates=dates)
    app = choose(open_page(meadow, PAGE, site="MEADOW", run=run.id), k=3, numbered=None)
    assert not app.error
    assert "No year here has 4 dates, a path through a year needs them" in words(app)
    assert chosen_of(app).basis == ("mean" if dates > 1 else "date")
    assert app.selectbox(key="clusters_basis").options == ["one date", "mean of a period"]
    shown = chosen_of(app).numbered
    assert shown is not None
    assert (shown.labels[:, :WEST] == 2).all()
    for part in (SIMILAR, LABEL):
        choose(app, part=part)
        assert not app.error


@pytest.mark.parametrize("part", [CLUSTERS, SIMILAR, LABEL])
def test_a_date_under_cloud_is_told_calmly(open_page: Open, meadow: Workspace, tmp_path: Path, part: str) -> None:
    run = shortened(meadow, tmp_path, cloud=(slice(1, 2), slice(None)))
    labelled(meadow, *FOUR)
    app = open_page(meadow, PAGE, site="MEADOW", run=run.id, date="2021-05-11")
    app = choose(app, part=part, basis="date", numbered=None)
    assert not app.error
    assert any("has no pixel that was seen well enough; choose" in part.value for part in app.info)
    assert app.selectbox(key="clusters_basis").value == "date"  # the controls stay


def test_a_place_always_under_cloud_is_told_calmly(open_page: Open, meadow: Workspace, tmp_path: Path) -> None:
    run = shortened(meadow, tmp_path, cloud=(slice(None), slice(0, 10)))
    app = open_page(meadow, PAGE, site="MEADOW", run=run.id)
    app = choose(app, part=SIMILAR, marks={SIMILAR: Mark(seq=1, kind="pixel", pixel=(5, 5))})
    assert not app.error
    assert any("was not seen well enough; choose another place or period" in part.value for part in app.info)
    app = choose(app, marks={SIMILAR: Mark(seq=2, kind="pixel", pixel=(15, 5))})
    assert "like pixel 15, 5." in words(app)


# ---------------------------------------------------------------- clusters
def test_the_three_fields_are_found_with_their_areas(open_meadow: Open) -> None:
    app = open_meadow(marks={CLUSTERS: Mark(seq=1, kind="area", path=WEST_PATH)})
    shown = chosen_of(app).numbered
    assert shown is not None
    assert [int((shown.labels == cluster).sum()) for cluster in (1, 2, 3)] == [25 * 28, 480, 15 * 28]
    assert "480 pixels, 4.8 ha: 100 % cluster 2." in words(app)
    assert not app.error


def test_clusters_keep_their_numbers_when_k_changes_and_comes_back(open_meadow: Open) -> None:
    app = open_meadow()
    before = chosen_of(app).numbered
    choose(app, k=2)
    choose(app, k=3)
    after = chosen_of(app).numbered
    assert before is not None
    assert after is not None
    assert (after.labels == before.labels).all()


def test_k_is_suggested_in_the_background_and_taken_when_it_is_known(open_meadow: Open, begun: list[list[str]]) -> None:
    app = press(open_meadow(k=6), "Suggest")
    assert chosen_of(app).k == 6
    assert main(begun[0][1:]) == 0
    app.run()
    assert chosen_of(app).k == 3
    assert app.number_input(key="clusters_k").value == 3
    assert "3 is the largest number of clusters that comes out again" in words(app)
    choose(app, k=5)
    press(app, "Suggest")  # known by now
    assert chosen_of(app).k == 3
    assert len(begun) == 1


def test_pixels_are_arranged_in_the_background(open_meadow: Open, begun: list[list[str]]) -> None:
    app = press(open_meadow(axes="neighbours"), "Arrange, 10 to 30 s")
    assert main(begun[0][1:]) == 0
    app.run()
    assert not any(button.label.startswith("Arrange") for button in app.button)


# ---------------------------------------------------------------- the link
def test_a_link_shows_the_same_view(open_page: Open, meadow: Workspace) -> None:
    asked = {"site": "MEADOW", "clusters": "by mean from 2021-05-11 to 2021-06-10 scale raw k 2 pixel 3.4"}
    app = open_page(meadow, PAGE, **asked)
    chosen = chosen_of(app)
    assert (chosen.basis, chosen.span) == ("mean", ("2021-05-11", "2021-06-10"))
    assert (chosen.standardise, chosen.k) == (False, 2)
    assert chosen.numbered is not None
    assert chosen.chosen == chosen.numbered.labels[3, 4]
    assert app.query_params["clusters"] in (asked["clusters"], [asked["clusters"]])
    choose(
        app, basis="date", k=4, part=SIMILAR, threshold=0.5, marks={SIMILAR: Mark(seq=2, kind="pixel", pixel=(9, 8))}
    )
    told = "part similar by date scale raw threshold 0.50 pixel 9.8"
    assert app.query_params["clusters"] in (told, [told])
    again = open_page(meadow, PAGE, site="MEADOW", clusters=told)
    assert "like pixel 9, 8" in words(again)


def test_what_a_link_gets_wrong_is_said(open_page: Open, meadow: Workspace) -> None:
    app = open_page(meadow, PAGE, site="MEADOW", clusters="k 99 method gmm")
    assert chosen_of(app).method == "gmm"
    assert any("'k 99' in the link is not understood; give a number from 2 to 24" in text for text in sentences(app))


@pytest.mark.parametrize("basis", ["date", "mean", "year"])
@pytest.mark.parametrize("method", ["gmm", "hdbscan"])
def test_every_method_finds_the_fields_in_every_way_of_comparing(open_meadow: Open, basis: str, method: str) -> None:
    app = open_meadow(basis=basis, method=method)
    shown = chosen_of(app).numbered
    assert shown is not None
    west = shown.labels[:, :WEST]
    number = int(np.bincount(west[west > 0]).argmax())
    assert (west == number).mean() > 0.8
    assert (shown.labels[:, WEST:] != number).all()


def test_a_click_chooses_its_cluster_and_clearing_takes_it_back(open_meadow: Open) -> None:
    app = open_meadow(chosen=2)
    assert "What is cluster 2?" in words(app)
    app.selectbox(key="clusters_chosen").set_value(0).run()
    assert "What is cluster 1?" in words(app)


def test_names_and_merges_are_shown_and_undone(open_meadow: Open) -> None:
    app = open_meadow(chosen=2)
    app.selectbox(key="clusters_renamed").set_value(2)
    app.text_input(key="clusters_new_name").set_value("*wet* meadow")
    submit(app, "Rename")
    assert r"What is \*wet\* meadow?" in words(app)
    app.multiselect(key="clusters_merged").set_value([1, 3])
    submit(app, "Merge")
    assert app.selectbox(key="clusters_chosen").options == ["all clusters", "cluster 1", "*wet* meadow"]
    app.button(key="clusters_undo").click().run()
    assert len(app.selectbox(key="clusters_chosen").options) == 4
    app.button(key="clusters_undo").click().run()
    assert "What is cluster 2?" in words(app)


def submit(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    assert not app.error


def test_a_question_that_has_no_answer_is_a_sentence_and_the_controls_stay(open_meadow: Open) -> None:
    app = open_meadow(basis="year", k=3)
    choose(app, method="hdbscan", smallest=90.0)
    assert any("Smallest share" in part.value for part in app.info)
    assert not app.error
    assert app.selectbox(key="clusters_method").value == "hdbscan"
    app.selectbox(key="clusters_method").set_value("kmeans").run()
    assert not app.error


def test_a_period_is_chosen_by_its_first_and_last_date(open_meadow: Open) -> None:
    app = open_meadow(basis="mean")
    assert chosen_of(app).span == ("2021-05-01", "2021-06-10")
    app.selectbox(key="clusters_first").set_value("2021-05-11").run()
    app.selectbox(key="clusters_last").set_value("2021-05-31").run()
    assert chosen_of(app).span == ("2021-05-11", "2021-05-31")
    app.toggle(key="clusters_standardise").set_value(False).run()
    assert chosen_of(app).span == ("2021-05-11", "2021-05-31")
    shown = chosen_of(app).numbered
    assert shown is not None
    assert (shown.features.start, shown.features.end) == ("2021-05-11", "2021-05-31")
    assert app.selectbox(key="clusters_first").options == ["2021-05-01", "2021-05-11", "2021-05-21", "2021-05-31"]
    assert app.selectbox(key="clusters_last").options == ["2021-05-11", "2021-05-21", "2021-05-31", "2021-06-10"]


def test_what_is_on_the_screen_is_kept_for_trajectories(open_meadow: Open, meadow: Workspace) -> None:
    app = open_meadow(edits=Edits().rename(2, "wet meadow"))
    submit(app, "Keep these clusters")
    (kept,) = meadow.runs(kind="clusters")
    assert f"Kept as `{kept.id}`." in words(app)
    assert not any(button.label == "Keep these clusters" for button in app.button)
    stored, shown = open_clusters(meadow, kept.id), chosen_of(app).numbered
    assert shown is not None
    assert (stored.labels == shown.labels).all()
    choose(app, edits=Edits())  # another map of names: not kept yet
    assert any(button.label == "Keep these clusters" for button in app.button)
    app.switch_page("../trajectories.py").run()
    assert not app.exception
    app.session_state["trajectories"] = replace(app.session_state["trajectories"], place="cluster")
    app.run()
    which = app.selectbox(key="trajectories_cluster")
    assert which.options == [f"{name}, {kept.id[-4:]}" for name in ("cluster 1 of 3", "wet meadow", "cluster 3 of 3")]
    assert not app.error


def test_what_is_on_the_screen_is_written_as_files(open_meadow: Open, meadow: Workspace) -> None:
    app = open_meadow()
    write(app)
    folder = meadow.root / "exports" / run_of(meadow).id
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".gpkg", ".parquet", ".tif", ".txt"]
    with next(folder.glob("*.csv")).open() as stream:
        rows = list(csv.DictReader(stream))
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-5)
    assert [float(row["area_ha"]) for row in rows] == [7.0, 4.8, 4.2]


def write(app: AppTest) -> None:
    next(button for button in app.button if str(button.key).startswith("write ")).click().run()
    assert not app.exception
    assert not app.error


# ---------------------------------------------------------------- similar places
def test_what_is_like_a_pixel_is_its_field(open_meadow: Open, meadow: Workspace) -> None:
    app = open_meadow(part=SIMILAR, threshold=0.9, marks={SIMILAR: Mark(seq=1, kind="pixel", pixel=(5, 5))})
    assert "**480 pixels** (4.8 ha), 30.0 % of what was seen, are at least 0.90 like pixel 5, 5." in words(app)
    next(button for button in app.button if button.label == "Look at other sites").click().run()
    assert "No other site has an embedding yet" in words(app)
    write(app)
    assert list((meadow.root / "exports" / run_of(meadow).id).glob("similar-*.tif"))


def test_a_first_threshold_shows_something(open_meadow: Open) -> None:
    app = open_meadow(part=SIMILAR)
    assert 0 < (chosen_of(app).threshold or 0) <= 1
    assert "like pixel 20, 20" in words(app)


def test_an_area_without_a_pixel_is_said(open_meadow: Open) -> None:
    nowhere = Mark(seq=1, kind="area", path=((1.1, 1.1), (1.1, 1.2), (1.2, 1.2)))
    app = open_meadow(part=SIMILAR, marks={SIMILAR: nowhere})
    assert any("holds no pixel" in part.value for part in app.info)
    assert not app.error


# ---------------------------------------------------------------- label a few
FOUR = (("west", 5, 3), ("west", 34, 8), ("east", 5, 30), ("east", 34, 36))
TEN = (*FOUR, ("west", 15, 8), ("west", 25, 3), ("east", 15, 36), ("east", 25, 25), ("east", 5, 16), ("east", 34, 16))


def test_labels_lead_to_a_map_that_is_judged_on_blocks(open_meadow: Open, meadow: Workspace) -> None:
    labelled(meadow, *TEN)
    app = open_meadow(part=LABEL)
    assert [(metric.label, metric.value) for metric in app.metric] == [
        ("Accuracy on held-out blocks", "100 %"),
        ("Baseline: commonest class", "60 %"),
    ]
    assert "Rests on 10 labels (10 pixels) in 4 blocks of land" in words(app)
    write(app)
    with next((meadow.root / "exports" / run_of(meadow).id).glob("classes-*.csv")).open() as stream:
        areas = {row["name"]: float(row["area_ha"]) for row in csv.DictReader(stream)}
    assert areas == {"east": 11.2, "west": 4.8}


def test_one_class_only_says_what_is_missing(open_meadow: Open, meadow: Workspace) -> None:
    labelled(meadow, FOUR[0])
    app = open_meadow(part=LABEL)
    assert "There is one class so far, west" in words(app)


def test_a_label_is_undone(open_meadow: Open, meadow: Workspace) -> None:
    labelled(meadow, *FOUR)
    app = open_meadow(part=LABEL)
    app.button(key="labels_undo").click().run()
    assert "Labels: 1 east, 2 west" in words(app)
    assert len(load_labels(meadow, "MEADOW", crs="EPSG:32632").items) == 3


@pytest.mark.parametrize("classifier", ["knn", "forest"])
def test_every_classifier_draws_a_map(open_meadow: Open, meadow: Workspace, classifier: str) -> None:
    labelled(meadow, *FOUR)
    app = open_meadow(part=LABEL, classifier=classifier)
    assert "Mean confidence" in words(app)
    assert not app.error


def test_a_large_embedding_is_read_under_a_bar_and_can_be_stopped(
    open_meadow: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow._made().clear()
    loaders._kept().clear()
    monkeypatch.setattr(slow, "PAGE_S", 0.3)
    go_on, really = Event(), loaders.read_features

    def held_up(*about: Any, report: Any) -> Any:
        report(0.5)
        go_on.wait(PATIENCE_S)
        return really(*about, report=report)

    monkeypatch.setattr(loaders, "read_features", held_up)
    app = open_meadow()
    assert app.get("progress")[0].proto.text.startswith("Reading ")
    assert 40 < app.get("progress")[0].proto.value < 50
    assert "What is cluster" not in words(app)
    stop_what_is_held(app, go_on)
    assert "Stopped before all pixels were read" in words(app)
    assert not app.get("progress")
    press(app, "Read the embedding")
    for making in slow._made().values():
        making.thread.join(PATIENCE_S)
    app.run()
    assert "What is cluster" in words(app)
    assert not slow._made()  # handed over
