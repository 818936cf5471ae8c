"""The Embed page without a browser: what it offers, what it begins, and what it says of a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from core.embedding import engine
from core.embedding.engine import StoppedError
from core.embedding.estimate import Pace, keep_trial
from core.embedding.plan import plan
from core.embedding.selection import Selection
from core.sources.embeddings.load import load_embedding
from core.store import Run, Workspace
from core.ui import jobs
from core.ui.embed.request import drawn
from core.ui.jobs import Job, Status
from core.ui.state import Key
from tests.pages.app import Open, press, sentences, words

PAGE = "embed.py"
PIXEL_DATES = 5 * (120 - 6)  # of SMALL: five dates, a corner of six pixels never seen


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with SMALL and two real runs of it: compact-7, then compact-32 with reconstruction error."""
    from core.schema import SiteInfo
    from core.sources.site import write_site
    from tests.conftest import small_cube

    space = Workspace(tmp_path_factory.mktemp("made") / "workspace")
    write_site(
        space, info=SiteInfo(id="SMALL", kind="files", title="A", lat=50.0, lon=9.5, igbp="GRA"), cube=small_cube()
    )
    for model, error in (("compact-7", False), ("compact-32", True)):
        engine.run(space, plan(space, "SMALL", model=model, error=error))
    return space.root


