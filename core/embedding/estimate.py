"""How long an embedding will take here, said before it begins; and what it will be of.

The time is that of a model's work, judged by the latest runs of this workspace or by a short trial (`core.cli.pace`).
A block costs what it reads, so the dates and pixels around a block count as well.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.embedding.cards import Card
from core.embedding.layout import CUTS, layout
from core.embedding.result import KIND
from core.embedding.selection import Extent, Selection, resolve
from core.schema import WorkspaceError
from core.store import Run, Workspace, read_json, write_json

PACE_FILE = "pace.json"  # of the workspace: what a trial of each model on each machine came to
LATEST = 3  # runs that tell a pace
STARTING_S = 5.0  # s until a process of its own begins with its first block, where no trial has measured it


class Amount(NamedTuple):
    """What would be embedded."""

    extent: Extent  # of the site's frames, rows and columns
    pixel_dates: int  # seen ones: each becomes an embedding
    looked_at: int  # cloudy ones too
    work: int  # pixel-dates read, with all that is around them


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a model works here."""

    per_second: float  # pixel-dates of work
    starting_s: float

    def seconds(self, amount: Amount) -> float:
        """How long this amount will take."""
        return self.starting_s + amount.work / self.per_second


def amount(
    seen: NDArray[np.bool_],
    times: NDArray[np.datetime64],
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    wanted: Selection,
    card: Card,
) -> Amount:
    """What `wanted` of a site comes to. `seen` (time, y, x) tells where the optical sensor saw anything."""
    frames = seen.any(axis=(1, 2))
    extent = resolve(wanted, times[frames], y, x)
    clear = seen[frames][extent.dates, extent.rows, extent.cols]
    whole = (int(frames.sum()), *seen.shape[1:])
    return Amount(extent, int(clear.sum()), clear.size, work(extent, whole, card))


def work(extent: Extent, whole: tuple[int, int, int], card: Card) -> int:
    """Pixel-dates that are read to embed `extent` of a site of `whole` (dates, rows, columns), block by block."""
    total, reach, radius = 0, card.frames // 2, card.pixels // 2
    for block in layout(extent.shape, radius=radius, cut=CUTS[card.preset]).blocks():
        sides = []
        for own, part, size, margin in zip(extent, block[1:], whole, (reach, radius, radius), strict=True):
            first, after = own.start + part.start, own.start + part.stop
            sides.append(min(size, after + margin) - max(0, first - margin))
        total += sides[0] * sides[1] * sides[2]
    return total


def pace(workspace: Workspace, card: Card, *, error: bool) -> Pace | None:
    """What is known of this machine's pace with a model; None: nothing yet."""
    trial = _trials(workspace).get(_key(card.name, error=error))
    runs = [run for run in workspace.runs(kind=KIND) if run.notes.get("model") == card.name]
    rates = [_rate(run, card) for run in runs if bool(run.spec.parameters.get("error")) == error]
    known = [rate for rate in rates if rate][:LATEST]
    if known:
        return Pace(per_second=median(known), starting_s=trial["starting_s"] if trial else STARTING_S)
    return Pace(per_second=trial["per_second"], starting_s=trial["starting_s"]) if trial else None


def keep_trial(workspace: Workspace, model: str, *, error: bool, found: Pace) -> None:
    """Remember what a trial on this machine came to."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    kept = _trials(workspace) | {
        _key(model, error=error): {"per_second": found.per_second, "starting_s": found.starting_s}
    }
    write_json(workspace.root / PACE_FILE, kept)


def _trials(workspace: Workspace) -> dict[str, Any]:
    try:
        return read_json(workspace.root / PACE_FILE)
    except WorkspaceError:
        return {}


def _key(model: str, *, error: bool) -> str:
    return f"{platform.node()} {model}{' error' if error else ''}"


def _rate(run: Run, card: Card) -> float | None:
    """Pixel-dates of work a second; None where the notes do not tell."""
    parts = [run.spec.parameters.get(axis) for axis in ("dates", "rows", "cols")]
    seconds = run.notes.get("seconds")
    if not seconds or not all(isinstance(part, list) and len(part) == 2 for part in parts):
        return None
    extent = Extent(*(slice(*part) for part in parts if part))
    whole = (extent.dates.stop, extent.rows.stop, extent.cols.stop)  # at least: what lies beyond is not told
    return work(extent, whole, card) / seconds
