"""The charts of the Explore page in a real browser: they stay while the date moves, and a click reaches Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.figures import acquisition_calendar
from core.palette import DARK
from tests.browser.window import Window, open_window

SITE = "explore?site=SIM-DBF&date=2021-07-14"
CHARTS = 4
DRAWN = "count => document.querySelectorAll('.fx-chart .plot-container').length === count"
CURSOR = "chart => chart.layout.shapes.find(shape => shape.name === 'cursor')"
CURSOR_BEYOND = f"([chart, date]) => ({CURSOR})(chart).x0 > date"
# From now on, note at every frame of the browser where the cursor stands, each place once until it is left.
WATCH_CURSOR = f"""chart => {{
    const seen = window.seenCursors = [];
    const look = () => {{
        const {{ x0 }} = ({CURSOR})(chart);
        if (x0 !== seen.at(-1)) seen.push(x0);
        requestAnimationFrame(look);
    }};
    look();
}}"""
CURSOR_AT = "([chart, date]) => chart.layout.shapes.some(shape => shape.name === 'cursor' && shape.x0 === date)"


@pytest.fixture
def page(app: str, window: Window) -> Iterator[Explore]:
    return Explore(window).open(app)


class Answers:
    """What the server sends a window that is opened later; it can be held up on the way."""

    def __init__(self, window: Window) -> None:
        self.page = window.page
        self.waiting: list[Any] | None = None  # None: they pass
        self.page.route_web_socket("**/_stcore/stream", self._connect)

    def hold(self) -> None:
        self.waiting = []

    def wait(self) -> None:
        """Until one is held up."""
        while not self.waiting:
            self.page.wait_for_timeout(20)

    def let_through(self) -> None:
        waiting, self.waiting = self.waiting or [], None
        for message in waiting:
            self.socket.send(message)

    def _connect(self, socket: Any) -> None:
        self.socket = socket
        socket.connect_to_server().on_message(self._pass)

    def _pass(self, message: Any) -> None:
        if self.waiting is None:
            self.socket.send(message)
        else:
            self.waiting.append(message)


class Explore:
    """The charts of the page, by what they show."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, app: str, link: str = SITE) -> Explore:
        self.window.open(f"{app}/{link}")
        self.page.wait_for_function(DRAWN, arg=CHARTS)
        self.window.settle()
        return self

    def chart(self, shows: str) -> object:
        """The element that plotly.js draws in."""
        return self.page.get_by_role("figure", name=shows).locator(".js-plotly-plot").element_handle()

    def step(self) -> str:
        """Go to the next date; returns it."""
        before = self.window.query("date")
        self.press("Next usable date")
        return self.window.wait_for_query("date", unlike=before)

    def press(self, button: str) -> str:
        """Press a button of the player, without the mouse; returns the date it shows then."""
        self.page.get_by_title(button).dispatch_event("click")
        return self.shown_date()

    def shown_date(self) -> str:
        return self.page.locator(".player .date").inner_text()

    def wait_for_cursor(self, chart: object, date: str | int) -> None:
        self.page.wait_for_function(CURSOR_AT, arg=[chart, date])

    def zoom(self, chart: object) -> list[str]:
        """Drag over a part of the time axis; returns the part that is shown then."""
        box = chart.query_selector(".nsewdrag").bounding_box()
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + 0.4 * box["width"], middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 0.7 * box["width"], middle, steps=5)
        self.page.mouse.up()
        return shown_part(chart)


def shown_part(chart: object) -> list[str]:
    return chart.evaluate("chart => chart.layout.xaxis.range.map(String)")


def test_a_step_of_the_date_moves_the_cursors_and_nothing_else(page: Explore) -> None:
    chart = page.chart("GPP")
    chart.scroll_into_view_if_needed()
    whole = shown_part(chart)
    zoomed = page.zoom(chart)
    assert zoomed != whole
    line = chart.query_selector(".scatterlayer path")
    for _ in range(2):
        date = page.step()
        page.wait_for_cursor(chart, date)
        page.wait_for_cursor(page.chart("backscatter"), date)
    assert shown_part(chart) == zoomed
    assert line.evaluate("line => line.isConnected")  # not even drawn again


