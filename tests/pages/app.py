"""The app without a browser: where it is, and what its pages say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from streamlit.testing.v1 import AppTest

from core.ui import slow

FRAME = Path(__file__).parents[2] / "pages" / "frame" / "main.py"
PATIENCE_S = 120

Open = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """All the text of a page."""
    kinds = ("markdown", "caption", "html", "info", "warning", "error", "title", "subheader")
    return "\n".join(str(getattr(part, "value", None) or part.proto.body) for kind in kinds for part in app.get(kind))


def press(app: AppTest, label: str) -> AppTest:
    """Click a button; returns the page afterwards."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def stop_what_is_held(app: AppTest, go_on: Event) -> slow.Making:
    """Press Stop while work waits for `go_on`, let it go on, and draw the page anew; what was in the making."""
    press(app, "Stop")
    (making,) = slow._made().values()
    go_on.set()
    making.thread.join(PATIENCE_S)
    app.run()
    assert not app.exception
    return making


def sentences(app: AppTest) -> list[str]:
    return [part.value for part in [*app.warning, *app.error]]
