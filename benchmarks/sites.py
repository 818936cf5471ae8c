"""The six demo sites and their embeddings, made where they are missing: what several benchmarks judge."""

from __future__ import annotations

from core.embedding.engine import run
from core.embedding.plan import plan
from core.simulate.spec import DEMO_SITES
from core.sources.demo import ensure_demo
from core.store import Run, Workspace

MODEL = "compact-32"


def embedded(workspace: Workspace) -> list[Run]:
    """The embedding of the whole record of each demo site; minutes where there is none yet."""
    found = []
    for site in DEMO_SITES:
        ensure_demo(workspace, site)
        found.append(run(workspace, plan(workspace, site, model=MODEL)).run)
    return found