@pytest.fixture
def embedded(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def run_of(space: Workspace, model: str) -> Run:
    return next(run for run in space.runs(kind="embedding") if run.notes["model"] == model)


# ---------------------------------------------------------------- before there is a run
def test_a_site_without_an_embedding_invites_with_what_it_will_take(
    open_page: Open, with_small_site: Workspace, begun: list[list[str]]
) -> None:
    keep_trial(with_small_site, "compact-32", error=False, found=Pace(per_second=100, starting_s=3))
    app = open_page(with_small_site, PAGE, site="SMALL")
    assert not app.exception
    assert not app.error
    assert "No embedding of this site yet" in words(app)
    # five frames; the block reads 5 dates x 12 x 10 pixels: 600 at 100 a second, and 3 s to start
    assert f"**About 9 s**, **{PIXEL_DATES} pixel-dates**: 5 dates, 12 × 10 pixels, 95 % of them clear." in words(app)
    assert not begun
    assert app.query_params["date"] == "2021-05-26"


def test_a_machine_that_is_not_known_yet_is_measured_by_itself(
    open_page: Open, with_small_site: Workspace, begun: list[list[str]]
) -> None:
    app = open_page(with_small_site, PAGE, site="SMALL")
    assert begun[0] == ["core", "pace", "SMALL", "--model", "compact-32"]
    assert f"**{PIXEL_DATES} pixel-dates**" in words(app)


def test_run_begins_what_the_form_says(open_page: Open, with_small_site: Workspace, begun: list[list[str]]) -> None:
    keep_trial(with_small_site, "compact-7", error=True, found=Pace(per_second=100, starting_s=3))
    app = open_page(with_small_site, PAGE, site="SMALL")
    app.selectbox(key="request_model").set_value("compact-7").run()
    app.selectbox(key="request_area_0").set_value("a box …").run()
    app.number_input(key="request_west_0").set_value(535_845).run()
    app.checkbox(key="request_error").check().run()
    press(app, "Run")
    site, start, end = "SMALL", "2021-01-01", "2021-12-31"
    box = ["535845.0", "5538035.0", "535895.0", "5538085.0"]
    expected = [
        "core",
        "embed",
        site,
        "--model",
        "compact-7",
        "--start",
        start,
        "--end",
        end,
        "--bbox",
        *box,
        "--error",
    ]
    assert begun[-1] == expected


def test_a_late_message_of_the_browser_does_not_undo_a_drawn_box(
    open_page: Open, with_small_site: Workspace, begun: list[list[str]]
) -> None:
    app = open_page(with_small_site, PAGE, site="SMALL")
    before = app._tree.get_widget_states()  # as the browser sends them, not yet aware of the drawing
    app.session_state[Key.REQUEST] = drawn(app.session_state[Key.REQUEST], (2, 1, 7, 6))
    app.run()
    assert app.number_input[0].value == 535_835
    app._run(before)
    assert app.session_state[Key.REQUEST].box == (2, 1, 7, 6)
    assert app.selectbox(key="request_area_1").value == "a box …"


def test_a_period_without_a_view_is_said_and_cannot_be_run(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, PAGE, site="SMALL")
    app.selectbox(key="request_period").set_value("other dates …").run()
    app.date_input(key="request_start").set_value("2021-05-10").run()
    app.date_input(key="request_end").set_value("2021-05-12").run()
    assert not app.exception
    assert "holds no optical acquisition with a valid pixel" in sentences(app)[0]
    assert "Run" not in [button.label for button in app.button]


def test_what_was_chosen_survives_a_page_change(open_page: Open, with_small_site: Workspace) -> None:
    app = open_page(with_small_site, PAGE, site="SMALL")
    app.selectbox(key="request_model").set_value("compact-7").run()
    app.switch_page("../explore.py").run()
    app.switch_page("../embed.py").run()
    assert app.selectbox(key="request_model").value == "compact-7"


# ---------------------------------------------------------------- work under way
def test_running_work_shows_its_progress_and_can_be_cancelled(
    open_page: Open, with_small_site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "240 of 600 pixel-dates, 4 s left"
    running = Job(target="embed-SMALL", status=Status.RUNNING, fraction=0.4, message=said)
    stopped: list[str] = []
    monkeypatch.setattr(jobs, "find", lambda _, target: running if target == "embed-SMALL" else None)
    monkeypatch.setattr(jobs, "cancel", lambda _, target: stopped.append(target))
    app = open_page(with_small_site, PAGE, site="SMALL")
    progress = app.get("progress")[0].proto
    assert (progress.value, progress.text) == (40, said)
    press(app, "Cancel")
    assert stopped == ["embed-SMALL"]


def test_a_failed_run_gives_its_reason(
    open_page: Open, with_small_site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Job(target="embed-SMALL", status=Status.FAILED, fraction=0.4, message="the disk is full.")
    monkeypatch.setattr(jobs, "find", lambda _, target: failed if target == "embed-SMALL" else None)
    app = open_page(with_small_site, PAGE, site="SMALL")
    assert app.error[0].value == "The last run did not come to its end. The disk is full."


def test_an_interrupted_run_is_offered_again_and_can_be_discarded(
    open_page: Open, with_small_site: Workspace, begun: list[list[str]]
) -> None:
    wanted = Selection(start="2021-05-01", end="2021-05-22")
    planned = plan(with_small_site, "SMALL", model="compact-7", selection=wanted, chunk=(1, 12, 10))
    asked = iter(range(9))
    with pytest.raises(StoppedError):
        engine.run(with_small_site, planned, stop=lambda: next(asked) >= 2)
    app = open_page(with_small_site, PAGE, site="SMALL")
    assert "Interrupted at **50 %**: compact-7, 2021-05-01 to 2021-05-21, 12 × 10 pixels" in words(app)
    assert not app.sidebar.button  # offered here, it is no left-over to warn of
    begun.clear()
    press(app, "Go on")
    assert begun[0][:9] == [
        "core",
        "embed",
        "SMALL",
        "--model",
        "compact-7",
        "--start",
        "2021-05-01",
        "--end",
        "2021-05-21",
    ]
    press(app, "Discard")
    assert not with_small_site.drafts()
    assert "Interrupted" not in words(app)


# ---------------------------------------------------------------- a run
def test_a_run_is_shown_with_its_colours_and_its_facts(open_page: Open, embedded: Workspace) -> None:
    app = open_page(embedded, PAGE, site="SMALL")
    assert not app.exception
    assert not app.error
    newest = embedded.runs(kind="embedding")[0]
    assert app.query_params["run"] == newest.id
    assert app.query_params["picture"] == "principal"
    assert "Of what varies in this embedding: PC1 " in words(app)
    assert f"over {PIXEL_DATES} clear pixel-dates" in words(app)
    assert f"{PIXEL_DATES} pixel-dates" in words(app)
    assert [option[:10] for option in app.sidebar.selectbox(key="run_picker").options] == ["compact-32", "compact-7 "]


def test_the_view_of_a_run_stands_in_the_link(open_page: Open, embedded: Workspace) -> None:
    run = run_of(embedded, "compact-7").id
    app = open_page(embedded, PAGE, site="SMALL", run=run, picture="dims 7 1 2", date="2021-05-16")
    assert not app.exception
    assert (app.query_params["run"], app.query_params["picture"]) == (run, "dims 7 1 2")
    assert app.selectbox(key="embed_dim_0").value == 7
    app.selectbox(key="embed_dim_1").set_value(5).run()
    assert app.query_params["picture"] == "dims 7 5 2"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"run": "SMALL-embedding-000000000000"}, "the newest is shown."),
        (
            {"picture": "dims 1 2 99"},
            "This embedding has no picture 'dims 1 2 99'; its principal components are shown.",
        ),
        ({"picture": "dims one"}, "This embedding has no picture 'dims one'; its principal components are shown."),
        ({"picture": "x-ray"}, "This embedding has no picture 'x-ray'; its principal components are shown."),
        ({"date": "1990-01-01"}, "There is no picture near 1990-01-01; the nearest, of 2021-05-01, is shown."),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(
    open_page: Open, embedded: Workspace, query: dict[str, str], sentence: str
) -> None:
    app = open_page(embedded, PAGE, site="SMALL", **query)
    assert not app.exception
    assert len(sentences(app)) == 1
    assert sentences(app)[0].endswith(sentence)


def test_every_trust_layer_can_be_the_picture(open_page: Open, embedded: Workspace) -> None:
    for layer in ("context_share", "days_since_clear", "sensor_gap", "error_s2", "error_s1"):
        app = open_page(embedded, PAGE, site="SMALL", picture=layer)
        assert not app.exception
        assert not app.error
        assert app.query_params["picture"] == layer


def test_low_trust_is_hatched_on_request_and_the_choice_survives_a_page_change(
    open_page: Open, embedded: Workspace
) -> None:
    app = open_page(embedded, PAGE, site="SMALL")
    app.toggle(key="embed_hatch").set_value(True).run()
    app.number_input(key="embed_limit_context_share").set_value(60).run()
    app.switch_page("../explore.py").run()
    app.switch_page("../embed.py").run()
    assert not app.exception
    assert app.toggle(key="embed_hatch").value is True
    assert app.number_input(key="embed_limit_context_share").value == 60


def test_many_dimensions_are_paged_through(open_page: Open, embedded: Workspace) -> None:
    app = open_page(embedded, PAGE, site="SMALL", run=run_of(embedded, "compact-32").id)
    pages = app.main.get("button_group")[-1]
    assert [option.content for option in pages.proto.options] == ["1–12", "13–24", "25–32"]
    app.session_state["maps_page"] = 2
    app.run()
    assert not app.exception
    app.sidebar.selectbox(key="run_picker").set_value(run_of(embedded, "compact-7").id).run()  # has one page alone
    assert not app.exception


def test_a_run_that_stands_already_is_shown_instead_of_made_again(open_page: Open, embedded: Workspace) -> None:
    app = open_page(embedded, PAGE, site="SMALL", run=run_of(embedded, "compact-32").id)
    app.selectbox(key="request_model").set_value("compact-7").run()
    assert "Made already" in words(app)
    press(app, "Show it")
    assert app.query_params["run"] == run_of(embedded, "compact-7").id


def test_another_run_is_opened_from_the_table(open_page: Open, embedded: Workspace) -> None:
    app = open_page(embedded, PAGE, site="SMALL", run=run_of(embedded, "compact-32").id)
    press(app, "Open")
    assert app.query_params["run"] == run_of(embedded, "compact-7").id


def test_an_export_is_begun_with_its_form(open_page: Open, embedded: Workspace, begun: list[list[str]]) -> None:
    run = run_of(embedded, "compact-7")
    app = open_page(embedded, PAGE, site="SMALL", run=run.id)
    begun.clear()
    app.button(key=f"export zarr {run.id}").click().run()
    path = str(embedded.root / "exports" / run.id / "embedding.zarr")
    assert [command for command in begun if command[1] == "export"] == [
        ["core", "export", run.id, path, "--to", "zarr", "--overwrite"]
    ]


def test_a_damaged_run_is_said_and_another_one_can_be_chosen(open_page: Open, embedded: Workspace) -> None:
    spoilt, whole = run_of(embedded, "compact-32"), run_of(embedded, "compact-7")
    next(path for path in spoilt.path.rglob("c/*") if path.is_file()).write_bytes(b"spoilt")
    app = open_page(embedded, PAGE, site="SMALL", run=spoilt.id)
    assert not app.exception
    assert any("is damaged" in text or "lacks" in text for text in sentences(app))
    app.sidebar.selectbox(key="run_picker").set_value(whole.id).run()
    assert not app.error


# ---------------------------------------------------------------- embeddings that others made
def test_an_embedding_without_images_under_it_says_so(open_page: Open, workspace: Workspace, tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    cube = xr.Dataset(
        {"features": (("feature", "time", "y", "x"), dice.normal(size=(64, 2, 9, 8)).astype(np.float32))},
        coords={
            "time": np.array(["2020-07-01", "2021-07-01"], "datetime64[ns]"),
            "y": 5_538_115.0 - 10 * np.arange(9),
            "x": 535_825.0 + 10 * np.arange(8),
        },
        attrs={"crs": "EPSG:32632"},
    )
    cube.to_zarr(tmp_path / "theirs.zarr", zarr_format=3, consolidated=False)
    load_embedding(workspace, [tmp_path / "theirs.zarr"], site="MEADOW", model="theirs")
    app = open_page(workspace, PAGE, site="MEADOW")
    assert not app.exception
    assert not app.error
    assert "No Sentinel images lie under this embedding" in words(app)
    assert "There are no Sentinel images under this embedding to compare its dimensions with" in words(app)
    assert [option.content for option in app.main.get("button_group")[-1].proto.options][-1] == "61–64"
    assert "**theirs** · 9 × 8 pixels" in words(app)
