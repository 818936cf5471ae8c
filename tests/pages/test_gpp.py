"""The GPP page without a browser: what it says of a number, what it begins, and what it refuses."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.flux import read_tower
from core.gpp.fit import fit_model
from core.gpp.season import season_maps, write_season
from core.gpp.sites import Request, open_sites
from core.gpp.store import open_scores
from core.schema import FluxscapeError
from core.sources.site import write_site
from core.store import Workspace
from core.ui import jobs
from core.ui.gpp.words import worded
from core.ui.jobs import Job, Status
from tests.core.gpp.test_sites import site
from tests.pages.app import Open, press, sentences, words

PAGE = "gpp.py"
KINDS = ("bands", "indices", "weather")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites with towers, and two fits of ridge: held-out years of ONE, and held-out sites."""
    space = Workspace(tmp_path_factory.mktemp("gpp") / "workspace")
    for turn, name in enumerate(("ONE", "TWO")):
        write_site(space, **site(name, turn))
    for sites, split in ((("ONE",), "leave-year-out"), (("ONE", "TWO"), "leave-site-out")):
        wanted = Request(sites=sites, kinds=KINDS)
        frames = open_sites(space, wanted)
        fit_model(frames, model="ridge", split=split, window=20, source={"request": wanted}, workspace=space)
    return space.root


