"""Where the browser finds the files of ./static: maps need no network because their scripts and outlines lie there."""

from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"
ASSETS = "/assets"  # the address the server offers them under; /static is Streamlit's own
PLOTLY = f"{ASSETS}/plotly/plotly.min.js"  # what charts are drawn with: the file that comes with the plotly package
