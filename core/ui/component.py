"""The components of the pages: each a folder of plain HTML, CSS and JavaScript, and beside them what several share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent / "components"
SHARED = HERE / "component.css"  # of those in a shadow tree of their own


def component(folder: str, *scripts: str, **options: Any) -> ComponentRenderer:
    """What mounts the component in `folder`. Its `scripts` become one module in this order: there, or beside it."""
    own = HERE / folder
    paths = [own / name if (own / name).exists() else HERE / name for name in (*scripts, f"{folder}.js")]
    html, css = ((own / f"{folder}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    if options.get("isolate_styles", True):
        css = SHARED.read_text(encoding="utf-8") + css
    js = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return st.components.v2.component(f"fluxscape_{folder}", html=html, css=css, js=js, **options)
