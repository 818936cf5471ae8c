"""What the server does while the browser is still starting: the first demo site, and slow imports."""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module
from threading import Thread

from core.schema import FluxscapeError
from core.sources.demo import demo_infos
from core.store import Workspace
from core.ui import jobs

# The map's, 2 to 3 s, then what Embed and Clusters compute with, 1 s: no page waits for them when it is opened.
SLOW_IMPORTS = ("core.maps", "sklearn.cluster", "sklearn.decomposition")

_settled: set[str] = set()  # pages


def begin() -> None:
    """Do it in the background, so that the server answers at once."""
    Thread(target=_prepare, daemon=True).start()


def _prepare() -> None:
    with suppress(FluxscapeError):  # a page that needs the site says why it cannot be made
        begin_first_site(Workspace())
    for name in SLOW_IMPORTS:
        import_module(name)


def begin_first_site(workspace: Workspace) -> None:
    """Start making the site that is shown first where there is none at all, unless that was tried before."""
    first = demo_infos()[0].id
    if not workspace.sites() and jobs.find(workspace, jobs.simulation(first)) is None:
        jobs.simulate(workspace, first)


def settle(page: str) -> None:
    """Once for each page: what its first run imported is left out of the garbage collection that ends every run.

    Streamlit asks for a whole one each time, and it would walk over hundreds of thousands of objects that stay anyway.
    """
    if page not in _settled:
        _settled.add(page)
        gc.collect()
        gc.freeze()
