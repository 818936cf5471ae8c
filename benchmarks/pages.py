"""How long each page takes to open when its site has an embedding, in a real Chromium: `python -m benchmarks.pages`.

A page is opened by its name in the sidebar, as a reader does, from the page before it. It counts as open when its
script has run to its end and nothing moves any more. The first visit, some seconds after the server started, reads the
site and the embedding; those after it find them in the server's memory. The baseline is a page of nothing but a title
in an app of its own.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure, show
from benchmarks.sites import MODEL
from core.embedding.engine import run
from core.embedding.plan import plan
from core.sources.demo import ensure_demo
from core.store import Workspace
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.server import serve
from tests.browser.window import Window, open_window

SITE = "SIM-DBF"
PAGES = ("Embed", "Clusters", "Trajectories", "GPP", "Explore")
VISITS = 5
LOOK_MS = 4000  # a reader looks at the first page for a while
SWITCH_S = 1.5
BARE = """import streamlit as st
def page(name):
    return st.Page(lambda: st.title(name), title=name, url_path=name)
st.navigation([page("one"), page("two")]).run()
"""
BARE_PAGES = ("two", "one")
NOW = "() => performance.now()"
HEADED = "old => ![undefined, old].includes(document.querySelector('h1')?.innerText) && performance.now()"
STILL_SINCE = "() => window.seenSince"  # kept by Window.settle


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace")
    workspace = Workspace(parser.parse_args().workspace)
    ensure_demo(workspace, SITE)
    made = run(workspace, plan(workspace, SITE, model=MODEL)).run
    with sync_playwright() as control:
        browser = control.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with tempfile.TemporaryDirectory() as folder:
            bare = Path(folder) / "bare.py"
            bare.write_text(BARE, encoding="utf-8")
            with serve(Path(folder) / "workspace", entry=bare) as server, open_window(browser) as window:
                window.open(server.address)
                baseline = statistics.median(opening(window, page) for page in BARE_PAGES * VISITS)
        with serve(workspace.root) as server, open_window(browser) as window:
            window.open(f"{server.address}/explore?site={SITE}&run={made.id}")
            window.page.wait_for_timeout(LOOK_MS)
            show(openings(window, baseline))
        browser.close()


def openings(window: Window, baseline: float) -> Iterator[Figure]:
    """The first visit of each page, and the median of those after it; s."""
    times = {page: list[float]() for page in PAGES}
    for _ in range(1 + VISITS):
        for page in PAGES:
            times[page].append(opening(window, page))
    for page, (first, *later) in times.items():
        if page != "Explore":  # it has been opened before the first visit
            yield Figure(name=f"{page}, first visit", value=first, unit="s", baseline=baseline)
        again = statistics.median(later)
        yield Figure(name=f"{page}, visited again", value=again, at_most=SWITCH_S, unit="s", baseline=baseline)


def opening(window: Window, page: str) -> float:
    """Seconds from the click on a page's name to the last thing that moved on it."""
    link = window.page.get_by_test_id("stSidebarNavLink").filter(has_text=page)
    heading = window.page.locator("h1").first.inner_text()
    began = window.page.evaluate(NOW)
    link.click()
    headed = window.page.wait_for_function(HEADED, arg=heading).json_value()
    window.settle()
    return (max(headed, window.page.evaluate(STILL_SINCE)) - began) / 1000


if __name__ == "__main__":
    main()
