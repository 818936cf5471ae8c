"""The Embed page as a reader meets it: a run from the button to the picture, stopped and taken up; swiped, played."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.embedding import engine
from core.embedding.plan import plan
from core.schema import SiteInfo
from core.sources.site import open_site, write_site
from core.store import Workspace
from tests.browser.holding import held
from tests.browser.server import Server, serve
from tests.browser.window import PATIENCE_MS, Window, open_window
from tests.conftest import small_cube

PHONE = {"width": 400, "height": 850}
READ_CANVAS = """canvas => Array.from(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """SMALL with a run of compact-7."""
    here = Workspace(tmp_path_factory.mktemp("embed") / "workspace")
    write_site(here, info=SiteInfo(id="SMALL", kind="files", title="A", lat=50, lon=9.5, igbp="GRA"), cube=small_cube())
    engine.run(here, plan(here, "SMALL", model="compact-7", error=True))
    return here


@pytest.fixture
def part(space: Workspace, demo_workspace: Workspace) -> str:
    """A corner of a demo site over four years, not embedded yet; a new one for each try."""
    name = f"PART{len(space.sites())}"
    demo = open_site(demo_workspace, "SIM-DBF")
    write_site(space, info=replace(demo.info, id=name), cube=demo.cube.isel(y=slice(0, 40), x=slice(0, 40)).load())
    return name


@pytest.fixture(scope="module")
def server(browser: object, space: Workspace) -> Iterator[Server]:
    with serve(space.root) as started:
        yield started


def drawn(window: Window) -> np.ndarray:
    """RGBA (rows, cols, 4) of the player's canvas."""
    canvas = window.page.locator("canvas.image")
    rows, cols = canvas.evaluate("canvas => [canvas.height, canvas.width]")
    return np.array(canvas.evaluate(READ_CANVAS), np.uint8).reshape(rows, cols, 4)


def open_small(window: Window, server: Server, **query: str) -> Window:
    link = "&".join(f"{name}={value}" for name, value in {"site": "SMALL", "date": "2021-05-16", **query}.items())
    window.page.goto(f"{server.address}/embed?{link}")
    window.page.locator(".multiples[data-date='2021-05-16']").wait_for()
    window.page.locator(".player .note").wait_for(state="hidden")
    return window.settle()


def test_a_run_is_begun_cancelled_taken_up_and_shown(
    browser: object, server: Server, space: Workspace, part: str
) -> None:
    """In one go: begun by the button, watched through a change of page, cancelled, gone on with, looked at."""
    with open_window(browser) as window:
        page = window.page
        left = page.get_by_text(re.compile(r"of [\d,]+ pixel-dates, .* left"))
        page.goto(f"{server.address}/embed?site={part}")
        page.get_by_text("No embedding of this site yet").wait_for()
        assert page.get_by_text(re.compile(r"[\d,]+ pixel-dates")).first.is_visible()
        page.locator("canvas.image").wait_for()
        choose(window, "Period", "all years")
        page.get_by_role("button", name="Run", exact=True).click()
        with held(window, space, f"embed-{part}", beyond=0) as was_cancelled:
            left.wait_for()
            page.get_by_test_id("stSidebarNavLink").filter(has_text="Explore").click()
            page.get_by_text("when was it seen?").first.wait_for()
            page.get_by_test_id("stSidebarNavLink").filter(has_text="Embed").click()
            page.get_by_role("button", name="Cancel").click()
            assert window.comes_true(was_cancelled)
        page.get_by_text(re.compile(r"Interrupted at \d+ %")).wait_for()
        assert not space.runs(kind="embedding", site=part)
        before = done(window)

        page.get_by_role("button", name="Go on").click()
        with held(window, space, f"embed-{part}", beyond=0):
            left.wait_for()
            assert float(re.search(r"([\d,]+) of", progress(window))[1].replace(",", "")) > 0
        page.locator(".multiples[data-date]").wait_for(timeout=4 * PATIENCE_MS)
        (run,) = space.runs(kind="embedding", site=part)
        assert before > 0
        assert window.comes_true(lambda: window.query("run") == run.id)
        assert run.notes["dates"] > 100
        assert page.get_by_role("combobox", name="Embedding").is_visible()


def choose(window: Window, label: str, option: str) -> None:
    window.page.get_by_role("combobox", name=re.compile(label)).click()
    window.page.get_by_role("option", name=option, exact=True).click()
    window.settle()


def done(window: Window) -> int:
    """Percent that an interrupted run holds."""
    return int(re.search(r"Interrupted at (\d+) %", window.text())[1])


def progress(window: Window) -> str:
    return window.page.get_by_test_id("stProgress").first.inner_text()


def test_the_line_is_swiped_between_the_two_pictures(server: Server, window: Window) -> None:
    open_small(window, server)
    swipe = window.page.get_by_role("slider", name="Swipe between true colour and principal components")
    half = drawn(window)
    for _ in range(10):
        swipe.press("ArrowLeft")
    embedding = drawn(window)
    for _ in range(20):
        swipe.press("ArrowRight")
    colour = drawn(window)
    columns = half.shape[1] // 2
    np.testing.assert_array_equal(half[:, :columns], colour[:, :columns])
    np.testing.assert_array_equal(half[:, columns:], embedding[:, columns:])
    assert (colour[..., :3] != embedding[..., :3]).any(axis=-1).mean() > 0.5
    assert window.query("date") == "2021-05-16"  # the arrows were the line's

    box, stage = swipe.bounding_box(), window.page.locator(".player .stage").bounding_box()
    window.page.mouse.move(stage["x"] + stage["width"] - 3, box["y"] + box["height"] / 3)  # where the line now is
    window.page.mouse.down()
    window.page.mouse.move(stage["x"] + stage["width"] / 2, box["y"] + 20, steps=8)
    window.page.mouse.up()
    np.testing.assert_array_equal(drawn(window), half)


def test_the_maps_follow_the_player(server: Server, window: Window) -> None:
    open_small(window, server)
    first = window.page.get_by_role("img", name="Map of dim 1", exact=True)
    before = first.evaluate(READ_CANVAS)
    window.page.get_by_title("Next usable date").click()
    window.page.locator(".multiples[data-date='2021-05-21']").wait_for()
    assert first.evaluate(READ_CANVAS) != before
    assert window.wait_for_query("date", unlike="2021-05-16") == "2021-05-21"


def test_a_box_drawn_on_the_picture_becomes_the_area(server: Server, window: Window) -> None:
    open_small(window, server)
    stage = window.page.locator("canvas.image").bounding_box()
    cell = stage["width"] / 10
    pixel = window.query("pixel")
    window.page.mouse.move(stage["x"] + 0.5 * cell, stage["y"] + 6.5 * cell)
    window.page.mouse.down()
    window.page.mouse.move(stage["x"] + 3.5 * cell, stage["y"] + 10.5 * cell, steps=8)
    window.page.mouse.up()
    window.page.get_by_role("spinbutton", name="West (m)").wait_for()
    west, south = (window.page.get_by_role("spinbutton", name=name).input_value() for name in ("West (m)", "South (m)"))
    assert (west, south) == ("535825", "5538015")
    assert "5 × 4 pixels" in window.settle().text()
    assert window.query("pixel") == pixel  # a drag is no click


def test_low_trust_shines_faintly_over_the_hatch(server: Server, window: Window) -> None:
    open_small(window, server)
    swipe = window.page.get_by_role("slider", name=re.compile("Swipe"))
    for _ in range(10):
        swipe.press("ArrowLeft")
    assert set(np.unique(drawn(window)[..., 3])) <= {0, 255}
    window.page.get_by_role("button", name="Limits").click()
    limit = window.page.get_by_role("spinbutton", name=re.compile("Context seen"))
    limit.fill("100")
    limit.press("Enter")
    assert window.comes_true(lambda: 0 < (drawn(window)[..., 3] % 255).max() < 255)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1300, 400])
def test_nothing_overflows(browser: object, server: Server, width: int, dark: bool) -> None:
    with open_window(browser, size=PHONE | {"width": width}, dark=dark) as window:
        open_small(window, server)
        assert window.width_beyond() <= 0
        maps = window.page.locator(".multiples figure")
        assert maps.count() == 7
        assert maps.first.bounding_box()["width"] >= 120


def test_the_server_never_loads_torch(server: Server, window: Window) -> None:
    open_small(window, server)
    assert "/torch/lib/" not in Path(f"/proc/{server.process.pid}/maps").read_text(encoding="utf-8")
