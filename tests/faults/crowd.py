"""Ten readers at once, each in a browser session and on a site of their own, embedding and clicking.

Each site's pictures have one bright block, at a place of its own, so that a picture tells which site it is of.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.schema import S2_BANDS
from core.sources.site import write_site
from core.store import Workspace
from tests.browser.window import Window, open_window
from tests.conftest import made_by_hand

READERS, STEPS = 10, 6  # sessions; clicks of each on "Next usable date"
BRIGHT, DARK = 0.5, 0.05  # reflectance
DATES = 40
EMBEDDED_S = 900  # patience for ten runs at once
READ_CANVAS = """canvas => Array.from(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"""
# Press a button and note, without waiting for it here, how long it takes until the sidebar says another date; ms.
PRESS = """([button, sidebar]) => {
    const said = () => sidebar.value ?? sidebar.textContent;
    const before = said(), start = performance.now();
    window.took = undefined;
    const look = () => said() === before ? requestAnimationFrame(look) : (window.took = performance.now() - start);
    button.click();
    look();
}"""


def name_of(reader: int) -> str:
    return f"SITE-{reader}"


def block_of(reader: int) -> tuple[int, int]:
    """Row and column of the bright block."""
    return 2 + reader % 5 * 2, 1 + reader // 5 * 4


def make_sites(workspace: Workspace) -> None:
    """Ten sites that differ in nothing but where they are bright."""
    small = made_by_hand()
    for reader in range(READERS):
        row, column = block_of(reader)
        cube = small.cube.isel(time=[0] * DATES).assign_coords(
            time=pd.date_range("2021-03-01", periods=DATES, freq="5D", unit="ns")
        )
        for band in S2_BANDS:
            values = np.full((DATES, 12, 10), DARK, np.float32)
            values[:, row, column] = BRIGHT
            cube[band] = (("time", "y", "x"), values)
        info = replace(small.info, id=name_of(reader), title=f"The site of reader {reader}")
        write_site(workspace, info=info, cube=cube)


@dataclass
class Told:
    """What the crowd met."""

    mixed: list[str]  # what of another session showed up
    seconds: list[float]  # of each click
    peak_mb: float  # of the server

    @property
    def p95_s(self) -> float:
        return float(np.percentile(self.seconds, 95))


def visit(browser: Any, address: str, server: int, workspace: Workspace) -> Told:
    """Ten sessions look, click, embed, and click on while all their runs are being made."""
    told = Told([], [], 0.0)
    with ExitStack() as windows:
        crowd = [windows.enter_context(open_window(browser)) for _ in range(READERS)]
        for reader, window in enumerate(crowd):
            window.page.goto(f"{address}/explore?site={name_of(reader)}&date=2021-03-06")
        for reader, window in enumerate(crowd):
            told.mixed += _seen(window, reader)
        _click(crowd, told, server)
        for reader, window in enumerate(crowd):
            window.page.goto(f"{address}/embed?site={name_of(reader)}")
            window.page.get_by_role("button", name="Run", exact=True).click()
        jobs = [workspace.root / "jobs" / f"embed-{name_of(reader)}" for reader in range(READERS)]
        _wait(lambda: all(job.exists() for job in jobs), told, server)  # who leaves at once takes the click along
        for reader, window in enumerate(crowd):
            window.page.goto(f"{address}/explore?site={name_of(reader)}&date=2021-03-06")
        for reader, window in enumerate(crowd):
            told.mixed += _seen(window, reader)
        _click(crowd, told, server)
        _wait(lambda: len(workspace.runs(kind="embedding")) == READERS, told, server)
        for reader, window in enumerate(crowd):
            window.page.goto(f"{address}/embed?site={name_of(reader)}")
        for reader, window in enumerate(crowd):
            run = window.wait_for_query("run", unlike="")
            if not run.startswith(f"{name_of(reader)}-embedding-"):
                told.mixed.append(f"reader {reader} sees the run {run}")
    return told


def _seen(window: Window, reader: int) -> list[str]:
    """What is wrong with what a reader sees: the site by its name, and the place of the brightest pixel."""
    canvas = window.page.locator("canvas.image")
    canvas.wait_for()
    window.settle()
    wrong = []
    if window.query("site") != name_of(reader) or f"The site of reader {reader}" not in window.text():
        wrong.append(f"reader {reader} is shown {window.query('site')}")
    rows, columns = canvas.evaluate("canvas => [canvas.height, canvas.width]")
    picture = np.array(canvas.evaluate(READ_CANVAS), np.uint8).reshape(rows, columns, 4)[..., :3].sum(axis=-1)
    found = tuple(int(at) for at in np.unravel_index(picture.argmax(), picture.shape))
    return wrong if found == block_of(reader) else [*wrong, f"reader {reader} sees a picture that is bright at {found}"]


def _click(crowd: list[Window], told: Told, server: int) -> None:
    """All press the same button at once, again and again."""
    for _ in range(STEPS):
        for window in crowd:
            button = window.page.get_by_title("Next usable date").element_handle()
            sidebar = window.page.get_by_role("combobox", name="Date").element_handle()
            window.page.evaluate(PRESS, [button, sidebar])
        for window in crowd:
            window.page.wait_for_function("window.took !== undefined")
            told.seconds.append(window.page.evaluate("window.took") / 1000)
        told.peak_mb = max(told.peak_mb, _resident_mb(server))


def _wait(condition: Callable[[], bool], told: Told, server: int) -> None:
    until = time.monotonic() + EMBEDDED_S
    while not condition():
        assert time.monotonic() < until, "the runs take too long"
        told.peak_mb = max(told.peak_mb, _resident_mb(server))
        time.sleep(0.5)


def _resident_mb(process: int) -> float:
    """Of a process (Linux), MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
