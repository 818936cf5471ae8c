"""What is known to have happened at a simulated site: marked on demand, and what a search for events is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.sources.site import open_events, open_truth
from core.store import Workspace
from core.trajectories.regions import SMALLEST, Event

COVERED = 0.5  # of the pixels of an event that must lie in what it is matched with
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

    Two match in time where the true day lies between the clear views around what was found, or within `LATE` days of
    them. A true event is hit where half of its pixels lie in what matches it in time: a road may cut a field in two;
    its date is that of the largest part. What was found is right where it matches any event in time and half of the
    pixels of one of the two lie in the other; matching an event of another kind is no error, and no hit either.
    """
    covered = [np.zeros_like(true.mask) for true in known]
    parts: list[list[tuple[int, float, float]]] = [[] for _ in known]  # pixels, days off, gap
    right = 0
    for one in found:
        first, last, middle = (np.datetime64(day) for day in (one.first, one.last, one.date))
        margin = np.timedelta64(LATE, "D")
        matched = False
        for turn, true in enumerate(known):
            both = one.mask & true.mask
            shared = int(both.sum())
            if not shared or not first - margin <= np.datetime64(true.date) <= last + margin:
                continue
            matched |= shared >= COVERED * min(one.pixels, true.pixels)
            covered[turn] |= both
            error = abs(float((middle - np.datetime64(true.date)) / np.timedelta64(1, "D")))
            parts[turn].append((shared, error, float((last - first) / np.timedelta64(1, "D"))))
        right += matched
    wanted = [turn for turn, true in enumerate(known) if true.kind in kinds and true.pixels >= smallest]
    mine = [max(parts[turn]) for turn in wanted if covered[turn].sum() >= COVERED * known[turn].pixels]
    return Judged(
        recall=len(mine) / len(wanted) if wanted else float("nan"),
        precision=right / len(found) if found else float("nan"),
        wanted=len(wanted),
        found=len(found),
        date_errors=tuple(error for _, error, _ in mine),
        gaps=tuple(gap for _, _, gap in mine),
    )
