"""How the app is served: by `app.py`, to this machine only, with nothing fetched from elsewhere."""

import re
import tomllib
from pathlib import Path

from streamlit.web.server.app_discovery import discover_asgi_app

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_streamlit_run_finds_the_server_in_app_py() -> None:
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"


def test_no_folder_of_pages_lies_beside_the_frame_script() -> None:
    """Such a folder would make Streamlit run a page without its frame: docs/decisions/0010-frame.md."""
    script = re.search(r'"pages" / "frame" / "(\w+\.py)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    assert script
    frame = ROOT / "pages" / "frame" / script[1]
    assert frame.is_file()
    assert not (frame.parent / "pages").exists()


def test_the_app_listens_to_this_machine_only_and_tells_nobody() -> None:
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["browser"]["gatherUsageStats"] is False


def test_themes_name_no_font_on_the_internet() -> None:
    assert "http" not in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")


def test_light_and_dark_pages_have_the_colours_that_figures_are_drawn_for() -> None:
    from core.palette import DARK, LIGHT

    for theme in (LIGHT, DARK):
        page = CONFIG["theme"][theme.name]
        assert (page["backgroundColor"], page["textColor"]) == (theme.page, theme.text)
