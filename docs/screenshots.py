"""Pictures of the running app for the README and the tutorial: `python -m docs.screenshots [--workspace PATH]`.

Makes the demo site, an embedding of it and a GPP fit with its maps, in a workspace of its own or in the one named,
where what stands already is kept; then opens the pages in a real Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from core.store import Workspace
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.reader import Reader
from tests.browser.server import serve
from tests.browser.window import SIZE, open_window

IMAGES = Path(__file__).parent / "images"
SITE = "SIM-DBF"
DATE = "2019-07-17"  # all of the site was seen
MODEL, YEAR = "compact-7", 2021
PATIENCE_MS = 300_000  # of a busy machine
PHONE = {"width": 400, "height": 850}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture: the page, and what is done on it before it is taken."""

    name: str
    page: str
    act: Callable[[Reader], object]
    size: tuple[int, int] = (SIZE["width"], SIZE["height"])
    dark: bool = False
    date: str = DATE


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--only", nargs="*", help="names of pictures")
    options = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = options.workspace or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "workspace"
        run, fit = made(Workspace(folder))
        link = f"site={SITE}&run={run}&fit={fit}"
        server = stack.enter_context(serve(folder))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        for picture in PICTURES:
            if not options.only or picture.name in options.only:
                take(browser, picture, f"{server.address}/{picture.page}?{link}&date={picture.date}")


def made(workspace: Workspace) -> tuple[str, str]:
    """The embedding and the fit that the pictures show, made where they are missing."""
    commands = {"embedding": ["embed", SITE, "--model", MODEL], "gpp": ["gpp", "fit", SITE]}
    command(workspace, "simulate", SITE)
    for kind, words in commands.items():
        if not workspace.runs(kind=kind, site=SITE):
            command(workspace, *words)
    run, fit = (workspace.runs(kind=kind, site=SITE)[0].id for kind in commands)
    maps = workspace.root / "exports" / fit / f"gpp-{SITE}-{YEAR}.nc"
    if not maps.is_file():
        maps.parent.mkdir(parents=True, exist_ok=True)
        span = ["--start", f"{YEAR}-01-01", "--end", f"{YEAR}-12-31"]
        command(workspace, "gpp", "map", fit, SITE, *span, "--to", str(maps))
    return run, fit


def command(workspace: Workspace, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "core", *words, "--workspace", str(workspace.root)], check=True)


def take(browser: Any, picture: Picture, address: str) -> None:
    """Open the page, act on it, store what the window shows."""
    size = dict(zip(("width", "height"), picture.size, strict=True))
    with open_window(browser, size=size, dark=picture.dark) as window, tempfile.TemporaryDirectory() as downloads:
        window.page.set_default_timeout(PATIENCE_MS)
        reader = Reader(window, Path(downloads))
        window.open(address)
        picture.act(reader)
        window.settle()
        window.page.mouse.move(2, 2)  # no hover
        window.page.wait_for_timeout(1000)  # what fades has faded
        store(window.page.screenshot(), IMAGES / f"{picture.name}.png")


def store(png: bytes, path: Path) -> None:
    """With 256 colours, of which the rare ones, such as those of a button, are kept too."""
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


# ---------------------------------------------------------------- what is shown
def explore(reader: Reader) -> None:
    reader.page.frame_locator("iframe[title*=folium]").locator("path.fx-place").first.wait_for()
    reader.page.locator("canvas.image").wait_for()


def embed(reader: Reader) -> None:
    reader.page.locator(".multiples[data-date]").wait_for()


def dimensions(reader: Reader) -> None:
    embed(reader)
    reader.page.locator(".multiples").scroll_into_view_if_needed()


def clusters(reader: Reader) -> None:
    reader.wait_for_map("clusters")


def labels(reader: Reader) -> None:
    clusters(reader)
    reader.show("label a few")
    reader.wait_for_map("labels")
    if (earlier := reader.page.get_by_role("button", name="Clear all")).is_enabled():
        earlier.click()
        reader.wait_for("There is no label yet")
        reader.window.settle()
    for name, places in {"A": [(40, 40), (12, 50), (24, 30)], "B": [(30, 75), (72, 8), (54, 28)]}.items():
        if name != "A":
            reader.choose("Label with class", name)
        for place in places:
            reader.click("canvas.marks", (80, 80), place)
    reader.wait_for("Rests on 6 labels")
    reader.page.locator("canvas.marks").first.scroll_into_view_if_needed()


def trajectories(reader: Reader) -> None:
    reader.chart(0).locator(".scatterlayer .points path").first.wait_for()
    reader.show("whole site")
    reader.show("how unusual")
    reader.wait_for("How far the mean of a year")
    reader.page.get_by_role("heading").first.scroll_into_view_if_needed()


def gpp(reader: Reader) -> None:
    reader.main().get_by_text("Skill over climatology").first.wait_for()


def gpp_map(reader: Reader) -> None:
    gpp(reader)
    reader.show("map at 10 m")
    reader.choose("Year", str(YEAR))
    reader.page.locator("canvas.image").first.wait_for()
    reader.page.get_by_role("button", name=re.compile("Download NetCDF")).scroll_into_view_if_needed()


NARROW = (PHONE["width"], PHONE["height"])
PICTURES = (
    Picture(name="explore", page="explore", act=explore),
    Picture(name="embed", page="embed", act=embed),
    Picture(name="embed-dimensions-dark", page="embed", act=dimensions, dark=True),
    Picture(name="clusters", page="clusters", act=clusters),
    Picture(name="clusters-labels", page="clusters", act=labels),
    Picture(name="trajectories", page="trajectories", act=trajectories),
    Picture(name="gpp", page="gpp", act=gpp),
    Picture(name="gpp-map", page="gpp", act=gpp_map, date=f"{YEAR}-07-14"),
    Picture(name="clusters-phone", page="clusters", act=clusters, size=NARROW),
    Picture(name="explore-phone-dark", page="explore", act=explore, size=NARROW, dark=True),
)

if __name__ == "__main__":
    main()
