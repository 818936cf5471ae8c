"""The embeddings of a site: which there are, which one is looked at, and what to call them."""

from __future__ import annotations

from typing import Any

from core.embedding.result import KIND
from core.schema import SiteInfo
from core.store import Run
from core.ui import loaders, state


def of(info: SiteInfo) -> list[Run]:
    """Every whole embedding of a site, the newest first."""
    return loaders.workspace().runs(kind=KIND, site=info.id)


def settle(info: SiteInfo, found: list[Run]) -> None:
    """Replace a run that the site does not have by its newest one, and say so."""
    wanted, first = state.view().run, found[0].id if found else ""
    if wanted in {run.id for run in found}:
        return
    other = "the newest is shown" if found else "it has none yet"
    state.correct(f"This site has no embedding '{wanted}'; {other}." if wanted else "", run=first)


def current(info: SiteInfo) -> Run | None:
    """The one that is looked at."""
    return next((run for run in of(info) if run.id == state.view().run), None)


def label(run: Run) -> str:
    """The model and the years: short enough for a narrow column."""
    start, end = _noted(run, "start")[:4], _noted(run, "end")[:4]
    years = start if start == end else f"{start}–{end[2:]}"
    return " · ".join(part for part in (model_of(run), years) if part)


def model_of(run: Run) -> str:
    """The model that made it."""
    return _noted(run, "model") or _noted(run, "source") or "embedding"


def period(run: Run) -> str:
    """Its dates, a whole year by its number."""
    start, end = _noted(run, "start")[:7], _noted(run, "end")[:7]
    whole = start[:4] == end[:4] and start.endswith("-01") and end.endswith("-12")
    return start[:4] if whole else " to ".join(dict.fromkeys((start, end)))


def is_of_another_version(run: Run, input_digest: str) -> bool:
    """Whether the site was made anew since; what lies under it is then not what the run has seen."""
    return bool(run.spec.input_digest) and run.spec.input_digest != input_digest


def _noted(run: Run, name: str) -> str:
    value: Any = run.notes.get(name)
    return "" if value is None else str(value)
