"""A browser window as tests use it: opens a page of the app, waits until it has settled, remembers what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from playwright.sync_api import TimeoutError

SIZE = {"width": 1300, "height": 850}
PATIENCE_MS = 60_000
STILL_MS = 400  # what has not moved for so long is taken to stay where it is
LOOK_MS = 200  # between two looks at something that is still to come
TRIES = 3  # a reader whose click came to nothing clicks again
# The script has run to its end, and nothing that can be clicked has moved for a while: charts and maps come later.
SETTLED = """still => {
    const app = document.querySelector('[data-testid=stApp]');
    const running = app?.dataset.testScriptState !== 'notRunning' || app.dataset.testConnectionState !== 'CONNECTED';
    const places = [...document.querySelectorAll('iframe, canvas, button, .fx-chart, .js-plotly-plot, .main-svg')];
    const seen = running ? performance.now() : JSON.stringify(places.map((place) => place.getBoundingClientRect()));
    if (seen !== window.seenLast) [window.seenLast, window.seenSince] = [seen, performance.now()];
    return performance.now() - window.seenSince >= still;
}"""
# The map of pixels lives in a shadow tree of its own.
FIND_ATLAS = """window.atlas = () => {
    const search = (root) => {
        for (const part of root.querySelectorAll('*')) {
            if (part.classList?.contains('atlas')) return part;
            const found = part.shadowRoot && search(part.shadowRoot);
            if (found) return found;
        }
    };
    return search(document);
};"""
# Streamlit's client looks for its server under the path of a deep link first, is answered 404, then looks at the root.
PROBES = ("/_stcore/health", "/_stcore/host-config")


class Window:
    """One browser window."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.outside: list[str] = []  # addresses asked for that are not the app's
        self.errors: list[str] = []  # what the console called an error, and failed answers
        page.on("request", lambda request: self._note(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note_console)
        page.on("response", self._note_answer)

    def open(self, address: str) -> Window:
        self.page.goto(address)
        return self.settle()

    def settle(self) -> Window:
        """Wait until the script has run to its end and the page has stood still for a while from now on.

        From now on: the run that a click leads to begins some time after the click.
        """
        self.page.evaluate("window.seenLast = undefined")
        self.page.wait_for_function(SETTLED, arg=STILL_MS)
        return self

    def text(self) -> str:
        return self.page.locator("[data-testid=stAppViewContainer]").inner_text()

    def query(self, name: str) -> str:
        """A query parameter of the address as it stands now; empty if it is not there."""
        return self.page.evaluate("name => new URL(location.href).searchParams.get(name) ?? ''", name)

    def wait_for_query(self, name: str, unlike: str, patience: float = PATIENCE_MS) -> str:
        """Wait until a query parameter differs from `unlike`; returns it."""
        self.page.wait_for_function(
            "([name, old]) => (new URL(location.href).searchParams.get(name) ?? '') !== old",
            arg=[name, unlike],
            timeout=patience,
        )
        return self.query(name)

    def act_until_query(self, name: str, unlike: str, act: Callable[[], object]) -> str:
        """Click until a query parameter differs from `unlike`; returns it. For clicks that may be made twice."""
        for _ in range(TRIES - 1):
            act()
            with suppress(TimeoutError):
                return self.wait_for_query(name, unlike, PATIENCE_MS / 4)
            self.settle()
        act()
        return self.wait_for_query(name, unlike)

    def comes_true(self, condition: Callable[[], bool]) -> bool:
        """Whether a condition is met within a reader's patience: what a frame shows comes when it has loaded."""
        for _ in range(PATIENCE_MS // LOOK_MS):
            if condition():
                return True
            self.page.wait_for_timeout(LOOK_MS)
        return condition()

    def width_beyond(self) -> int:
        """By how many CSS px the content is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    def _note(self, address: str) -> None:
        if not address.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.outside.append(address)

    def _note_console(self, message: Any) -> None:
        if message.type == "error" and not str(message.location.get("url", "")).endswith(PROBES):
            self.errors.append(message.text)

    def _note_answer(self, answer: Any) -> None:
        if answer.status >= 400 and not answer.url.endswith(PROBES):
            self.errors.append(f"{answer.status} for {answer.url}")


@contextmanager
def open_window(browser: Any, *, size: dict[str, int] = SIZE, dark: bool = False) -> Iterator[Window]:
    context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    window = Window(context.new_page())
    yield window
    context.close()
    assert not window.outside, f"asked of the outside: {window.outside}"
    assert not window.errors, f"errors in the browser: {window.errors}"
