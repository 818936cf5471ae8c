"""Every control says in a sentence what it does, on every page part and wherever one is made; and can be typed into.

What is being typed is lost where the page runs meanwhile and tells the control a value, be it the one it has.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.embedding import engine
from core.embedding.plan import plan
from core.gpp.fit import fit_model
from core.gpp.sites import Request, open_sites
from core.sources.embeddings.load import load_embedding
from core.sources.site import write_site
from core.store import Workspace
from core.ui import jobs
from core.ui.clusters import choices as clusters
from core.ui.gpp import choices as gpp
from core.ui.jobs import Job, Status
from core.ui.own_site import choices as own_site
from core.ui.trajectories import choices as trajectories
from tests.conftest import made_by_hand
from tests.core.gpp.test_sites import site
from tests.meadow import meadow_in
from tests.pages.app import FRAME, Open
from tests.pages.test_pages import PAGES
from tests.pages.test_trajectories import loop

CONTROLS = {
    "button", "button_group", "checkbox", "date_input", "download_button", "file_uploader", "metric", "multiselect",
    "number_input", "page_link", "pills", "popover", "select_slider", "selectbox", "slider", "text_input", "toggle",
}  # fmt: skip
CALLS = CONTROLS - {"button_group"} | {
    "camera_input", "chat_input", "color_picker", "form_submit_button", "link_button", "radio", "segmented_control",
    "text_area", "time_input",
}  # fmt: skip
TYPED = {"date_input", "multiselect", "number_input", "text_input"}
SOURCES = sorted(path for folder in ("core/ui", "pages") for path in (FRAME.parents[2] / folder).rglob("*.py"))
# Page, site, key of the session's choices, and choices; and how many controls there are at least.
STATES: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("explore.py", "SMALL", "", {}, 3),
    ("explore.py", "SMALL", "own_site", {"open": True, "archive": own_site.OTHER, "lat": 50.0, "lon": 9.5}, 12),
    ("explore.py", "SMALL", "own_site", {"open": True, "way": own_site.FILES, "path": "/nowhere"}, 8),
    ("explore.py", "SIM-GRA", "", {}, 2),  # being made
    ("embed.py", "SMALL", "", {}, 8),
    ("embed.py", "SMALL", "embedding_request", {"period": "other dates …", "box": (2, 2, 8, 8)}, 12),
    ("clusters.py", "ONE", "", {}, 1),  # no embedding
    *[("clusters.py", "MEADOW", "clusters", {"part": part, "webmap": False}, 6) for part in clusters.PARTS],
    ("clusters.py", "MEADOW", "clusters", {"method": "hdbscan", "basis": "mean", "axes": "neighbours"}, 12),
    ("trajectories.py", "ONE", "", {}, 1),  # no embedding
    *[("trajectories.py", "RING", "trajectories", {"part": part}, 9) for part in trajectories.PARTS],
    ("trajectories.py", "RING", "trajectories", {"part": trajectories.UNUSUAL, "place": "site", "mapped": True}, 9),
    ("trajectories.py", "RING", "trajectories", {"part": trajectories.SEASON, "season_mapped": True}, 11),
    *[("gpp.py", "ONE", "gpp", {"part": part}, 10) for part in gpp.PARTS],
    ("gpp.py", "ONE", "gpp", {"split": "fixed-years", "footprint": gpp.OWN_FOOTPRINT}, 10),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MEADOW and RING with loaded embeddings, SMALL with one of its own, and ONE with a fit."""
    folder = tmp_path_factory.mktemp("tooltips")
    space = meadow_in(folder)
    loop().to_zarr(folder / "loop.zarr", zarr_format=3, consolidated=False)
    load_embedding(space, [folder / "loop.zarr"], site="RING", model="loop")
    write_site(space, **made_by_hand().parts())
    engine.run(space, plan(space, "SMALL", model="compact-7", error=False))
    write_site(space, **site("ONE", 0))
    wanted = Request(sites=("ONE",), kinds=("bands", "weather"))
    frames = open_sites(space, wanted)
    fit_model(frames, model="ridge", split="leave-year-out", window=20, source={"request": wanted}, workspace=space)
    return space.root


