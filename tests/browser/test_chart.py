"""The charts of the Explore page in a real browser: they stay while the date moves, and a click reaches Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.palette import DARK
from tests.browser.window import Window, open_window

SITE = "explore?site=SIM-DBF&date=2021-07-14"
CHARTS = 4
DRAWN = "count => document.querySelectorAll('.fx-chart .plot-container').length === count"
CURSOR_AT = "([chart, date]) => chart.layout.shapes.some(shape => shape.name === 'cursor' && shape.x0 === date)"


@pytest.fixture
def page(app: str, window: Window) -> Iterator[Explore]:
    return Explore(window).open(app)


class Explore:
    """The charts of the page, by what they show."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, app: str) -> Explore:
        self.window.open(f"{app}/{SITE}")
        self.page.wait_for_function(DRAWN, arg=CHARTS)
        self.window.settle()
        return self

    def chart(self, shows: str) -> object:
        """The element that plotly.js draws in."""
        return self.page.get_by_role("figure", name=shows).locator(".js-plotly-plot").element_handle()

    def step(self) -> str:
        """Go to the next date; returns it."""
        before = self.window.query("date")
        self.page.get_by_title("Next usable date").click()
        return self.window.wait_for_query("date", unlike=before)

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
