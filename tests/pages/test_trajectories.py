"""The Trajectories page without a browser, on embeddings whose paths are known: a loop a year, one gone wrong."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from streamlit.testing.v1 import AppTest

from core.sources.embeddings.load import load_embedding
from core.store import Run, Workspace
from core.ui import slow
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import EVENTS, SEASON, UNUSUAL, YEARS, Choices
from tests.pages.app import PATIENCE_S, Open, sentences, stop_what_is_held, words

PAGE = "trajectories.py"
SIDE, WEST, NORTH = 12, 535_825.0, 5_538_115.0
WRONG = 2021  # its summer is shifted off the loop in the southern half


def loop(*, turned: bool = False) -> xr.Dataset:
    """Four years, a view every ten days: an ellipse in two values, a third that leaves it in the wrong summer."""
    days = np.arange("2019-01-05", "2022-12-30", 10, "datetime64[D]")
    phase = 2 * np.pi * (days - days.astype("datetime64[Y]")).astype(float) / 365.25
    values = np.stack([0.5 * np.sin(phase), -np.cos(phase), 0 * phase])[:, :, None, None] * np.ones((1, 1, SIDE, SIDE))
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    summer = (days.astype("datetime64[Y]") == np.datetime64(str(WRONG))) & (month >= 6) & (month <= 8)
    values[2, summer, SIDE // 2 :] = 1.0
    values += 0.02 * np.random.default_rng(5).normal(size=values.shape)
    if turned:
        values = (
            np.einsum("ij,jtyx->ityx", np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0], 3 * values) + 2
        )
    return xr.Dataset(
        {"features": (("feature", "time", "y", "x"), values.astype(np.float32))},
        coords={
            "time": days.astype("datetime64[ns]"),
            "y": NORTH - 10 * np.arange(SIDE),
            "x": WEST + 10 * np.arange(SIDE),
        },
        attrs={"crs": "EPSG:32632"},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trajectories")
    space = Workspace(folder / "workspace")
    for model in ("turned", "loop"):
        loop(turned=model == "turned").to_zarr(folder / f"{model}.zarr", zarr_format=3, consolidated=False)
        load_embedding(space, [folder / f"{model}.zarr"], site="RING", model=model)
    return space.root


@pytest.fixture
def ring(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


@pytest.fixture
def open_ring(open_page: Open, ring: Workspace) -> Open:
    """The page with choices made beforehand, at a date and pixel of the half that went wrong."""

    def open_with(pixel: str = "9,3", **chosen: Any) -> AppTest:
        run = run_of(ring, "loop").id
        app = open_page(ring, PAGE, site="RING", run=run, date="2021-07-14", pixel=pixel)
        return choose(app, **chosen)

    return open_with


def choose(app: AppTest, **chosen: Any) -> AppTest:
    """As a gesture in the browser or a widget would."""
    assert not app.exception
    kept: Choices = app.session_state["trajectories"]
    app.session_state["trajectories"] = replace(kept, **chosen)
    app.run()
    assert not app.exception
    return app


def run_of(space: Workspace, model: str) -> Run:
    return next(run for run in space.runs(kind="embedding") if run.notes["model"] == model)


def test_without_an_embedding_the_way_to_one_is_shown(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, PAGE, site="SMALL")
    assert "SMALL has no embedding yet" in app.info[0].value
    assert [link.proto.label for link in app.get("page_link")] == ["Go to Embed"]


def test_the_axes_are_those_of_the_model_and_stay_in_the_workspace(open_ring: Open, ring: Workspace) -> None:
    app = open_ring()
    assert "Axes of loop, fitted on one embedding" in words(app)
    assert len(ring.runs(kind="axes")) == 1
    assert not app.error


def test_the_summer_that_went_wrong_is_unusual_where_it_did(open_ring: Open) -> None:
    app = open_ring(part=UNUSUAL)
    assert times(app) > 5
    assert most_departed(app) == WRONG
    app = open_ring(pixel="2,3", part=UNUSUAL)
    assert times(app) < 4


def times(app: AppTest) -> float:
    """How many times the ordinary distance the date of the page lies off."""
    told = next(part.value for part in app.markdown if "the ordinary distance" in part.value)
    return float(told.split("**")[1].split()[0])


def most_departed(app: AppTest) -> int:
    table = app.dataframe[0].value
    return int(table.loc[table["summer"].astype(float).idxmax(), "year"])


def test_maps_wait_for_their_button(open_ring: Open) -> None:
    app = open_ring(part=UNUSUAL)
    press(app, "Map it for every date")
    assert "Times the ordinary distance of each pixel" in words(app)


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label.startswith(label)).click().run()
    assert not app.exception
    assert not app.error


def test_the_season_is_told_with_the_gap_it_lies_in(open_ring: Open) -> None:
    app = open_ring(part=SEASON)
    table = app.dataframe[0].value
    peaks = table[(table["source"] == "embedding") & (table["year"] == "2020")]["peak"].tolist()
    date, _, gap = peaks[0].split()[:3]
    assert abs(np.datetime64(date) - np.datetime64("2020-07-02")).astype(int) <= 10  # the top of the loop
    assert gap == "10"


def test_the_season_of_every_pixel_waits_for_its_button_and_is_told_for_each_year(open_ring: Open) -> None:
    app = open_ring(part=SEASON)
    press(app, "Map the season of every pixel")
    years = next(group for group in app.get("button_group") if group.proto.label == "Year mapped")
    assert [option.content for option in years.proto.options] == ["2019", "2020", "2021", "2022"]
    app = choose(app, season_year=2020, season_part="peak")
    assert "From the embedding, pixel by pixel" in words(app)


def test_a_stored_cluster_is_a_place_and_can_be_pinned(open_ring: Open, ring: Workspace) -> None:
    from core.clustering.assign import ClusterSpec
    from core.clustering.result import cluster_run

    run = cluster_run(ring, run_of(ring, "loop").id, spec=ClusterSpec(k=2)).run
    app = open_ring(place="cluster")
    which = app.selectbox(key="trajectories_cluster")
    assert which.value == f"{run.id}:1"
    assert len(which.options) == 2
    press(app, "Pin this place")
    app = choose(app, cluster=f"{run.id}:2")
    assert not app.error
    assert "Agreement of the two paths (CKA)" in words(app)


def test_a_place_always_under_cloud_is_one_sentence(open_page: Open, ring: Workspace, tmp_path: Path) -> None:
    cube = loop()
    cube["features"][:, :, :2] = np.nan
    cube.to_zarr(tmp_path / "cloud.zarr", zarr_format=3, consolidated=False)
    load_embedding(ring, [tmp_path / "cloud.zarr"], site="RING", model="cloud")
    run = run_of(ring, "cloud").id
    app = open_page(ring, PAGE, site="RING", run=run, date="2021-07-14", pixel="1,1")
    assert not app.exception
    assert any("was never seen between" in part.value for part in app.info)
    assert not app.error


@pytest.mark.parametrize("part", [YEARS, SEASON, UNUSUAL, EVENTS])
@pytest.mark.parametrize("dates", [3, 20], ids=["three dates", "half a year"])
def test_a_short_record_is_told_calmly_in_every_part(
    open_page: Open, ring: Workspace, tmp_path: Path, dates: int, part: str
) -> None:
    loop().isel(time=slice(0, dates)).to_zarr(tmp_path / "short.zarr", zarr_format=3, consolidated=False)
    load_embedding(ring, [tmp_path / "short.zarr"], site="RING", model="short")
    app = open_page(ring, PAGE, site="RING", run=run_of(ring, "short").id, date="2019-02-14", pixel="9,3")
    app = choose(app, part=part)
    if part == EVENTS:
        next(button for button in app.button if button.label.startswith("Look for events")).click().run()
    if part == SEASON:
        next(button for button in app.button if button.label.startswith("Map the season")).click().run()
    assert not app.exception
    assert not app.error
    assert any(told in words(app) for told in TOLD[part])


TOLD = {
    YEARS: ("two are needed to compare; choose a clearer place, or embed more years",),
    SEASON: ("No year of this place can tell its season.",),
    UNUSUAL: ("to know what is usual; choose a clearer place, or embed more years",),
    EVENTS: ("so that no fall can be told; embed a longer period", "Nothing was found"),
}


def test_another_model_is_turned_onto_this_one(open_ring: Open, ring: Workspace) -> None:
    app = open_ring(other=run_of(ring, "turned").id, part=YEARS)
    assert "on 146 common dates: **1.00**" in words(app)
    assert "it explains **100 %** of the path" in words(app)


def test_a_pinned_pixel_is_compared(open_ring: Open) -> None:
    app = open_ring()
    press(app, "Pin this pixel")
    assert app.selectbox(key="trajectories_other").value == "pinned"
    assert "**1.00**" in words(app)  # the pixel itself


def test_what_is_drawn_can_be_exported(open_ring: Open) -> None:
    app = open_ring(years=(2020,), place="site")
    assert [button.proto.label for button in app.get("download_button")] == ["Export CSV", "Export Parquet"]


def test_the_table_says_what_is_drawn(open_ring: Open, ring: Workspace) -> None:
    from core.trajectories.basis import basis_for
    from core.ui.trajectories.export import table

    open_ring()
    path = path_of_pixel(ring)
    basis = basis_for(ring, path.run)
    rows = list(csv.DictReader(table([path], (2020,), basis, {}, kind="CSV").decode().splitlines()))
    assert len(rows) == int((path.days.astype("datetime64[Y]") == np.datetime64("2020")).sum())
    assert {row["trust"] for row in rows} == {"clear"}
    assert {row["run"] for row in rows} == {path.run}
    parquet = pd.read_parquet(io.BytesIO(table([path], (2020,), basis, {}, kind="Parquet")))
    assert len(parquet) == len(rows)
    assert parquet["value_1"].tolist() == pytest.approx([float(row["value_1"]) for row in rows])


def test_days_that_the_slow_model_filled_are_told_apart_in_the_table(open_ring: Open, ring: Workspace) -> None:
    from core.gapfill import fill_days
    from core.trajectories.basis import basis_for
    from core.ui.trajectories.export import table

    open_ring()
    path = path_of_pixel(ring)
    between = {0: fill_days(path.days, path.values[:, 0], method="structural")}
    rows = pd.read_csv(io.BytesIO(table([path], (2020,), basis_for(ring, path.run), between, kind="CSV")))
    measured, filled = rows[rows["trust"] == "clear"], rows[rows["trust"] == "filled"]
    assert len(measured) + len(filled) == 366
    assert filled["value_1"].notna().all()
    assert (filled["sd_1"] > 0).all()
    assert filled["value_2"].isna().all()  # nobody asked for it
    assert filled["PC1"].isna().all()
    assert measured["sd_1"].isna().all()


def path_of_pixel(space: Workspace) -> Any:
    from core.embedding.result import open_embedding
    from core.trajectories.paths import read_path
    from core.trajectories.places import place_of

    run = run_of(space, "loop")
    cube = open_embedding(space, run.id)
    return read_path(cube, place_of(space, cube, f"pixel:{WEST},{NORTH}"), run=run.id)


@pytest.mark.parametrize("colour", ["season", "year", "place"])
@pytest.mark.parametrize("axes", ["1, 2", "2, 3", "3-D"])
def test_every_view_of_the_path_is_drawn(open_ring: Open, colour: str, axes: str) -> None:
    app = open_ring(colour=colour, axes=axes, place="site", pixels=True, fill="linear")
    assert not app.error
    assert "filled, never counted as data" in words(app)


def test_the_slow_model_waits_for_its_button(open_ring: Open) -> None:
    app = open_ring(fill="structural", dims=(0,))
    assert "never counted" not in words(app)
    press(app, "Fit the model")
    assert "never counted" in words(app)


def test_events_wait_for_their_button(open_ring: Open) -> None:
    app = open_ring(part=EVENTS)
    assert not app.dataframe
    press(app, "Look for events")
    assert "found" in words(app).lower()
    assert not app.toggle  # nothing is known of a site that is not simulated


def cut() -> xr.Dataset:
    """The loop, but the north falls to its winter in July 2020, and the south in July 2021, until October."""
    cube = loop()
    days, values = cube["time"].values.astype("datetime64[D]"), cube["features"].values
    values[2] = 0
    for year, rows in ((2020, slice(0, SIDE // 2)), (2021, slice(SIDE // 2, SIDE))):
        bare = (days >= np.datetime64(f"{year}-07-01")) & (days < np.datetime64(f"{year}-10-01"))
        values[:, bare, rows] = values[:, :1, rows]
    return cube


def test_events_are_listed_by_year_and_each_can_be_followed(open_page: Open, ring: Workspace, tmp_path: Path) -> None:
    cut().to_zarr(tmp_path / "cut.zarr", zarr_format=3, consolidated=False)
    load_embedding(ring, [tmp_path / "cut.zarr"], site="RING", model="cut")
    app = open_page(ring, PAGE, site="RING", run=run_of(ring, "cut").id, date="2021-07-14", pixel="9,3")
    app = choose(app, part=EVENTS, sought=True)
    assert app.dataframe[0].value["pixels"].tolist() == [72, 72]
    app = choose(app, years=(2021,))
    listed = app.dataframe[0].value
    assert [date[:7] for date in listed["about"]] == ["2021-06"]
    assert "**1** found" in words(app)
    app = choose(app, years=(2019,))
    assert "Nothing was found in the years chosen" in words(app)
    app = choose(app, years=(), place="event", event=1, part=UNUSUAL)
    assert times(app) > 2  # the place is the southern half, which lay bare on the date of the page


def test_a_pixel_outside_is_said_and_replaced(open_ring: Open) -> None:
    app = open_ring(pixel="500,3")
    assert any("Pixel 500,3 lies outside this embedding" in text for text in sentences(app))
    assert app.query_params["pixel"] == "6,6"


# ---------------------------------------------------------------- what takes long
@pytest.mark.parametrize(
    ("step", "part", "asked", "bar", "button", "told"),
    [
        (
            "unusual_map",
            UNUSUAL,
            "mapped",
            "Comparing every pixel with its other years",
            "Map it",
            "Times the ordinary distance of each pixel",
        ),
        (
            "season_maps",
            SEASON,
            "season_mapped",
            "Reading the season of every pixel",
            "Map the season",
            "From the embedding, pixel by pixel",
        ),
        ("find_events", EVENTS, "sought", "Looking for events", "Look for events", "Nothing was found"),
    ],
)
def test_what_takes_long_shows_how_far_it_is_and_can_be_stopped(
    open_ring: Open, monkeypatch: pytest.MonkeyPatch, step: str, part: str, asked: str, bar: str, button: str, told: str
) -> None:
    slow._made().clear()
    loaders._events.clear()
    monkeypatch.setattr(slow, "AT_ONCE_S", 0.3)
    go_on, really = Event(), getattr(loaders, step)

    def held_up(*about: Any, report: Any, **how: Any) -> Any:
        report(0.25)
        go_on.wait(PATIENCE_S)
        return really(*about, report=report, **how)

    monkeypatch.setattr(loaders, step, held_up)
    app = open_ring(part=part, **{asked: True})
    progress = app.get("progress")[0].proto
    assert (progress.value, progress.text) == (25, bar)
    assert stop_what_is_held(app, go_on).result is None
    assert not getattr(app.session_state["trajectories"], asked)
    press(app, next(one.label for one in app.button if one.label.startswith(button)))
    (making,) = slow._made().values()
    making.thread.join(PATIENCE_S)
    app.run()
    assert told in words(app)
    assert not app.get("progress")


def test_the_slow_model_can_be_stopped_between_two_values(open_ring: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    slow._made().clear()
    loaders._filled.clear()
    monkeypatch.setattr(slow, "AT_ONCE_S", 0.3)
    go_on, really, begun = Event(), loaders.fill_days, []

    def held_up(*about: Any, **how: Any) -> Any:
        begun.append(how["name"])
        go_on.wait(PATIENCE_S)
        return really(*about, **how)

    monkeypatch.setattr(loaders, "fill_days", held_up)
    app = open_ring(fill="structural", dims=(0, 1))
    press(app, "Fit the model")
    assert app.get("progress")[0].proto.text == "Fitting trend and season to each value"
    making = stop_what_is_held(app, go_on)
    assert (making.result, len(begun)) == (None, 1)
    assert any(button.label.startswith("Fit the model") for button in app.button)
