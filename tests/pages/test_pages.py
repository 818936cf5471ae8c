"""Every page, driven without a browser: it draws, it shows a number that means something, and it survives bad input."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.schema import SiteInfo
from core.sources.demo import demo_info
from core.sources.site import write_site
from core.store import Workspace
from core.ui import jobs
from core.ui.jobs import Job, Status
from tests.conftest import HandMade
from tests.pages.app import FRAME, Open, press, sentences, words

PAGES = sorted(path.name for path in FRAME.parents[1].glob("*.py"))


# ---------------------------------------------------------------- every page
@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_with_a_site_and_asks_a_question(
    open_page: Open, with_small_site: Workspace, page: str
) -> None:
    app = open_page(with_small_site, page, site="SMALL")
    assert not app.exception
    assert not app.error
    assert app.title[0].value.endswith("?")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_on_an_empty_workspace(open_page: Open, workspace: Workspace, page: str) -> None:
    app = open_page(workspace, page)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", [page for page in PAGES if page != "explore.py"])
def test_a_place_without_data_leads_to_where_it_is_brought(open_page: Open, workspace: Workspace, page: str) -> None:
    app = open_page(workspace, page, site="CZ-Stn")
    assert app.info[0].value.startswith("There are no pictures of CZ-Stn yet. Add a site, on Explore, fetches them")
    assert [link.proto.label for link in app.get("page_link")] == ["Go to Explore"]


def test_every_page_is_in_the_page_table() -> None:
    table = FRAME.read_text(encoding="utf-8")
    assert all(f'"../{page}"' in table for page in PAGES)


# ---------------------------------------------------------------- Explore
def test_the_demo_site_shows_its_true_numbers(open_page: Open, demo_workspace: Workspace) -> None:
    app = open_page(demo_workspace)
    info = demo_workspace.site("SIM-DBF")
    assert f"{100 * info.clear_share:.0f} % of the optical record" in words(app)
    assert "64 ha, 80 × 80 pixels of 10 m" in words(app)
    assert "simulated" in words(app)
    assert app.sidebar.selectbox[0].value == "SIM-DBF"


def test_the_first_picture_is_a_clear_one_of_summer(open_page: Open, demo_workspace: Workspace) -> None:
    app = open_page(demo_workspace)
    date = app.query_params["date"]
    assert date[5:7] in {"06", "07", "08"}
    assert app.sidebar.selectbox[1].value == date


def test_the_view_stands_in_the_link(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, site="SMALL", date="2021-05-16", layer="radar", index="NDMI", pixel="3,4")
    assert app.query_params == {
        "site": "SMALL",
        "date": "2021-05-16",
        "layer": "radar",
        "index": "NDMI",
        "pixel": "3,4",
    }


def test_choosing_another_site_starts_it_afresh(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, site="SMALL", date="2021-05-16", pixel="3,4")
    app.sidebar.selectbox[0].set_value("CZ-Stn").run()
    assert app.query_params["site"] == "CZ-Stn"
    assert "date" not in app.query_params
    assert "A place to bring data for" in words(app)


def test_choosing_a_date_in_the_sidebar_moves_the_view(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, site="SMALL", date="2021-05-16")
    app.sidebar.selectbox[1].set_value("2021-05-06").run()
    assert app.query_params["date"] == "2021-05-06"


def test_any_index_of_the_list_can_be_the_picture(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, site="SMALL", layer="index", index="NDMI")
    assert not app.exception
    assert len(app.main.selectbox[0].options) > 100


# ---------------------------------------------------------------- the first visit
def test_the_first_visit_makes_the_default_demo_site_by_itself(
    open_page: Open, workspace: Workspace, work: list[str]
) -> None:
    app = open_page(workspace)
    assert "Deciduous forest" in words(app)
    assert work
    assert set(work) == {"simulate-SIM-DBF"}


def test_a_failed_making_gives_its_reason_and_can_be_tried_again(
    open_page: Open, workspace: Workspace, work: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Job(target="simulate-SIM-DBF", status=Status.FAILED, fraction=0.4, message="The disk is full.")
    monkeypatch.setattr(jobs, "find", lambda *_: failed)
    app = open_page(workspace)
    assert app.error[0].value == "SIM-DBF could not be made. The disk is full."
    assert not work
    press(app, "Make it now")
    assert work == ["simulate-SIM-DBF"]


def test_running_work_shows_what_it_does_and_can_be_stopped(
    open_page: Open, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Job(target="simulate-SIM-DBF", status=Status.RUNNING, fraction=0.4, message="growing leaves")
    stopped: list[str] = []
    monkeypatch.setattr(jobs, "find", lambda *_: running)
    monkeypatch.setattr(jobs, "cancel", lambda _, target: stopped.append(target))
    app = open_page(workspace)
    progress = app.get("progress")[0].proto
    assert (progress.value, progress.text) == (40, "growing leaves")
    press(app, "Stop")
    assert stopped == ["simulate-SIM-DBF"]


# ---------------------------------------------------------------- bad input
def test_a_site_that_does_not_exist_is_said_and_another_one_shown(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, site="NO-Such")
    assert sentences(app) == ["There is no site 'NO-Such'; SMALL is shown instead."]
    assert app.query_params["site"] == "SMALL"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"date": "last summer"}, "Date 'last summer' is no date; write it as 2021-07-14."),
        ({"date": "1990-01-01"}, "There is no picture near 1990-01-01; the nearest, of 2021-05-01, is shown."),
        ({"layer": "x-ray"}, "This site has no layer 'x-ray'; true colour is shown."),
        ({"index": "NDXX"}, "This site has no index 'NDXX'; NDVI is shown."),
        ({"pixel": "99,0"}, "Pixel 99,0 lies outside this site of 12 × 10 pixels; the middle one is shown."),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said_in_a_sentence(
    open_page: Open, with_small_site: Workspace, query: dict[str, str], sentence: str
) -> None:
    app = open_page(with_small_site, site="SMALL", **query)
    assert not app.exception
    assert sentences(app) == [sentence]


def test_a_damaged_site_is_said_and_the_others_can_still_be_chosen(open_page: Open, with_small_site: Workspace) -> None:
    chunk = next(path for path in (with_small_site.site_path("SMALL") / "cube.zarr").rglob("c/*") if path.is_file())
    chunk.write_bytes(b"spoilt")
    app = open_page(with_small_site, site="SMALL")
    assert not app.exception
    assert any("SMALL" in text and "remove it and make it again" in text for text in sentences(app))
    app.sidebar.selectbox[0].set_value("CZ-Stn").run()
    assert not app.error


def test_a_damaged_demo_site_can_be_made_again(
    open_page: Open, workspace: Workspace, small_site: HandMade, work: list[str]
) -> None:
    write_site(workspace, **(small_site.parts() | {"info": demo_info("SIM-GRA")}))
    (workspace.site_path("SIM-GRA") / "weather.parquet").unlink()
    app = open_page(workspace, site="SIM-GRA")
    assert "lacks its file weather.parquet" in app.error[0].value
    press(app, "Make it again")
    assert work == ["simulate-SIM-GRA"] * len(work)
    assert work
    assert not workspace.sites()


def test_a_demo_site_of_an_older_simulator_is_shown_and_can_be_made_again(
    open_page: Open, workspace: Workspace, small_site: HandMade
) -> None:
    older = replace(demo_info("SIM-GRA"), provenance="Simulated long ago.")
    write_site(workspace, **(small_site.parts() | {"info": older}))
    app = open_page(workspace, site="SIM-GRA")
    assert app.info[0].value == "SIM-GRA was made by an older version of the simulator."
    assert "true colour" in app.query_params["layer"]


def test_a_folder_that_is_no_site_is_named(open_page: Open, with_small_site: Workspace) -> None:
    (with_small_site.root / "sites" / "BROKEN").mkdir()
    app = open_page(with_small_site, site="SMALL")
    assert not app.exception
    assert any("BROKEN" in text for text in sentences(app))


def test_an_unfinished_site_can_be_discarded(open_page: Open, with_small_site: Workspace) -> None:
    with pytest.raises(RuntimeError), with_small_site.draft("sites", "HALF", resume=True):
        raise RuntimeError("the power went")
    app = open_page(with_small_site, site="SMALL")
    assert any("HALF, was left behind" in text for text in sentences(app))
    app.sidebar.button[0].click().run()
    assert not sentences(app)
    assert not with_small_site.drafts()


def test_a_site_without_tower_and_radar_is_shown_as_it_is(
    open_page: Open, workspace: Workspace, small_site: HandMade
) -> None:
    write_site(workspace, info=small_site.info, cube=small_site.cube.drop_dims("s1_time"))
    app = open_page(workspace, site="SMALL")
    assert not app.exception
    assert not app.error
    assert "no tower series" in words(app)


def test_a_workspace_that_cannot_be_written_is_said_and_the_map_stays(
    open_page: Open, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Job:
        with jobs.explained(workspace.root):
            raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(jobs, "start", refuse)
    app = open_page(workspace)
    assert not app.exception
    assert any("cannot be written to" in text for text in sentences(app))
    app.sidebar.selectbox[0].set_value("CZ-Stn").run()
    assert not app.error


def test_a_workspace_that_is_a_file_is_one_sentence(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "workspace"
    file.write_text("not a folder")
    workspace = Workspace(tmp_path)
    workspace.root = file
    app = open_page(workspace)
    assert not app.exception
    assert any("is a file" in text for text in sentences(app))


def test_a_site_removed_by_somebody_else_is_not_shown_from_memory(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, site="SMALL")
    shutil.rmtree(with_small_site.root / "sites" / "SMALL")
    app.run()
    assert sentences(app)[0].startswith("There is no site 'SMALL'")


def test_a_title_from_a_file_is_text_and_not_markup(
    open_page: Open, workspace: Workspace, small_site: HandMade
) -> None:
    sly = SiteInfo.from_json(small_site.info.to_json() | {"licence": "<img src=x onerror=alert(1)>"})
    write_site(workspace, **(small_site.parts() | {"info": sly}))
    app = open_page(workspace, site="SMALL")
    assert "<img" not in words(app)
