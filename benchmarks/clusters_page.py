"""How long the Clusters page takes to show what a control asks for, in a real Chromium: part of `benchmarks.clusters`.

Timed from the gesture until the new picture is drawn and the page's script has run to its end. Every number of clusters
and every place is new to the server: nothing asked for is kept from before.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.sources.embeddings.load import load_embedding
from core.store import Workspace
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.server import serve
from tests.browser.window import FIND_ATLAS, Window, open_window

TIMES = 7  # each control; the median counts
FIELDS, DIMS, DATES = 6, 7, 24  # of the large area: kinds of field, values of an embedding, dates
LARGE = "LARGE"  # its site
FIND = FIND_ATLAS + "window.shown = () => window.atlas()?.dataset.over;"
DONE = """before => window.shown() && window.shown() !== before
    && document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"""


class Timed(NamedTuple):
    control: str
    median_ms: float
    slowest_ms: float


def controls(workspace: Workspace, site: str) -> list[Timed]:
    """Each control of a site's newest embedding."""
    with _browser() as browser, serve(workspace.root) as server, open_window(browser) as window:
        window.page.add_init_script(FIND)

        def part(words: str) -> Window:
            window.page.goto(f"{server.address}/clusters?site={site}&clusters={words}")
            window.page.wait_for_function("window.shown?.()")
            return window.settle()

        found = list(_clusters(part("k+2")))
        found += list(_similar(part("part+similar")))
        return found


def large(workspace: Workspace, folder: Path, side: int) -> None:
    """Load a made-up embedding of `side` x `side` pixels: fields of six kinds, clouds, noise."""
    import xarray as xr

    dice = np.random.default_rng(0)
    kinds = np.kron(dice.integers(0, FIELDS, (10, 10)), np.ones((-(-side // 10),) * 2, int))[:side, :side]
    phase = 2 * np.pi * np.arange(DATES) / DATES
    seasons = np.sin(phase[None, :, None] + dice.uniform(0, 6, (DIMS, 1, FIELDS))) * dice.normal(size=(DIMS, 1, FIELDS))
    values = np.empty((DIMS, DATES, side, side), np.float32)
    for date in range(DATES):
        values[:, date] = seasons[:, date][:, kinds] + dice.normal(0, 0.3, (DIMS, side, side))
        values[:, date, dice.random((side, side)) < 0.3] = np.nan
    place = {
        "time": np.datetime64("2021-01-05", "ns") + np.arange(DATES) * np.timedelta64(15, "D"),
        "y": 5_538_115.0 - 10 * np.arange(side),
        "x": 535_825.0 + 10 * np.arange(side),
    }
    cube = xr.Dataset({"features": (("feature", "time", "y", "x"), values)}, place, {"crs": "EPSG:32632"})
    cube.to_zarr(folder / "large.zarr", zarr_format=3, consolidated=False)
    load_embedding(workspace, [folder / "large.zarr"], site=LARGE, model="made-up")


# ---------------------------------------------------------------- inside
@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as control:
        browser = control.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _clusters(window: Window) -> Iterator[Timed]:
    page = window.page
    more = page.get_by_test_id("stNumberInputStepUp")
    yield _timed(window, "number of clusters, k-means", lambda turn: more.click())
    places = _places(window)
    yield _timed(window, "a click chooses a cluster", lambda turn: _click(page, places[turn]))
    standardised = page.get_by_text("Standardised", exact=True)
    yield _timed(window, "standardised or not, seen before", lambda turn: standardised.click(), warm=2)


def _similar(window: Window) -> Iterator[Timed]:
    page = window.page
    yield _timed(window, "similar to another pixel", lambda turn: _click(page, (0.1 + 0.11 * turn, 0.55)))
    slider = page.get_by_role("slider", name="Similarity of at least")

    def step(turn: int) -> None:
        slider.focus()
        page.keyboard.press("ArrowLeft")

    yield _timed(window, "threshold of similarity", step)


def _timed(window: Window, name: str, act: Callable[[int], None], *, warm: int = 1) -> Timed:
    taken = []
    for turn in range(TIMES + warm):
        before = window.page.evaluate("window.shown()")
        began = time.perf_counter()
        act(turn)
        window.page.wait_for_function(DONE, arg=before, polling="raf")
        taken.append(1000 * (time.perf_counter() - began))
        window.page.wait_for_timeout(500)  # as a reader who looks at what there is
    return Timed(name, statistics.median(taken[warm:]), max(taken[warm:]))


def _places(window: Window) -> list[tuple[float, float]]:
    """Places (down, across, in shares) such that each lies in another cluster than the one before.

    Told by the picture of a square area as it was sent: on the canvas the ground shines through. Asked for while no
    cluster is chosen, as the others are paler then.
    """
    rows: NDArray[np.float64] = np.array(
        window.page.evaluate("""async () => {
            const bytes = new Uint8Array(await (await fetch(window.atlas().dataset.over)).arrayBuffer());
            const side = Math.sqrt(bytes.length / 4), found = [];
            for (let turn = 0; turn < 400; turn++) {
                const [down, across] = [((turn * 0.618) % 1) * 0.98 + 0.01, ((turn * 0.381) % 1) * 0.98 + 0.01];
                const first = 4 * (Math.floor(down * side) * side + Math.floor(across * side));
                found.push([down, across, ...bytes.slice(first, first + 3)]);
            }
            return found;
        }""")
    )
    kept = [rows[0]]
    for row in rows[1:]:
        if (row[2:] != kept[-1][2:]).any():
            kept.append(row)
    return [(float(row[0]), float(row[1])) for row in kept]


def _click(page: Any, place: tuple[float, float]) -> None:
    canvas = page.locator("canvas.marks")
    box = canvas.bounding_box()
    canvas.click(position={"x": place[1] * box["width"], "y": place[0] * box["height"]})