def test_the_cursor_follows_the_player_before_python_answers_and_never_goes_back(app: str, window: Window) -> None:
    answers = Answers(window)
    page = Explore(window).open(app)
    before, link, chart = page.shown_date(), window.query("date"), page.chart("GPP")
    chart.evaluate(WATCH_CURSOR)
    answers.hold()
    step = page.press("Next usable date")
    page.wait_for_cursor(chart, step)
    answers.wait()  # with the figures for this step
    page.press("Play")
    page.page.wait_for_function(CURSOR_BEYOND, arg=[chart, step])
    answers.let_through()
    assert window.wait_for_query("date", unlike=link) == step
    window.settle()  # the figures have come, while the player was further along
    paused = page.press("Play")
    assert window.wait_for_query("date", unlike=step) == paused
    window.settle()
    seen = page.page.evaluate("window.seenCursors")
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (before, paused)


def test_the_calendars_cursor_goes_where_its_figure_would_have_it(app: str, window: Window) -> None:
    answers = Answers(window)
    page = Explore(window).open(app, "explore?site=SIM-DBF&date=2020-12-20")
    answers.hold()
    chart, date = page.chart("Sentinel-1"), ""
    while date < "2021":  # into the next row
        date = page.press("Next usable date")
    day = np.array([date], "datetime64[D]")
    (expected,) = acquisition_calendar(day, np.ones(1, np.float32), day, cursor=date).layout.shapes
    page.wait_for_cursor(chart, expected.x0)
    cursor = chart.evaluate(CURSOR)
    assert {end: cursor[end] for end in ("x1", "y0", "y1")} == {end: expected[end] for end in ("x1", "y0", "y1")}


def test_without_a_player_the_figures_own_date_counts(app: str, window: Window) -> None:
    answers = Answers(window)
    page = Explore(window).open(app)
    own, chart = page.shown_date(), page.chart("GPP")
    answers.hold()
    page.wait_for_cursor(chart, page.press("Next usable date"))
    page.page.evaluate("window.dispatchEvent(new CustomEvent('fluxscape-date', { detail: null }))")  # as it leaves
    page.wait_for_cursor(chart, own)


def test_a_click_on_the_calendar_chooses_its_date(page: Explore) -> None:
    chart = page.chart("Sentinel-1")
    chart.scroll_into_view_if_needed()
    date = chart.evaluate("chart => chart.data[0].customdata[40]")

    def click() -> None:
        box = chart.query_selector_all(".bars .point")[40].bounding_box()
        page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    assert page.window.act_until_query("date", "2021-07-14", click) == date
    page.page.locator(".player .date", has_text=date).wait_for()
    page.wait_for_cursor(page.chart("GPP"), date)
    assert page.step() > date  # the click is over: it does not come back


def test_a_click_counts_though_python_answers_while_the_button_is_down(page: Explore) -> None:
    chart = page.chart("Sentinel-1")
    chart.scroll_into_view_if_needed()
    date, cursor = chart.evaluate("chart => chart.data[0].customdata[40]"), chart.evaluate(CURSOR)
    box = chart.query_selector_all(".bars .point")[40].bounding_box()
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    step = page.step()
    page.wait_for_cursor(page.chart("GPP"), step)
    page.window.settle()
    assert chart.evaluate(CURSOR) == cursor  # it waits
    page.page.mouse.up()
    assert page.window.wait_for_query("date", unlike=step) == date
    page.wait_for_cursor(page.chart("GPP"), date)


def test_what_was_there_is_not_asked_for_again(page: Explore) -> None:
    assert sum("plotly.min.js" in url for url in page.asked) == 1
    page.asked.clear()
    page.wait_for_cursor(page.chart("GPP"), page.step())
    assert not [url for url in page.asked if "/media/" in url or "plotly" in url]


def test_charts_follow_the_width_of_the_window(page: Explore) -> None:
    page.page.set_viewport_size({"width": 400, "height": 800})
    page.page.wait_for_function(
        "charts => charts.every(chart => chart._fullLayout.width === chart.closest('.fx-chart').clientWidth)",
        arg=[page.chart(shows) for shows in ("GPP", "backscatter", "Sentinel-1", "wavelength")],
    )
    assert page.window.width_beyond() <= 0


def test_charts_are_drawn_in_the_colours_of_the_theme(app: str, browser: object) -> None:
    with open_window(browser, dark=True) as window:
        chart = Explore(window).open(app).chart("GPP")
        assert chart.evaluate("chart => chart.layout.font.color") == DARK.text


def test_a_chart_that_cannot_be_drawn_says_so(app: str, window: Window) -> None:
    window.page.route("**/plotly.min.js*", lambda route: route.abort())
    window.open(f"{app}/{SITE}")
    window.page.get_by_text("The chart could not be drawn").first.wait_for()
    assert window.errors
    window.errors.clear()  # they were asked for
