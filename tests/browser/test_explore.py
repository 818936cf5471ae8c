"""The Explore page as a reader meets it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.server import serve
from tests.browser.window import Window, open_window

TITLE = "What is at this place, and when was it seen?"
Colour = tuple[int, int, int]
SITE = "explore?site=SIM-DBF&date=2021-07-14"


def test_a_deep_link_works_as_the_first_request_to_a_fresh_server(browser: object, tmp_path: Path) -> None:
    with serve(tmp_path / "workspace") as server, open_window(browser) as window:
        window.open(f"{server.address}/explore?site=SIM-GRA&date=2021-07-14")
        assert TITLE in window.text()
        assert window.page.get_by_test_id("stSidebar").get_by_text("grassland").is_visible()
        assert "Page not found" not in window.text()
        assert (window.query("site"), window.query("date")) == ("SIM-GRA", "2021-07-14")


def test_the_bare_address_leads_to_a_link_that_describes_the_view(app: str, window: Window) -> None:
    window.open(app)
    window.wait_for_query("pixel", unlike="")
    assert re.search(r"/explore\?site=SIM-DBF&date=\d{4}-\d\d-\d\d&layer=true", window.page.url)


def test_a_step_of_the_player_moves_picture_sidebar_and_link(app: str, window: Window) -> None:
    window.open(f"{app}/{SITE}")
    window.page.get_by_title("Next usable date").click()
    later = window.wait_for_query("date", unlike="2021-07-14")
    assert later > "2021-07-14"
    window.settle()
    assert window.page.get_by_role("combobox", name=re.compile("Date")).input_value() == later


def test_a_date_chosen_in_the_sidebar_moves_the_player(app: str, window: Window) -> None:
    window.open(f"{app}/{SITE}")
    window.page.get_by_role("combobox", name=re.compile("Date")).fill("2020-06-")
    window.page.get_by_role("option").first.click()
    chosen = window.wait_for_query("date", unlike="2021-07-14")
    assert chosen.startswith("2020-06-")
    window.page.locator(".player .date", has_text=chosen).wait_for()


def test_a_click_on_a_marker_chooses_its_site(app: str, window: Window) -> None:
    window.open(f"{app}/{SITE}")
    frame = window.page.frame_locator("iframe[title*=folium]")
    marker = frame.locator("path.fx-place").first
    marker.wait_for()
    site = window.act_until_query("site", "SIM-DBF", lambda: marker.click(force=True))
    window.settle()
    assert f"Flux tower {site}" in window.text()
    assert "A place to bring data for" in window.text()


def test_a_click_on_the_picture_chooses_a_pixel(app: str, window: Window) -> None:
    window.open(f"{app}/{SITE}&pixel=40,40")
    picture = window.page.locator("canvas.image")

    def click() -> None:
        size = picture.bounding_box()
        picture.click(position={"x": size["width"] * 20.5 / 80, "y": size["height"] * 60.5 / 80})

    assert window.act_until_query("pixel", "40,40", click) == "60,20"


def test_charts_offer_their_buttons_to_the_keyboard_and_nothing_is_sent_away(app: str, window: Window) -> None:
    window.open(f"{app}/{SITE}")
    bar = window.page.locator(".fx-chart .modebar").first
    bar.wait_for(state="attached")
    buttons = bar.get_by_role("button", include_hidden=True)
    names = [button.get_attribute("aria-label") for button in buttons.all()]
    assert names == ["Zoom", "Pan", "Reset axes", "Save as PNG", "Save as SVG"]
    buttons.first.focus()
    shown = "bar => Math.min(...[...bar.children].map(part => Number(getComputedStyle(part).opacity)))"
    assert window.comes_true(lambda: bar.evaluate(shown) == 1)


def test_the_keyboard_leaves_the_map_of_sites_after_a_few_steps(app: str, window: Window) -> None:
    window.open(f"{app}/{SITE}")
    window.page.frame_locator("iframe").first.locator(".leaflet-interactive").first.wait_for(state="attached")
    window.settle()
    window.page.get_by_role("button", name="Add a site").focus()
    inside = 0
    for _ in range(20):
        window.page.keyboard.press("Tab")
        if window.page.evaluate("document.activeElement.tagName") != "IFRAME":
            break
        inside += 1
    assert 0 < inside < 8  # its frame, zoom, layers; not each of the fifty markers


def test_the_link_can_be_copied(app: str, window: Window) -> None:
    window.open(f"{app}/{SITE}")
    window.page.get_by_role("button", name="Copy link to this view").click()
    window.page.get_by_role("button", name="Copied").wait_for()
    assert window.page.evaluate("navigator.clipboard.readText()") == window.page.url


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1300, 400])
def test_nothing_overflows_and_text_stands_out(app: str, browser: object, width: int, dark: bool) -> None:
    with open_window(browser, size={"width": width, "height": 850}, dark=dark) as window:
        window.open(f"{app}/{SITE}")
        window.page.locator("canvas.image").wait_for()
        assert window.width_beyond() <= 0
        ink, paper = ink_and_paper(window)
        assert contrast(ink, paper) >= 4.5  # WCAG 2.1, level AA
        assert window.comes_true(lambda: sea(window) == paper)  # the map takes the theme of the page


def ink_and_paper(window: Window) -> tuple[Colour, Colour]:
    heading, page = window.page.locator("h1").first, window.page.get_by_test_id("stApp")
    return style(heading, "color"), style(page, "backgroundColor")


def sea(window: Window) -> Colour:
    return style(window.page.frame_locator("iframe[title*=folium]").locator(".leaflet-container"), "backgroundColor")


def style(element: Any, name: str) -> Colour:
    """A colour as the browser computed it: red, green, blue, 0..255."""
    colour = element.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return red, green, blue


def contrast(ink: Colour, paper: Colour) -> float:
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
