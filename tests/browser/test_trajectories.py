"""The Trajectories page as a reader meets it: a year's loop is drawn, a click on it leads to its date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sources.embeddings.load import load_embedding
from core.store import Workspace
from tests.browser.holding import slow
from tests.browser.server import Server, serve
from tests.browser.window import Window, open_window
from tests.pages.test_trajectories import SIDE, loop

PHONE = {"width": 400, "height": 850}
VIEWS = 146  # of each pixel: four years, every ten days


@pytest.fixture(scope="module")
def server(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("trajectories")
    loop().to_zarr(folder / "loop.zarr", zarr_format=3, consolidated=False)
    space = Workspace(folder / "workspace")
    load_embedding(space, [folder / "loop.zarr"], site="RING", model="loop")
    with serve(space.root) as started:
        yield started


def open_ring(window: Window, server: Server) -> Window:
    window.open(f"{server.address}/trajectories?site=RING&date=2021-07-14&pixel=9,3")
    chart(window, 0).locator(".scatterlayer .points path").first.wait_for()
    return window.settle()


def chart(window: Window, place: int) -> object:
    """The `place`-th chart of the page: the path, the series, the one below."""
    return window.page.locator(".fx-chart .js-plotly-plot").nth(place)


def views(window: Window) -> int:
    """How many views of places the path shows."""
    views = "chart.data.filter(trace => trace.customdata && trace.mode === 'markers')"
    count = f"chart => {views}.reduce((sum, trace) => sum + trace.customdata.length, 0)"
    return int(chart(window, 0).evaluate(count))


def test_a_reader_follows_a_place_to_the_date_it_went_wrong(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_ring(window, server)
        assert views(window) == VIEWS
        date = window.query("date")
        click = "chart => chart.emit('plotly_click', {points: [{customdata: '2020-05-19'}]})"
        window.act_until_query("date", date, lambda: chart(window, 0).evaluate(click))
        assert window.query("date") == "2020-05-19"
        window.settle()
        window.page.get_by_text("how unusual", exact=True).click()
        window.page.get_by_text("2020-05-19:").wait_for()
        window.page.get_by_text("whole site", exact=True).click()
        window.page.get_by_text("Its pixels").click()
        assert window.comes_true(
            lambda: chart(window, 0).evaluate("chart => chart.data?.[1]?.x.length ?? 0") > VIEWS * SIDE
        )
        window.page.get_by_text("season dates", exact=True).click()
        window.page.get_by_text("read along the direction").wait_for()


MARK = "(chart, name) => chart.layout.shapes.find(shape => shape.name === name)"


def mark(window: Window, place: int, name: str) -> dict[str, object]:
    """A mark of the `place`-th chart: where the date of the player is, or the one pointed at in another chart."""
    return dict(chart(window, place).evaluate(MARK, name))


def test_pointing_at_a_date_in_one_chart_marks_it_in_the_other(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_ring(window, server)
        cursor, ring = mark(window, 1, "cursor")["x0"], mark(window, 0, "here")["xanchor"]
        assert mark(window, 1, "pointed")["x0"] == cursor  # nothing is pointed at: it hides behind the cursor
        point = "(chart, date) => chart.emit('plotly_hover', {points: [{customdata: date}]})"
        chart(window, 0).evaluate(point, "2020-05-19")
        assert window.comes_true(lambda: mark(window, 1, "pointed")["x0"] == "2020-05-19")
        assert mark(window, 1, "cursor")["x0"] == cursor
        chart(window, 0).evaluate("chart => chart.emit('plotly_unhover', {})")
        assert window.comes_true(lambda: mark(window, 1, "pointed")["x0"] == cursor)
        chart(window, 1).evaluate(point, "2020-01-05")
        assert window.comes_true(lambda: mark(window, 0, "pointed")["xanchor"] != ring)
        assert mark(window, 0, "here")["xanchor"] == ring


def test_playing_moves_a_point_along_the_path(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_ring(window, server)
        first = mark(window, 0, "here")
        window.page.locator(".player .play").click()
        assert window.comes_true(lambda: mark(window, 0, "here")["xanchor"] != first["xanchor"])
        window.page.locator(".player .play").click()


def test_a_chart_is_saved_as_svg(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_ring(window, server)
        chart(window, 0).hover()
        with window.page.expect_download() as saved:
            chart(window, 0).locator(".modebar-btn[data-title='Save as SVG']").click()
        assert saved.value.suggested_filename.endswith(".svg")
        assert "<svg" in Path(saved.value.path()).read_text(encoding="utf-8")[:200]


def test_a_path_has_three_axes_too(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_ring(window, server)
        window.page.get_by_text("3-D", exact=True).click()
        assert window.comes_true(lambda: chart(window, 0).evaluate("chart => chart.data?.[0]?.type") == "scatter3d")


def test_nothing_overflows_on_a_phone(browser: object, server: Server) -> None:
    with open_window(browser, size=PHONE) as window:
        open_ring(window, server)
        assert window.width_beyond() <= 0


def test_an_area_is_drawn_by_the_keyboard(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_ring(window, server)
        picture = window.page.locator("canvas.image")
        for key in ("Enter", "ArrowUp", "Space", "ArrowDown", "ArrowDown", "ArrowLeft", "Enter"):
            picture.press(key)
        window.page.get_by_role("button", name="Pin this area to compare with").wait_for()
        window.settle()
        with window.page.expect_download() as paths:
            window.page.get_by_role("button", name="Export CSV").click()
        assert "box 535844, 5538014 to 535856, 5538036" in Path(paths.value.path()).read_text(encoding="utf-8")


def test_what_is_typed_into_a_list_outlives_a_run_that_began_before(browser: object, server: Server) -> None:
    with open_window(browser) as window:
        open_ring(window, server)
        years = window.page.get_by_role("combobox", name="Years")
        with slow(server):
            window.page.get_by_text("whole site", exact=True).click()
            years.fill("2021")
        window.settle()
        assert years.input_value() == "2021"
        assert window.page.get_by_role("option").all_inner_texts() == ["2021"]
        window.page.get_by_role("option", name="2021").click()
        assert window.comes_true(lambda: 0 < views(window) < VIEWS / 3)
