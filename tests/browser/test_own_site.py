"""A site of one's own, added in the browser: from files, and from an archive on this machine."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.sources.site import open_site
from core.store import Workspace
from tests.browser.server import Server, serve
from tests.browser.window import Window
from tests.core.sources.ingest.files import DAYS, expected, optical
from tests.core.sources.stac.conftest import MEADOW
from tests.last_year import OPTICAL, RADAR, last_year

ADD = "Add a site"


@pytest.fixture
def own(browser: object, demo_workspace: Workspace, tmp_path: Path) -> Iterator[tuple[Server, Workspace]]:
    """The app on a workspace of its own, in which a test may store."""
    shutil.copytree(demo_workspace.root, tmp_path / "workspace")
    with serve(tmp_path / "workspace") as server:
        yield server, Workspace(tmp_path / "workspace")


def press(window: Window, name: str) -> None:
    window.page.get_by_role("button", name=name).click()


def fill(window: Window, label: str, text: str) -> None:
    box = window.page.locator(f"input[aria-label^='{label}']")
    box.fill(text)
    box.press("Enter")
    window.settle()


def choose(window: Window, label: str, option: str) -> None:
    box = window.page.get_by_role("combobox", name=re.compile(re.escape(label)))
    box.fill(option)
    window.page.get_by_role("option").first.click()
    window.settle()


def test_files_are_uploaded_looked_at_and_become_a_site(
    own: tuple[Server, Workspace], window: Window, tmp_path: Path
) -> None:
    server, workspace = own
    optical().to_netcdf(tmp_path / "my cube.nc")
    window.open(f"{server.address}/explore?site=SIM-DBF")
    press(window, ADD)
    window.page.get_by_role("radio", name="From files of yours").click()
    window.settle()
    window.page.locator("input[type=file]").first.set_input_files(tmp_path / "my cube.nc")
    press(window, "See what they hold")
    window.page.get_by_text(f"{len(DAYS)} optical dates from {DAYS[0]} to {DAYS[-1]}").wait_for()
    window.settle()
    fill(window, "Name of the site", "my-meadow")
    press(window, "Make the site")
    assert window.wait_for_query("site", unlike="SIM-DBF") == "my-meadow"
    window.page.get_by_text("my-meadow is in your workspace").wait_for()
    stored = open_site(workspace, "my-meadow").cube["B04"].values[0]
    np.testing.assert_allclose(stored, expected("B04")[0], atol=1e-4)
    window.settle().page.locator("canvas.image").wait_for()


def test_a_place_is_clicked_estimated_and_fetched_from_an_archive(
    own: tuple[Server, Workspace],
    window: Window,
    tmp_path: Path,
) -> None:
    server, workspace = own
    window.open(f"{server.address}/explore?site=SIM-DBF")
    press(window, ADD)
    window.settle()
    ground = window.page.frame_locator("iframe[title*=folium]").locator(".leaflet-container")
    latitude = window.page.locator("input[aria-label^='Latitude']")
    ground.click(position={"x": 200, "y": 150})
    assert window.comes_true(lambda: latitude.input_value() != "")
    window.settle()
    fill(window, "Latitude", str(MEADOW[0]))
    fill(window, "Longitude", str(MEADOW[1]))
    fill(window, "Side (km)", "0.4")
    choose(window, "Archive", "another STAC archive")
    with last_year(tmp_path / "archive") as (api, _):
        fill(window, "Address", api)
        press(window, "See what there is")
        window.page.get_by_text("3 optical and 1 radar dates").wait_for()
        window.settle()
        fill(window, "Name of the site", "alp")
        press(window, "Fetch it")
        assert window.wait_for_query("site", unlike="SIM-DBF") == "alp"
    info = workspace.site("alp")
    assert (info.optical_dates, info.radar_dates, info.shape) == (len(OPTICAL), len(RADAR), (40, 40))
    window.settle().page.locator("canvas.image").wait_for()