@pytest.fixture
def space(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def fit_by(space: Workspace, split: str) -> str:
    return next(run.id for run in space.runs(kind="gpp") if run.spec.parameters["split"] == split)


def without_fits(space: Workspace) -> Workspace:
    for run in space.runs(kind="gpp"):
        space.remove_run(run.id)
    return space


def part(app: AppTest, name: str) -> AppTest:
    app.session_state["gpp"] = replace(app.session_state["gpp"], part=name)
    return app.run()


# ---------------------------------------------------------------- before there is a fit
def test_a_first_visit_shows_what_the_tower_saw_and_invites(
    open_page: Open, space: Workspace, begun: list[list[str]]
) -> None:
    app = open_page(without_fits(space), PAGE, site="ONE")
    assert not app.exception
    assert not app.error
    mean = site("ONE", 0)["tower"]["gpp"].mean()
    assert f"**731 measured days, on average {mean:.2f} gC m⁻² d⁻¹**" in words(app)
    assert not begun


def test_a_site_without_a_tower_asks_for_one(open_page: Open, workspace: Workspace) -> None:
    write_site(workspace, **{**site("BARE", 0), "tower": None})
    app = open_page(workspace, PAGE, site="BARE")
    assert not app.exception
    assert "BARE comes with no tower" in words(app)
    assert any("choose a site that has one" in text for text in sentences(app))
    assert next(button for button in app.button if button.label == "Fit").disabled


# ---------------------------------------------------------------- a fit
def test_skill_comes_first_and_every_score_stands_beside_its_baselines(open_page: Open, space: Workspace) -> None:
    run = fit_by(space, "leave-year-out")
    found = open_scores(space, run)
    app = open_page(space, PAGE, site="ONE", fit=run)
    assert not app.exception
    assert not app.error
    text = words(app)
    values = re.findall(r'class="value[^"]*">([^<]+)<', text)
    assert values[0] == f"{found['skill']:+.2f}".replace("-", "−")
    assert values[1:3] == [f"{found['r2']:.2f}", f"{found['rmse']:.2f}"]
    assert values[3:] == [f"{100 * found['coverage']:.0f} %", "leave-year-out"]
    assert f"climatology {found['baselines']['climatology']['rmse']:.2f}" in text
    assert f"NIRv × radiation {found['baselines']['nirv_radiation']['r2']:.2f}" in text
    assert 0.5 < found["skill"] < 1  # a tower that follows radiation: its climatology cannot
    assert "this says nothing of places without a tower" in text


def test_a_fit_asked_for_in_vain_is_said_and_the_newest_shown(open_page: Open, space: Workspace) -> None:
    app = open_page(space, PAGE, site="ONE", fit="ONE-gpp-000000000000")
    assert sentences(app)[0] == "ONE has no fit 'ONE-gpp-000000000000'; the newest is shown."
    assert app.query_params["fit"] == fit_by(space, "leave-site-out")


def test_scores_by_part_name_every_season(open_page: Open, space: Workspace) -> None:
    run = fit_by(space, "leave-year-out")
    app = part(open_page(space, PAGE, site="ONE", fit=run), "by site, season, quality")
    summer = open_scores(space, run)["by"]["season"]["summer"]
    assert f"| summer | {summer['n']:,} | " in words(app)
    assert f" {summer['rmse']:.2f} | " in words(app)
    assert re.findall(r"\| (winter|spring|summer|autumn) \|", words(app)) == ["winter", "spring", "summer", "autumn"]


def test_another_fit_is_opened_from_the_leaderboard(open_page: Open, space: Workspace) -> None:
    one, both = fit_by(space, "leave-year-out"), fit_by(space, "leave-site-out")
    app = part(open_page(space, PAGE, site="ONE", fit=one), "leaderboard")
    app.button(key=f"open {both}").click().run()
    assert not app.exception
    assert app.query_params["fit"] == both
    assert "whole towers, never trained on" in words(app)


def test_a_damaged_fit_is_one_sentence_and_another_can_be_made(open_page: Open, space: Workspace) -> None:
    run = fit_by(space, "leave-year-out")
    (space.run(run).path / "predictions.parquet").write_bytes(b"spoilt")
    st.cache_resource.clear()  # as a server that has not read it yet
    app = open_page(space, PAGE, site="ONE", fit=run)
    assert not app.exception
    assert any("is damaged" in text or "lacks" in text for text in sentences(app))
    assert not next(button for button in app.button if button.label == "Fit").disabled


def test_all_of_a_fit_is_written_as_files(open_page: Open, space: Workspace) -> None:
    run = fit_by(space, "leave-year-out")
    app = part(open_page(space, PAGE, site="ONE", fit=run), "export")
    app.button(key=f"export {run}").click().run()
    assert not app.exception
    folder = space.root / "exports" / run
    assert f"Skill over climatology {open_scores(space, run)['skill']:.2f}" in (folder / "report.html").read_text()
    assert (folder / "model" / "regressor.skops").is_file()
    assert "gpp fit ONE --features bands,indices,weather" in app.code[0].value


# ---------------------------------------------------------------- the next fit
def test_fit_begins_what_the_form_says(open_page: Open, space: Workspace, begun: list[list[str]]) -> None:
    app = open_page(space, PAGE, site="ONE")
    app.selectbox(key="gpp_model").set_value("ridge").run()
    app.pills(key="gpp_kinds").set_value(["weather", "bands"]).run()  # in whichever order they are clicked
    app.number_input(key="gpp_window").set_value(30).run()
    assert "**About " in words(app)
    assert "experience: 2 folds, in the background." in words(app)
    press(app, "Fit")
    how = ["--model", "ridge", "--split", "leave-year-out", "--window", "30"]
    features = ["--features", "bands,weather", "--min-quality", "0.7", "--footprint", "kernel:100"]
    assert begun[-1] == ["core", "gpp", "fit", "ONE", *how, *features]


def test_splits_across_sites_need_two_of_them(open_page: Open, space: Workspace) -> None:
    app = open_page(space, PAGE, site="ONE")
    assert app.selectbox(key="gpp_split").options == ["leave-year-out", "blocked", "fixed-years"]
    app.multiselect(key="gpp_sites").set_value(["ONE", "TWO"]).run()
    assert "leave-site-out" in app.selectbox(key="gpp_split").options


def test_the_usual_regressor_follows_the_split_unless_another_was_chosen(open_page: Open, space: Workspace) -> None:
    app = open_page(space, PAGE, site="ONE")
    app.multiselect(key="gpp_sites").set_value(["ONE", "TWO"]).run()
    assert app.selectbox(key="gpp_model").value == "unusual"
    app.selectbox(key="gpp_split").set_value("leave-site-out").run()
    assert app.selectbox(key="gpp_model").value == "blend"
    app.selectbox(key="gpp_model").set_value("ridge").run()
    app.selectbox(key="gpp_split").set_value("blocked").run()
    assert app.selectbox(key="gpp_model").value == "ridge"


BAD_FILES = {
    "no GPP": ({"NEE_VUT_REF": 1.0}, "holds no GPP column; close to it are NEE_VUT_REF"),
    "no quality": ({"GPP_NT_VUT_REF": 2.0}, "holds no quality column for GPP_NT_VUT_REF; name one with Quality column"),
    "no value": ({"GPP_NT_VUT_REF": -9999, "NEE_VUT_REF_QC": 1.0}, "has no value at all"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_tower_file_is_one_sentence_in_the_words_of_the_page(kind: str, tmp_path: Path) -> None:
    columns, told = BAD_FILES[kind]
    days = pd.date_range("2019-01-01", periods=90).strftime("%Y%m%d")
    pd.DataFrame({"TIMESTAMP": days, **columns}).to_csv(tmp_path / "FLX_XX-Abc_DD.csv", index=False)
    with pytest.raises(FluxscapeError) as raised:
        read_tower(tmp_path / "FLX_XX-Abc_DD.csv")
    said = worded(str(raised.value))
    assert told in said
    assert "--" not in said


def test_what_a_fit_refuses_is_said_in_the_words_of_the_page() -> None:
    for said in (
        "target 'ONE' holds 41 valid days; give at least 60, from a longer record or with a lower --min-quality.",
        "--features 'tower ONE' is the same in all rows and tells nothing; leave it out.",
        "--split 'leave-year-out' cannot be made of the single year 2019; use --split blocked.",
    ):
        assert "--" not in worded(said)


def test_what_was_chosen_survives_a_page_change(open_page: Open, space: Workspace) -> None:
    app = open_page(space, PAGE, site="ONE")
    app.number_input(key="gpp_window").set_value(30).run()
    app.switch_page("../explore.py").run()
    app.switch_page("../gpp.py").run()
    assert app.number_input(key="gpp_window").value == 30


def test_a_failed_fit_gives_its_reason_in_the_words_of_the_page(
    open_page: Open, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "--split leave-year-out cannot be made of the single year 2020; use --split blocked."
    failed = Job(target="gpp-unusual", status=Status.FAILED, fraction=0.1, message=said)
    monkeypatch.setattr(jobs, "find", lambda _, target: failed if target == "gpp-unusual" else None)
    app = open_page(space, PAGE, site="ONE")
    assert app.error[0].value.endswith(
        "Split leave-year-out cannot be made of the single year 2020; use Split blocked."
    )


# ---------------------------------------------------------------- maps
def test_maps_are_begun_with_the_fit_and_the_year(open_page: Open, space: Workspace, begun: list[list[str]]) -> None:
    run = fit_by(space, "leave-year-out")
    app = part(open_page(space, PAGE, site="ONE", fit=run, date="2020-07-04"), "map at 10 m")
    assert "37 maps of ONE, one every 10 days of 2020: **about " in words(app)
    app.button(key="gpp map").click().run()
    to = str(space.root / "exports" / run / "gpp-ONE-2020.nc")
    assert begun[-1][:4] == ["core", "gpp", "map", run]
    assert begun[-1][4:] == ["ONE", "--start", "2020-01-01", "--end", "2020-12-31", "--every", "10", "--to", to]


def test_a_map_tells_its_mean_and_how_much_of_it_is_unlike_the_training(open_page: Open, space: Workspace) -> None:
    run = fit_by(space, "leave-year-out")
    cube = season_maps(space, run, "ONE", ["2020-06-20", "2020-07-04"])
    write_season(cube, space.root / "exports" / run / "gpp-ONE-2020.nc")
    app = part(open_page(space, PAGE, site="ONE", fit=run, date="2020-07-04"), "map at 10 m")
    assert not app.exception
    assert not app.error
    mean, outside = float(cube["gpp"][1].mean()), float(cube["outside"][1].mean())
    assert f"**2020-07-04**: on average **{mean:.1f} gC m⁻² d⁻¹**" in words(app)
    assert f"**{100 * outside:.0f} % of these are unlike" in words(app)


def test_the_footprint_is_chosen_and_told_to_the_fit(open_page: Open, space: Workspace, begun: list[list[str]]) -> None:
    app = open_page(without_fits(space), PAGE)
    picker = next(box for box in app.selectbox if box.label == "Footprint")
    picker.select("circle").run()
    next(box for box in app.number_input if box.label == "Radius (m)").set_value(50.0).run()
    press(app, "Fit")
    words_of = begun[-1]
    assert words_of[words_of.index("--footprint") + 1] == "circle:50"


def test_a_footprint_of_ones_own_is_asked_for_before_a_fit(open_page: Open, space: Workspace) -> None:
    app = open_page(without_fits(space), PAGE)
    next(box for box in app.selectbox if box.label == "Footprint").select("GeoTIFF").run()
    assert any("bring a GeoTIFF of them" in warning.value for warning in app.warning)
    assert next(button for button in app.button if button.label == "Fit").disabled
