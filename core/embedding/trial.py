"""A trial of a few seconds: how fast this machine embeds. It computes what a run would, and keeps none of it."""

from __future__ import annotations

import time

from core.embedding import estimate
from core.embedding.cards import Card
from core.embedding.compute import compute
from core.embedding.estimate import Pace
from core.embedding.plan import Plan, plan
from core.embedding.selection import Selection
from core.progress import Progress
from core.store import Workspace

DATES, SIDE = 8, 64  # of the trial: about a block of a real run


def measure(
    workspace: Workspace, site: str, card: Card, *, began: float, progress: Progress | None = None
) -> dict[bool, Pace]:
    """The pace without and with reconstruction error; kept in the workspace. `began`: when the process did, s."""
    whole = plan(workspace, site, model=card.name)
    starting = time.perf_counter() - began
    wanted = _middle(whole)
    found = {}
    for part, error in enumerate((False, True)):
        if progress:
            progress(part / 2, "measuring how fast this computer is")
        tried = plan(workspace, site, model=card.name, selection=wanted, error=error)
        if not error:
            _seconds(tried)  # the first one also warms up
        shape = (len(tried.frames.days), *tried.frames.shape)
        read = estimate.work(tried.extent, shape, card)
        found[error] = Pace(per_second=read / _seconds(tried), starting_s=starting)
        estimate.keep_trial(workspace, card.name, error=error, found=found[error])
    return found


def _seconds(tried: Plan) -> float:
    began = time.perf_counter()
    for block in tried.layout.blocks():
        compute(tried, block)
    return time.perf_counter() - began


def _middle(whole: Plan) -> Selection:
    """The middle of a site: as many dates and pixels as a block takes."""
    dates, rows, cols = whole.extent.shape
    first = max(0, dates - DATES) // 2
    days = whole.frames.times[first : first + DATES].astype("datetime64[D]")
    top, left = max(0, rows - SIDE) // 2, max(0, cols - SIDE) // 2
    return Selection(
        start=str(days[0]), end=str(days[-1]), rows=(top, min(rows, top + SIDE)), cols=(left, min(cols, left + SIDE))
    )