@pytest.fixture
def full(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def controls(app: AppTest) -> Iterator[tuple[str, Any]]:
    """Kind of every control on the screen, and what the browser is told of it; those of the sidebar last."""
    for place in (app.main, app.sidebar):
        for node in place:
            if node.type in CONTROLS:
                yield node.type, getattr(node.proto, "popover", node.proto)


def without_help(app: AppTest) -> list[str]:
    return [f"{kind} '{told.label}'" for kind, told in controls(app) if not told.help.strip()]


def told_anew(app: AppTest) -> list[str]:
    """What can be typed into and was given a value in the last run."""
    return [f"{kind} '{told.label}'" for kind, told in controls(app) if kind in TYPED and told.set_value]


def drawn(app: AppTest, key: str, chosen: dict[str, Any]) -> AppTest:
    """The page with the session's choices under `key` changed."""
    if chosen:
        kept = app.session_state[key] if key in app.session_state else own_site.Choices(start="2021-01-01")
        app.session_state[key] = replace(kept, **chosen)
        app.run()
    assert not app.exception
    return app


# ---------------------------------------------------------------- as drawn
@pytest.mark.parametrize(("page", "where", "key", "chosen", "least"), STATES)
def test_every_control_has_a_tooltip_and_keeps_what_is_typed(
    open_page: Open, full: Workspace, page: str, where: str, key: str, chosen: dict[str, Any], least: int
) -> None:
    app = drawn(open_page(full, page, site=where), key, chosen)
    assert len(list(controls(app))) >= least
    assert without_help(app) == []
    app.run()
    assert told_anew(app) == []


@pytest.mark.parametrize("page", PAGES)
def test_so_has_every_control_of_an_empty_workspace(open_page: Open, workspace: Workspace, page: str) -> None:
    app = open_page(workspace, page)
    assert list(controls(app))
    assert without_help(app) == []
    app.run()
    assert told_anew(app) == []


@pytest.mark.parametrize("status", [Status.RUNNING, Status.FAILED])
def test_what_stops_work_or_tries_again_has_a_tooltip(
    open_page: Open, full: Workspace, monkeypatch: pytest.MonkeyPatch, status: Status
) -> None:
    monkeypatch.setattr(jobs, "find", lambda _, target: Job(target=target, status=status, fraction=0.5, message="x"))
    seen = set()
    for page, where in (("embed.py", "SMALL"), ("gpp.py", "ONE"), ("explore.py", "SIM-GRA")):
        app = open_page(full, page, site=where)
        seen |= {told.label for _, told in controls(app)}
        assert without_help(app) == []
    assert seen >= ({"Cancel", "Stop"} if status is Status.RUNNING else {"Run", "Fit", "Make it now"})


def test_every_page_and_part_is_among_them() -> None:
    assert {page for page, *_ in STATES} == set(PAGES)


def test_a_control_without_a_tooltip_would_be_named() -> None:
    def page() -> None:
        import streamlit as st

        st.button("Told", help="What it does.")
        st.button("Untold")
        st.popover("Untold too").pills("Inside", [1, 2])

    app = AppTest.from_function(page).run()
    assert without_help(app) == ["button 'Untold'", "popover 'Untold too'", "button_group 'Inside'"]


def test_a_control_that_is_told_its_value_in_each_run_would_be_named() -> None:
    def page() -> None:
        import streamlit as st

        st.session_state["years"] = [2021]
        st.multiselect("Years", [2021, 2022], key="years")

    assert told_anew(AppTest.from_function(page).run().run()) == ["multiselect 'Years'"]


# ---------------------------------------------------------------- as made
def made_without_help(source: str) -> list[str]:
    """The calls in a source that make a control and give it no help, as "line: function"."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [(node, node.func.attr) for node in calls if isinstance(node.func, ast.Attribute)]
    return [
        f"{node.lineno}: {name}"
        for node, name in named
        if name in CALLS and not any(word.arg == "help" for word in node.keywords) and not _is_ours(node)
    ]


def _is_ours(node: ast.Call) -> bool:
    """A function of ours of the same name: it makes its control elsewhere."""
    return ast.unparse(node.func) in {"panel.button"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(FRAME.parents[2])))
def test_no_control_is_made_without_a_tooltip(path: Path) -> None:
    assert made_without_help(path.read_text(encoding="utf-8")) == []


def test_a_call_without_help_would_be_named() -> None:
    source = 'st.button("A")\nleft.pills("B", [1], **kept)\nst.toggle("C", help=words)\npanel.button(site)'
    assert made_without_help(source) == ["1: button", "2: pills"]
    assert sum(path.read_text(encoding="utf-8").count("help=") for path in SOURCES) > 100
