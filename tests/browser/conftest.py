"""A real Chromium against a real server. Whatever the browser asks of the outside world fails, and fails the test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Workspace
from tests.browser.server import serve
from tests.browser.window import Window, open_window

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=2))  # a busy machine may starve a browser; the report says "rerun"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "a whole check needs Chromium, see install_chromium.sh"
        pytest.skip("there is no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as control:
        chromium = control.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def app(browser: object, demo_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app with one demo site in its workspace, for all tests that change nothing there."""
    copy = tmp_path_factory.mktemp("app") / "workspace"
    shutil.copytree(demo_workspace.root, copy)
    with serve(copy) as server:
        yield server.address


@pytest.fixture
def window(browser: object) -> Iterator[Window]:
    """An empty browser window with a session of its own; checks on leaving that nothing was asked of the outside."""
    with open_window(browser) as opened:
        yield opened
