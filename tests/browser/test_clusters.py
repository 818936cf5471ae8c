"""The Clusters page as a reader meets it: fields that are known beforehand, found, compared and labelled."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from core.store import Workspace
from tests.browser.holding import held
from tests.browser.server import Server, serve
from tests.browser.window import FIND_ATLAS, Window, open_window
from tests.meadow import SIDE, WEST, meadow_in

PHONE = {"width": 400, "height": 850}
SHOWS = {"clusters": "clusters", "similar places": "similarity", "label a few": "labels"}


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return meadow_in(tmp_path_factory.mktemp("clusters"))


@pytest.fixture(scope="module")
def server(browser: object, space: Workspace) -> Iterator[Server]:
    with serve(space.root) as started:
        yield started


@pytest.fixture
def own(browser: object, space: Workspace, tmp_path: Path) -> Iterator[tuple[Server, Workspace]]:
    """The app on a copy of its own, in which a test may store."""
    shutil.copytree(space.root, tmp_path / "copy")
    with serve(tmp_path / "copy") as started:
        yield started, Workspace(tmp_path / "copy")


def open_clusters(window: Window, server: Server, part: str = "clusters") -> Window:
    window.page.add_init_script(FIND_ATLAS)
    window.open(f"{server.address}/clusters?site=MEADOW&date=2021-05-21")
    wait_for_map(window, "clusters")
    if part != "clusters":
        window.page.get_by_test_id("stMain").get_by_text(part, exact=True).click()
        wait_for_map(window, part)
    return window


def wait_for_map(window: Window, part: str) -> None:
    """Until the map of a part is drawn."""
    window.page.locator(f".atlas[data-over] canvas.marks[aria-label^='Map of {SHOWS[part]}']").wait_for()
    window.settle()


def click_map(window: Window, row: int, column: int) -> None:
    """Click the middle of a pixel; waits until Python has answered."""
    picture = window.page.locator("canvas.marks")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    place = {"x": box["width"] * (column + 0.5) / SIDE, "y": box["height"] * (row + 0.5) / SIDE}
    picture.click(position=place)
    window.settle()


def drag(window: Window, canvas: str, *corners: tuple[float, float]) -> None:
    """Draw round an area; corners in shares of the canvas, across and down."""
    box = window.page.locator(canvas).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    window.page.mouse.move(*places[0])
    window.page.mouse.down()
    for place in places[1:]:
        window.page.mouse.move(*place, steps=4)
    window.page.mouse.up()


def lit(window: Window) -> int:
    return int(window.page.evaluate("window.atlas().dataset.lit") or 0)


def test_legend_shares_sum_to_all_and_follow_the_number_of_clusters(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server)
        shares = "chart => chart.data[0].x"
        chart = window.page.locator(".fx-chart .js-plotly-plot").first
        assert len(chart.evaluate(shares)) == 6
        assert sum(chart.evaluate(shares)) == pytest.approx(100, abs=0.01)
        number = window.page.get_by_label("Number of clusters", exact=True)
        number.fill("3")
        number.press("Enter")
        assert window.comes_true(lambda: len(chart.evaluate(shares)) == 3)
        assert sorted(chart.evaluate(shares)) == pytest.approx([26.25, 30, 43.75])


def test_the_keyboard_chooses_a_pixel_and_forgets_it(window: Window, server: Server) -> None:
    open_clusters(window, server)
    window.page.locator("canvas.marks").focus()
    for key in ("ArrowDown", "ArrowRight", "Shift+ArrowLeft"):
        window.page.keyboard.press(key)
    told = window.page.locator(".atlas .readout")
    here = f"row {SIDE // 2 + 1}, column {SIDE // 2 - 9} · cluster "
    assert window.comes_true(lambda: told.inner_text().startswith(here))
    cluster = told.inner_text().split(" · ")[1]
    window.page.keyboard.press("Enter")
    window.page.get_by_text(f"What is {cluster}?").wait_for()
    window.settle()
    assert window.comes_true(lambda: f"pixel {SIDE // 2 + 1}.{SIDE // 2 - 9}" in window.query("clusters"))
    window.page.keyboard.press("Escape")
    assert window.comes_true(lambda: "pixel" not in window.query("clusters"))


def test_the_keyboard_draws_areas_too(window: Window, server: Server) -> None:
    open_clusters(window, server)
    window.page.locator("canvas.marks").focus()
    for key in ("Shift+ArrowUp", "Space", "Shift+ArrowDown", "ArrowRight"):
        window.page.keyboard.press(key)
    assert "Enter takes the area" in window.page.locator(".atlas .readout").inner_text()
    window.page.keyboard.press("Enter")
    window.page.get_by_text(re.compile(r"^22 pixels, 0\.2 ha")).wait_for()
    window.settle()
    assert lit(window) == 11 * 2
    window.page.locator("canvas.loops").focus()
    for key in (*["Shift+ArrowUp"] * 5, *["Shift+ArrowLeft"] * 5, "Space", *["Shift+ArrowDown"] * 10):
        window.page.keyboard.press(key)
    for key in (*["Shift+ArrowRight"] * 10, "Enter"):
        window.page.keyboard.press(key)
    window.page.get_by_text(re.compile(r"^1,600 pixels, 16\.0 ha")).wait_for()
    assert lit(window) == SIDE * SIDE


def test_a_lasso_lights_up_the_pixels_on_both_sides(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server)
        drag(window, "canvas.marks", (0.01, 0.01), (0.3, 0.01), (0.3, 0.99), (0.01, 0.99))
        assert lit(window) == SIDE * WEST
        window.page.get_by_text(re.compile(r"480 pixels, 4\.8 ha")).wait_for()
        drag(window, "canvas.loops", (0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99))
        assert lit(window) == SIDE * SIDE
        window.page.get_by_text(re.compile(r"1,600 pixels, 16\.0 ha")).wait_for()
        window.page.get_by_role("button", name="Clear the choice").click()
        assert lit(window) == 0
        window.page.get_by_text(re.compile(r"1,600 pixels")).wait_for(state="hidden")


def test_a_click_shows_what_is_like_it(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server, "similar places")
        click_map(window, 30, 4)
        window.page.get_by_text(re.compile(r"like pixel 30, 4\.")).wait_for()
        shown = re.search(r"([\d,]+) pixels \(", window.text())
        assert shown
        assert 0 < int(shown[1].replace(",", "")) <= SIDE * WEST


def test_three_labels_make_a_class_map_and_undo_takes_one_back(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server, "label a few")
        click_map(window, 5, 3)
        window.page.get_by_text("There is one class so far, A").wait_for()
        window.page.get_by_role("combobox", name="Label with class").click()
        window.page.get_by_role("option", name="B", exact=True).click()
        window.page.get_by_text("to label it B").wait_for()
        window.settle()
        click_map(window, 5, 30)
        window.page.get_by_text(re.compile("Rests on 2 labels")).wait_for()
        click_map(window, 34, 34)
        window.page.get_by_text(re.compile("Rests on 3 labels")).wait_for()
        window.settle()
        areas = window.page.locator(".fx-chart .js-plotly-plot").first
        assert sum(areas.evaluate("chart => chart.data[0].x")) == pytest.approx(100, abs=0.01)
        window.page.get_by_role("button", name="Undo").click()
        window.page.get_by_text(re.compile("Rests on 2 labels")).wait_for()


def test_the_web_map_shows_the_picture_without_a_network(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server, "similar places")
        window.page.get_by_text("On a web map").click()
        picture = window.page.frame_locator("iframe[title*=folium]").locator("img.leaflet-image-layer")
        picture.wait_for()
        assert picture.evaluate("picture => picture.src").startswith("data:image/png")
        box = picture.bounding_box()
        picture.click(position={"x": box["width"] * 5.5 / SIDE, "y": box["height"] * 20.5 / SIDE}, force=True)
        window.page.get_by_text(re.compile(r"like pixel (19|20|21), [456]\.")).wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("part", ["clusters", "similar places", "label a few"])
def test_nothing_overflows_on_a_phone(browser: object, server: Server, part: str, dark: bool) -> None:
    with open_window(browser, size=PHONE, dark=dark) as window:
        open_clusters(window, server, part)
        assert window.width_beyond() <= 0


def test_the_pointer_reads_the_similarity(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server, "similar places")
        click_map(window, 30, 4)
        box = window.page.locator("canvas.marks").bounding_box()
        readout = window.page.locator(".readout")

        def read_at(column: int, row: int) -> str:
            for column_there in (column - 1, column):  # a pointer that does not move tells nothing
                x, y = ((place + 0.5) / SIDE for place in (column_there, row))
                window.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            return readout.inner_text()

        assert window.comes_true(lambda: read_at(4, 30) == "row 30, column 4 · similarity 1.00")


def test_a_period_stays_as_chosen_when_other_controls_move(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server)
        choose(window, "Compare pixels by", "mean of a period")
        choose(window, "First date", "2021-05-11")
        choose(window, "Last date", "2021-05-31")
        asked = "by mean from 2021-05-11 to 2021-05-31"
        assert window.comes_true(lambda: window.query("clusters") == asked)
        window.page.get_by_text("Standardised", exact=True).click()
        assert window.comes_true(lambda: window.query("clusters") == f"{asked} scale raw")
        window.page.get_by_test_id("stNumberInputStepUp").click()
        assert window.comes_true(lambda: window.query("clusters") == f"{asked} scale raw k 7")
        window.page.reload()
        wait_for_map(window, "clusters")
        assert window.query("clusters") == f"{asked} scale raw k 7"
        assert window.page.get_by_role("combobox", name="First date").input_value() == "2021-05-11"


def choose(window: Window, control: str, option: str) -> None:
    window.page.get_by_role("combobox", name=control).click()
    window.page.get_by_role("option", name=option, exact=True).click()
    window.settle()


def test_clusters_that_are_kept_can_be_followed(browser: object, own: tuple[Server, Workspace]) -> None:
    with open_window(browser) as window:
        open_clusters(window, own[0])
        window.page.get_by_role("button", name="Keep", exact=True).click()
        window.page.get_by_role("button", name="Keep these clusters").click()
        window.page.get_by_role("link", name="Follow them on Trajectories").click()
        window.page.get_by_test_id("stMain").get_by_text("cluster", exact=True).click()
        window.page.get_by_role("combobox", name="Which").wait_for()
        assert window.page.get_by_role("combobox", name="Which").input_value().startswith("cluster 1 of 6")


def test_the_mean_embedding_is_drawn_once_it_is_opened_and_stays_open(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server)
        heats = (
            "() => [...document.querySelectorAll('.js-plotly-plot')].filter(c => c.data[0].type === 'heatmap').length"
        )
        assert window.page.evaluate(heats) == 0
        window.page.get_by_text("Mean embedding of cluster 1").click()
        assert window.comes_true(lambda: window.page.evaluate(heats) == 1)
        window.settle()
        window.page.get_by_test_id("stNumberInputStepUp").click()
        assert window.comes_true(lambda: "k 7" in window.query("clusters"))
        window.settle()
        assert window.page.evaluate(heats) == 1


def test_the_search_for_k_is_stopped_and_begun_again(browser: object, own: tuple[Server, Workspace]) -> None:
    server, space = own
    with open_window(browser) as window:
        open_clusters(window, server)
        window.page.get_by_role("button", name="Suggest").click()
        with held(window, space, "cluster-number-*") as was_cancelled:
            window.page.get_by_role("button", name="Cancel").click()
            assert window.comes_true(was_cancelled)
        window.page.get_by_role("button", name="Suggest").wait_for()
        number = window.page.get_by_label("Number of clusters", exact=True)
        assert number.input_value() == "6"
        window.settle()
        window.page.get_by_role("button", name="Suggest").click()
        assert window.comes_true(lambda: number.input_value() == "3")
        assert window.comes_true(lambda: "k 3" in window.query("clusters"))


def test_a_link_leads_to_the_same_view(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_clusters(window, server, "similar places")
        click_map(window, 30, 4)
        assert window.comes_true(lambda: "pixel 30.4" in window.query("clusters"))
        told, address = re.search(r"[\d,]+ pixels \(", window.text()), window.page.url
    with open_window(browser) as window:
        window.page.add_init_script(FIND_ATLAS)
        window.open(address)
        wait_for_map(window, "similar places")
        assert told is not None
        assert told[0] in window.text()
        assert "like pixel 30, 4." in window.text()


def test_a_land_cover_map_of_ones_own_is_compared_with(browser: object, server: Server, tmp_path: Path) -> None:
    fields = np.ones((SIDE, SIDE), np.uint8)
    fields[:, :WEST] = 7
    place = from_origin(535_820.0, 5_538_120.0, 10, 10)
    shape = {"height": SIDE, "width": SIDE, "count": 1, "dtype": "uint8", "crs": "EPSG:32632", "transform": place}
    with rasterio.open(tmp_path / "fields.tif", "w", driver="GTiff", **shape) as tiff:
        tiff.write(fields, 1)
    with open_window(browser) as window:
        open_clusters(window, server)
        window.page.get_by_text("Agreement with a land-cover map").click()
        window.page.get_by_role("button", name="A map of your own").click()
        window.page.locator("input[type=file]").set_input_files(tmp_path / "fields.tif")
        window.page.get_by_text("fields.tif").first.wait_for()
        window.page.get_by_role("button", name="Compare with it").click()
        window.page.get_by_text(re.compile(r"Adjusted Rand index 0\.\d\d over 1,600 pixels")).wait_for()
