"""Everything that knows Streamlit: the session, cached loaders, widgets, background work."""

from pathlib import Path

STYLE = Path(__file__).with_name("style.css")
