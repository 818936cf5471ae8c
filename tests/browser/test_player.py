"""The date player in a real browser: what is drawn is what was sent, and what is done reaches Python once."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.frames import Frames
from tests.browser.apps import player_app
from tests.browser.apps.player_app import CLOUDY, COLUMNS, DATES, ROWS
from tests.browser.server import serve
from tests.browser.window import Window, open_window

PHONE = {"width": 400, "height": 800}
FIRST, SECOND, AFTER_THE_CLOUDS = (str(DATES[index]) for index in (1, 2, CLOUDY[-1] + 1))
READ_CANVAS = """canvas => Array.from(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"""


@pytest.fixture(scope="module")
def address(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("player") / "workspace", entry=Path(player_app.__file__)) as server:
        yield server.address


@pytest.fixture
def player(window: Window, address: str) -> Player:
    return Player(window).open(address)


class Player:
    """The test page with the player, as a user finds it."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page
        self.loads: list[str] = []
        self.page.on("request", lambda request: request.url.endswith(".bin") and self.loads.append(request.url))

    def open(self, address: str) -> Player:
        self.window.open(address)
        self.page.locator(".player .label:not(:empty)").wait_for()
        self.part("note").wait_for(state="hidden")
        return self

    def part(self, name: str) -> object:
        return self.page.locator(f".player .{name}")

    def drawn(self) -> np.ndarray:
        """RGBA (rows, cols, 4) of the canvas."""
        return np.array(self.part("image").evaluate(READ_CANVAS), np.uint8).reshape(ROWS, COLUMNS, 4)

    def choose(self, layer: str) -> None:
        self.page.get_by_text(layer, exact=True).click()
        self.page.locator(".player .label", has_text=layer).wait_for()
        self.part("note").wait_for(state="hidden")

    def click_pixel(self, row: int, column: int) -> None:
        box = self.part("image").bounding_box()
        x, y = (column + 0.5) / COLUMNS * box["width"], (row + 0.5) / ROWS * box["height"]
        self.part("image").click(position={"x": x, "y": y})

    def says(self, text: str) -> bool:
        """Wait for Python to answer with this text."""
        self.page.get_by_text(text).wait_for()
        return True

    def runs(self) -> int:
        self.window.settle()
        return int(re.search(r"runs (\d+)", self.window.text())[1])


def frames(layer: str = "true colour") -> Frames:
    return player_app.make_frames(layer, FIRST)


# ---------------------------------------------------------------- drawing
def test_the_canvas_shows_the_bytes_that_were_made(player: Player) -> None:
    np.testing.assert_array_equal(player.drawn(), frames().image(1))
    player.choose("difference")
    np.testing.assert_array_equal(player.drawn(), frames("difference").image(1))


def test_the_colour_bar_runs_from_the_lowest_to_the_highest(player: Player) -> None:
    player.choose("difference")
    palette = frames("difference").palette
    stops = re.findall(r"rgb\((\d+), (\d+), (\d+)\)", player.part("legend i").get_attribute("style"))
    assert [[int(part) for part in stop] for stop in (stops[0], stops[-1])] == palette[[1, 255], :3].tolist()


def test_pixels_are_crisp_and_missing_ones_hatched(player: Player) -> None:
    picture = np.asarray(Image.open(io.BytesIO(player.part("stage").screenshot())).convert("RGB"))
    height, width = picture.shape[:2]
    for row, column in ((10, 12), (15, 29), (8, 0)):
        seen = picture[int((row + 0.5) / ROWS * height), int((column + 0.5) / COLUMNS * width)]
        assert np.abs(seen.astype(int) - frames().image(1)[row, column, :3]).max() <= 1
    missing = picture[: int(3 / ROWS * height), : int(5 / COLUMNS * width)].reshape(-1, 3).astype(int)
    assert np.ptp(missing, axis=1).max() < 12  # grey
    assert len(np.unique(missing, axis=0)) > 2  # striped


def test_a_date_without_a_clear_pixel_says_so(player: Player) -> None:
    player.part("image").press("ArrowRight")
    player.part("image").press("Shift+ArrowRight")
    assert player.part("note").inner_text() == "No usable pixel on this date"
    assert player.part("date").inner_text() == str(DATES[CLOUDY[0]])
    assert player.part("share").inner_text() == "0 % usable"


def test_scale_bar_and_readout_are_in_metres(player: Player) -> None:
    assert player.part("scale").inner_text() == "100 m"
    stage, scale = player.part("stage").bounding_box(), player.part("scale").bounding_box()
    assert scale["width"] / stage["width"] == pytest.approx(100 / (COLUMNS * 10), abs=0.01)
    player.click_pixel(7, 11)
    red = float(player_app.make_cube()["B04"][1, 7, 11])
    readout = player.part("readout").inner_text()
    assert "row 7, column 11" in readout
    assert "E 500 115 m, N 5 599 935 m" in readout
    assert float(re.search(r"B04 [≤≥ ]*([\d.]+)", readout)[1]) == pytest.approx(red, abs=0.003)


# ---------------------------------------------------------------- from the browser to Python
def test_a_step_goes_to_the_next_usable_date(player: Player) -> None:
    for shown in (SECOND, AFTER_THE_CLOUDS):
        player.part("on").click()
        assert player.part("date").inner_text() == shown
    assert player.says(f"shown {AFTER_THE_CLOUDS}")
    player.part("back").click()
    assert player.says(f"shown {SECOND}")


def test_a_click_tells_row_and_column(player: Player) -> None:
    for row, column in ((0, 0), (ROWS - 1, COLUMNS - 1), (7, 11)):
        player.click_pixel(row, column)
        assert player.says(f"pixel ({row}, {column})")
    mark, image = player.part("pixel").bounding_box(), player.part("image").bounding_box()
    assert (mark["y"] + mark["height"] / 2 - image["y"]) / image["height"] == pytest.approx(7.5 / ROWS, abs=0.01)


def test_the_keyboard_tells_row_and_column_too(player: Player) -> None:
    picture, date = player.part("image"), player.part("date").inner_text()
    for key in ("Enter", "ArrowDown", "Shift+ArrowLeft", "ArrowLeft"):  # from the middle
        picture.press(key)
    assert f"row {ROWS // 2 + 1}, column {COLUMNS // 2 - 11}" in player.part("readout").inner_text()
    picture.press("Enter")
    assert player.says(f"pixel ({ROWS // 2 + 1}, {COLUMNS // 2 - 11})")
    for key in ("Enter", "ArrowUp", "Escape"):
        picture.press(key)
    assert f"row {ROWS // 2 + 1}, column" in player.part("readout").inner_text()
    assert player.part("date").inner_text() == date
    picture.press("ArrowRight")  # as before: to the next date
    assert player.part("date").inner_text() > date
    for key in ("Enter", "Tab"):
        picture.press(key)
    assert picture.evaluate("canvas => canvas.getRootNode().activeElement !== canvas")


def test_only_the_settled_date_reaches_python(player: Player) -> None:
    before = player.runs()
    for _ in range(6):
        player.part("image").press("ArrowRight")
    assert player.says(f"shown {DATES[9]}")
    player.page.wait_for_timeout(500)
    assert player.runs() == before + 1


def test_dragging_along_the_timeline_reports_its_end(player: Player) -> None:
    before, box = player.runs(), player.part("timeline").bounding_box()
    player.page.mouse.move(box["x"] + 5, box["y"] + 10)
    player.page.mouse.down()
    player.page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 10, steps=20)
    assert player.part("date").inner_text() == str(DATES[-1])
    player.page.mouse.up()
    assert player.says(f"shown {DATES[-1]}")
    player.page.wait_for_timeout(500)
    assert player.runs() == before + 1


