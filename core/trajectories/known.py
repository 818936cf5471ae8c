"""What is known to have happened at a simulated site: marked on demand, and what a search for events is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.sources.site import open_events, open_truth
from core.store import Workspace
from core.trajectories.regions import SMALLEST, Event

COVERED = 0.5  # of the pixels of the one or of the other that must lie in both
LATE = 15  # days by which a date may lie outside the clear views around an event


class Known(NamedTuple):
    """One true event: what, when (ISO, first and last day), and where (rows, cols)."""

    kind: str
    date: str
    end: str
    mask: NDArray[np.bool_]

    @property
    def pixels(self) -> int:
        return int(self.mask.sum())


class Judged(NamedTuple):
    """`recall` of the wanted kinds, `precision` of all that was found, and how far off the dates were."""

    recall: float
    precision: float
    wanted: int
    found: int
    date_errors: tuple[float, ...]  # days, of the hits
    gaps: tuple[float, ...]  # days between the clear views around the hits

    @property
    def f1(self) -> float:
        total = self.recall + self.precision
        return 2 * self.recall * self.precision / total if total else 0.0


def known_events(workspace: Workspace, site_id: str, *, without: Sequence[str] = ("drought",)) -> list[Known]:
    """True events of a simulated site, by date; a site without truth is refused."""
    table, patches = open_events(workspace, site_id), open_truth(workspace, site_id)["patch_map"].values
    rows = zip(table["type"], table["date"], table["end"], table["patches"], strict=True)
    return [
        Known(str(kind), f"{date:%Y-%m-%d}", f"{end:%Y-%m-%d}", np.isin(patches, np.array(struck)))
        for kind, date, end, struck in rows
        if kind not in without
    ]


def judge(found: Sequence[Event], known: Sequence[Known], kinds: Sequence[str], *, smallest: int = SMALLEST) -> Judged:
    """How well `found` tells the known events of some kinds that have `smallest` pixels or more.

    A pair matches where the true day lies between the clear views around what was found, or within `LATE` days of them,
    and half of the pixels of one of them lie in the other. A true event is hit where half of its own pixels are
    covered. What matches an event of another kind is no error, and no hit either.
    """
    hits: dict[int, tuple[float, float]] = {}
    right = 0
    for one in found:
        first, last, middle = (np.datetime64(day) for day in (one.first, one.last, one.date))
        margin = np.timedelta64(LATE, "D")
        matched = False
        for turn, true in enumerate(known):
            if not first - margin <= np.datetime64(true.date) <= last + margin:
                continue
            shared = int((one.mask & true.mask).sum())
            matched |= shared >= COVERED * min(one.pixels, true.pixels)
            if shared >= COVERED * true.pixels:
                error = abs(float((middle - np.datetime64(true.date)) / np.timedelta64(1, "D")))
                gap = float((last - first) / np.timedelta64(1, "D"))
                hits[turn] = min(hits.get(turn, (np.inf, 0.0)), (error, gap))
        right += matched
    wanted = [turn for turn, true in enumerate(known) if true.kind in kinds and true.pixels >= smallest]
    mine = [hits[turn] for turn in wanted if turn in hits]
    return Judged(
        recall=len(mine) / len(wanted) if wanted else float("nan"),
        precision=right / len(found) if found else float("nan"),
        wanted=len(wanted),
        found=len(found),
        date_errors=tuple(error for error, _ in mine),
        gaps=tuple(gap for _, gap in mine),
    )
