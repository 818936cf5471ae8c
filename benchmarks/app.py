"""How long a reader waits, and how much memory the app takes: `python -m benchmarks.app`.

Starts the app as `make run` does, with the default demo site in a workspace of its own, and reads the times in a real
Chromium. The baseline is a bare Streamlit page with a title, started and opened in the same way in the same run.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, show
from core.sources.demo import ensure_demo
from core.store import Workspace
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.server import serve
from tests.browser.window import open_window

SITE = "SIM-DBF"
VIEW = f"explore?site={SITE}&date=2019-04-10"  # early enough: four times STEPS usable dates follow
STEPS = 25  # dates stepped through
ROUNDS = 3  # of everything else; the median counts
BARE_PAGE = "import streamlit as st\nst.title('bare')\n"

# Press an element and wait, frame by frame, until another one says something else; ms.
PRESS_AND_WATCH = """async ([button, watched]) => {
    const said = () => watched.value ?? watched.textContent;
    const before = said(), start = performance.now();
    button.click();
    while (said() === before) await new Promise(requestAnimationFrame);
    return performance.now() - start;
}"""

# The same for the cursors of the charts that have one: until all stand elsewhere; ms.
PRESS_AND_WATCH_CURSORS = """async ([button, charts]) => {
    const cursors = () => charts.map((chart) => chart.layout.shapes.find((shape) => shape.name === 'cursor')?.x0);
    const before = cursors(), start = performance.now();
    button.click();
    while (cursors().some((at, i) => at !== undefined && at === before[i])) await new Promise(requestAnimationFrame);
    return performance.now() - start;
}"""


# The same for the spectrum, which is Python's: until its traces or its notes say something else; ms.
PRESS_AND_WATCH_SPECTRUM = """async ([button, chart]) => {
    const said = () => [...chart.data, ...chart.layout.annotations].map((part) => part.name ?? part.text).join();
    const before = said(), start = performance.now();
    button.click();
    while (said() === before) await new Promise(requestAnimationFrame);
    return performance.now() - start;
}"""


def main() -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as control:
        workspace = Workspace(Path(folder) / "workspace")
        ensure_demo(workspace, SITE)
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE_PAGE, encoding="utf-8")
        browser = control.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        show(measured(browser, workspace, bare))
        browser.close()


def measured(browser: Any, workspace: Workspace, bare: Path) -> Iterator[Figure]:
    """All figures, one after the other."""
    baseline = statistics.median(cold_start(browser, workspace, "", entry=bare) for _ in range(ROUNDS))
    start = statistics.median(cold_start(browser, workspace, VIEW) for _ in range(ROUNDS))
    yield Figure(name="cold start to first paint", value=start, at_most=6, unit="s", baseline=baseline)
    with serve(workspace.root) as server, open_window(browser) as window:
        window.open(f"{server.address}/{VIEW}")
        window.page.locator("canvas.image").wait_for()
        yield from date_steps(window.page)
        yield page_switch(window)
        yield Figure(name="memory with one site open", value=resident_mb(server.process), at_most=700, unit="MB")
        yield Figure(name="torch imported (0 = no)", value=float(has_torch(server.process)), at_most=0, unit="")


def cold_start(browser: Any, workspace: Workspace, path: str, *, entry: Path = Path("app.py")) -> float:
    """Seconds from starting the server to the page's heading and first content in the browser."""
    began = time.perf_counter()
    with serve(workspace.root, entry=entry) as server, open_window(browser) as window:
        window.page.goto(f"{server.address}/{path}")
        window.page.locator("h1" if not path else "dl.fx-facts").first.wait_for()
        return time.perf_counter() - began


def date_steps(page: Any) -> Iterator[Figure]:
    """Median time until the picture, the sidebar, the cursors of the charts and the spectrum show the next date."""
    page.wait_for_function("document.querySelectorAll('.fx-chart .plot-container').length === 4")
    button = page.get_by_title("Next usable date").element_handle()
    picture = page.locator(".player .date").element_handle()
    sidebar = page.get_by_role("combobox", name="Date").element_handle()
    charts = page.locator(".js-plotly-plot").element_handles()
    spectrum = page.get_by_role("figure", name="wavelength").locator(".js-plotly-plot").element_handle()
    for name, script, watched in (
        ("date step, picture", PRESS_AND_WATCH, picture),
        ("date step, sidebar", PRESS_AND_WATCH, sidebar),
        ("date step, cursors of all charts", PRESS_AND_WATCH_CURSORS, charts),
        ("date step, spectrum", PRESS_AND_WATCH_SPECTRUM, spectrum),
    ):
        times = []
        for _ in range(STEPS):
            times.append(page.evaluate(script, [button, watched]))
            page.wait_for_timeout(600)  # as a reader who looks at each picture
        yield Figure(name=name, value=statistics.median(times), at_most=300, unit="ms")


def page_switch(window: Any) -> Figure:
    """Median time from a click on another page's name to that page's heading; a reload while there is one page only."""
    links = window.page.get_by_test_id("stSidebarNavLink")
    times = []
    for turn in range(2 * ROUNDS):
        if links.count() > 1:
            heading = window.page.locator("h1").first.inner_text()
            began = time.perf_counter()
            links.nth((turn + 1) % 2).click()
            window.page.wait_for_function("old => document.querySelector('h1')?.innerText !== old", arg=heading)
        else:
            began = time.perf_counter()
            window.page.reload()
            window.page.locator("h1").first.wait_for()
        times.append(time.perf_counter() - began)
        window.settle()
    name = "page switch" if links.count() > 1 else "page switch (a reload: there is one page)"
    return Figure(name=name, value=statistics.median(times), at_most=1.5, unit="s")


def resident_mb(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of the server, MB."""
    kilobytes = subprocess.run(["ps", "-o", "rss=", "-p", str(process.pid)], capture_output=True, text=True, check=True)
    return int(kilobytes.stdout) / 1000


def has_torch(process: subprocess.Popen[bytes]) -> bool:
    """Whether the server has loaded torch, told by the files it maps (Linux)."""
    return "/torch/lib/" in Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