def test_playing_is_silent_until_it_pauses(player: Player) -> None:
    before = player.runs()
    player.part("play").click()
    player.page.wait_for_function(
        "([root, date]) => root.querySelector('.date').textContent > date",
        arg=[player.page.locator(".player").element_handle(), SECOND],
    )
    assert player.runs() == before
    player.part("image").press(" ")
    shown = player.part("date").inner_text()
    assert player.says(f"shown {shown}")
    assert player.runs() == before + 1


# ---------------------------------------------------------------- from Python to the browser
def test_python_sets_the_date_and_nothing_echoes(player: Player) -> None:
    player.part("on").click()
    assert player.says(f"shown {SECOND}")
    player.page.get_by_text("Go to 11 February").click()
    assert player.says("date 2021-02-11 shown 2021-02-10")
    assert player.part("date").inner_text() == "2021-02-10"
    before = player.runs()
    player.page.wait_for_timeout(800)
    assert player.runs() == before
    np.testing.assert_array_equal(player.drawn(), frames().image(8))


def test_a_link_opens_at_its_date(window: Window, address: str) -> None:
    player = Player(window).open(f"{address}/?date=2021-02-20")
    np.testing.assert_array_equal(player.drawn(), frames().image(10))


def test_a_layer_seen_before_loads_nothing(player: Player) -> None:
    player.choose("difference")
    assert len(player.loads) == 2
    for layer in ("true colour", "difference"):
        player.choose(layer)
    player.part("on").click()
    assert player.says(f"shown {SECOND}")
    assert len(player.loads) == 2


def test_dates_beyond_the_budget_come_in_blocks(player: Player) -> None:
    player.choose("blocks")
    for index in (2, 5, 6, 7):  # blocks of two: 0-1, 2-3, 4-5, 6-7
        player.part("image").press("ArrowRight")
        assert player.says(f"shown {DATES[index]}")
        player.part("note").wait_for(state="hidden")
        np.testing.assert_array_equal(player.drawn(), frames().image(index))


# ---------------------------------------------------------------- where it is used
def test_it_follows_the_dark_theme(browser: object, address: str) -> None:
    with open_window(browser, dark=True) as window:
        player = Player(window).open(address)
        red, green, blue = (int(part) for part in re.findall(r"\d+", colour_of(player.part("date")))[:3])
        assert min(red, green, blue) > 180
        np.testing.assert_array_equal(player.drawn(), frames().image(1))


def colour_of(part: object) -> str:
    return part.evaluate("element => getComputedStyle(element).color")


def test_a_phone_shows_all_of_it(browser: object, address: str) -> None:
    with open_window(browser, size=PHONE) as window:
        player = Player(window).open(address)
        assert window.width_beyond() <= 0
        for name in ("image", "timeline", "play", "on", "readout"):
            box = player.part(name).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"]
        assert player.part("image").bounding_box()["width"] > 300


def test_a_finger_selects_a_pixel(browser: object, address: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    player = Player(Window(context.new_page())).open(address)
    box = player.part("image").bounding_box()
    player.page.touchscreen.tap(box["x"] + 12.5 / COLUMNS * box["width"], box["y"] + 9.5 / ROWS * box["height"])
    assert player.says("pixel (9, 12)")
    context.close()
