"""The first visit, on an empty workspace: something true at once, and the demo site by itself."""

from __future__ import annotations

from pathlib import Path

from tests.browser.server import serve
from tests.browser.window import open_window


def test_an_empty_workspace_fills_itself_and_survives_a_restart(browser: object, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    with serve(workspace) as server, open_window(browser) as window:
        window.page.goto(server.address)
        window.page.get_by_text("Making SIM-DBF").wait_for()
        assert "deciduous broadleaf forest" in window.text()
        window.page.frame_locator("iframe[title*=folium]").locator("path.fx-place").first.wait_for()
    with serve(workspace) as server, open_window(browser) as window:  # the making went on without the server
        window.page.goto(server.address)
        window.page.locator("canvas.image").wait_for()
        window.settle()
        assert "Making SIM-DBF" not in window.text()
