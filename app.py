"""The server: which script draws every page, where the files of ./static are, and what a failure looks like.

Start it with `make run`, or `streamlit run app.py`. The frame script lies in a folder of its own because Streamlit
takes a folder named `pages` beside the script it runs for pages in an older sense (docs/decisions/0010-frame.md).
"""

from pathlib import Path

import streamlit as st
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from core.assets import ASSETS, PLOTLY, STATIC
from core.ui import startup
from core.ui.messages import show_failure

app = st.App(
    Path(__file__).parent / "pages" / "frame" / "main.py",
    routes=[
        Mount(str(Path(PLOTLY).parent), StaticFiles(packages=[("plotly", "package_data")])),
        Mount(ASSETS, StaticFiles(directory=STATIC)),
    ],
    on_script_error=show_failure,
)

startup.begin()
