"""The app without a browser: where it is, and what its pages say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

FRAME = Path(__file__).parents[2] / "pages" / "frame" / "main.py"
PATIENCE_S = 120

Open = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """All the text of a page."""
    kinds = ("markdown", "caption", "html", "info", "warning", "error", "title", "subheader")
    return "\n".join(str(getattr(part, "value", None) or part.proto.body) for kind in kinds for part in app.get(kind))


def sentences(app: AppTest) -> list[str]:
    return [part.value for part in [*app.warning, *app.error]]
