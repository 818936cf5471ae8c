"""What tests of pages share: a page opened on a workspace, and background work that is noted instead of begun."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.sources.site import write_site
from core.store import Workspace
from core.ui import jobs, slow
from core.ui.jobs import Job, Status
from tests.conftest import HandMade
from tests.pages.app import FRAME, PATIENCE_S, Open


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Background work is noted here instead of being started."""
    asked: list[str] = []

    def note(_: Workspace, target: str, command: object, *, threads: int | None = 1) -> Job:
        asked.append(target)
        return Job(target=target, status=Status.RUNNING, fraction=0.25, message="growing leaves")

    monkeypatch.setattr(jobs, "start", note)
    return asked


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, work: list[str]) -> list[list[str]]:
    """The commands that would have been started."""
    commands: list[list[str]] = []

    def note(_: Workspace, target: str, command: list[str], *, threads: int | None = 1) -> Job:
        work.append(target)
        commands.append(command[2:])
        return Job(target=target, status=Status.RUNNING, fraction=0.0, message="")

    monkeypatch.setattr(jobs, "start", note)
    return commands


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, work: list[str]) -> Open:
    for patience in ("AT_ONCE_S", "PAGE_S"):  # on a busy machine too, what is small is there at once
        monkeypatch.setattr(slow, patience, PATIENCE_S)

    def run(workspace: Workspace, page: str = "explore.py", **query: str) -> AppTest:
        monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
        app = AppTest.from_file(FRAME, default_timeout=PATIENCE_S)
        app.query_params.update(query)
        return app.run().switch_page(f"../{page}").run()

    return run


@pytest.fixture
def with_small_site(workspace: Workspace, small_site: HandMade) -> Workspace:
    write_site(workspace, **small_site.parts())
    return workspace
