"""What a reader of the app does, by the words on the screen: for journeys, and for what takes the screenshots."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.sources.site import open_site
from core.store import Workspace
from tests.browser.window import PATIENCE_MS, Window

LONG_MS = 5 * PATIENCE_MS  # for what runs in the background
READ_CANVAS = """canvas => Array.from(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"""
Place = tuple[float, float]  # row and column, in pixels from the north-west corner


class Reader:
    """Somebody at a browser window, and where what is downloaded goes."""

    def __init__(self, window: Window, downloads: Path) -> None:
        self.window, self.page, self.downloads = window, window.page, downloads

    # ---------------------------------------------------------------- everywhere
    def go(self, page: str) -> None:
        """Choose a page in the sidebar."""
        question = self.page.locator("h1").first.inner_text()
        self.page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(rf"{page}$")).click()
        self.page.wait_for_function("old => document.querySelector('h1')?.innerText !== old", arg=question)
        self.window.settle()

    def main(self) -> Any:
        return self.page.get_by_test_id("stMain")

    def show(self, part: str) -> None:
        """Choose a part of the page."""
        self.main().get_by_text(part, exact=True).first.click()
        self.window.settle()

    def choose(self, label: str, option: str) -> None:
        """Choose what begins so from a list."""
        self.main().get_by_role("combobox", name=re.compile(label)).click()
        self.page.get_by_role("option", name=re.compile(rf"^{re.escape(option)}")).first.click()
        self.window.settle()

    def add(self, label: str, option: str) -> None:
        """Choose one more from a list of which several can be chosen."""
        self.main().get_by_role("combobox", name=re.compile(label)).fill(option)
        self.page.get_by_role("option", name=option, exact=True).click()
        self.page.keyboard.press("Escape")
        self.window.settle()

    def press(self, button: str | re.Pattern[str]) -> None:
        self.main().get_by_role("button", name=button).first.click()

    def wait_for(self, words: str, patience: float = PATIENCE_MS) -> str:
        """Wait for words (a pattern) to stand on the page; returns them with what stands around."""
        place = self.main().get_by_text(re.compile(words)).locator("visible=true").first
        place.wait_for(timeout=patience)
        return str(place.inner_text())

    def chart(self, place: int) -> Any:
        """The `place`-th chart of the page."""
        return self.page.locator(".fx-chart .js-plotly-plot").nth(place)

    def download(self, press: Callable[[], object]) -> Path:
        """The file that a click leads to."""
        with self.page.expect_download() as coming:
            press()
        path = self.downloads / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    # ---------------------------------------------------------------- pictures
    def picture(self) -> np.ndarray:
        """RGBA (rows, cols, 4) of the date player."""
        canvas = self.page.locator("canvas.image").first
        rows, cols = canvas.evaluate("canvas => [canvas.height, canvas.width]")
        return np.array(canvas.evaluate(READ_CANVAS), np.uint8).reshape(rows, cols, 4)

    def drag(self, canvas: str, shape: tuple[int, int], *corners: Place) -> None:
        """Draw from place to place on a picture of `shape` (rows, cols)."""
        box = self._in_view(canvas).bounding_box()
        places = [
            (box["x"] + box["width"] * column / shape[1], box["y"] + box["height"] * row / shape[0])
            for row, column in corners
        ]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=6)
        self.page.mouse.up()
        self.window.settle()

    def click(self, canvas: str, shape: tuple[int, int], place: Place) -> None:
        """Click the middle of a pixel."""
        picture = self._in_view(canvas)
        box = picture.bounding_box()
        row, column = place
        x, y = box["width"] * (column + 0.5) / shape[1], box["height"] * (row + 0.5) / shape[0]
        picture.click(position={"x": x, "y": y})
        self.window.settle()

    # ---------------------------------------------------------------- Embed
    def embed(self, *, model: str, period: str) -> str:
        """Embed what is chosen; returns the run."""
        self.choose("Model", model)
        self.choose("Period", period)
        self.press(re.compile("^Run$"))
        self.page.locator(".multiples[data-date]").wait_for(timeout=LONG_MS)
        self.window.settle()
        return self.window.query("run")

    def swipe(self, key: str) -> np.ndarray:
        """Move the line between the two pictures to one end; returns what shows then."""
        line = self.page.get_by_role("slider", name=re.compile("^Swipe between"))
        for _ in range(20):
            line.press(key)
        return self.picture()

    def export_embedding(self, button: str) -> Path:
        """Have the embedding written in one form; returns where it says it lies."""
        self._open_export()
        before = self.page.get_by_text("Lies in").count()
        self.page.get_by_role("button", name=re.compile(rf"^{button}:")).click()
        assert self.window.comes_true(lambda: self._written(before))
        lines = self.page.get_by_text("Lies in").all_inner_texts()
        ending = {"GeoParquet": ".parquet", "GeoTIFF": "geotiff", "Zarr": ".zarr"}[button]
        return next(
            path for path in (Path(line.removeprefix("Lies in ")) for line in lines) if path.name.endswith(ending)
        )

    # ---------------------------------------------------------------- Clusters
    def wait_for_map(self, shows: str) -> None:
        """Until the map of clusters, similarity or labels is drawn."""
        self.page.locator(f".atlas[data-over] canvas.marks[aria-label^='Map of {shows}']").wait_for()
        self.window.settle()

    def export_map(self) -> dict[str, Path]:
        """Have what is on the map written, and download it; the files by their ending."""
        self._open_export()
        self.page.get_by_role("button", name=re.compile(r"^Write ")).click()
        popover = self.page.get_by_test_id("stPopoverBody")
        downloads = popover.get_by_test_id("stDownloadButton")
        downloads.first.wait_for()
        self.window.settle()
        files = [self.download(downloads.nth(turn).get_by_role("button").click) for turn in range(downloads.count())]
        self.page.keyboard.press("Escape")
        self.window.settle()
        return {file.suffix: file for file in files}

    # ---------------------------------------------------------------- GPP
    def bring_tower(self, site: str, file: Path) -> str:
        """Take a file as the tower of a site; returns the account of its days."""
        self.page.get_by_text(f"A tower file of your own for {site}").click()
        self.page.locator("input[type=file]").set_input_files(file)
        account = self.wait_for(r"of [\d,]+ days count")
        self.window.settle()
        self.press(f"Take it as the tower of {site}")
        self.wait_for("takes the tower file you brought")
        self.window.settle()
        return account

    def fit(self, regressor: str) -> str:
        """Fit what is chosen; returns the run."""
        self.choose("Regressor", regressor)
        self.wait_for(r"About \d+ (s|min)")
        self.press(re.compile("^Fit$"))
        self.main().get_by_text("Skill over climatology").first.wait_for(timeout=LONG_MS)
        self.window.settle()
        return self.window.query("fit")

    def map_gpp(self, year: int) -> None:
        """Map a year at 10 m."""
        self.show("map at 10 m")
        self.choose("Year", str(year))
        self.press(f"Map {year}")
        self.page.locator("canvas.image").first.wait_for(timeout=LONG_MS)
        self.window.settle()

    # ---------------------------------------------------------------- inside
    def _in_view(self, canvas: str) -> Any:
        picture = self.page.locator(canvas).first
        picture.evaluate("picture => picture.scrollIntoView({ block: 'center' })")
        self.window.settle()
        return picture

    def _open_export(self) -> None:
        if not self.page.get_by_test_id("stPopoverBody").is_visible():
            self.main().get_by_role("button", name=re.compile("^Export")).first.click()
            self.page.get_by_test_id("stPopoverBody").wait_for()

    def _written(self, before: int) -> bool:
        if self.page.get_by_test_id("stPopoverBody").count() == 0:
            self._open_export()
        return self.page.get_by_text("Lies in").count() > before


def file_for_a_tower(workspace: Workspace, site: str, folder: Path) -> Path:
    """A simulated tower's days as a file in the spelling of FLUXNET2015."""
    tower = open_site(workspace, site).tower
    assert tower is not None
    columns = {
        "TIMESTAMP": tower.index.strftime("%Y%m%d"),
        "GPP_NT_VUT_REF": tower["gpp"].fillna(-9999),
        "NEE_VUT_REF_QC": tower["quality"].where(~tower["filled"], 0.0).fillna(-9999),
    }
    path = folder / "FLX_XX-Dem_FLUXNET2015_FULLSET_DD_2019-2022_1-4.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path
