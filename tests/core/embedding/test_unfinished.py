"""An interrupted embedding tells what it was to be, and is taken up from what it tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.embedding.engine import StoppedError, run
from core.embedding.plan import plan
from core.embedding.selection import Selection
from core.embedding.unfinished import is_described, unfinished
from core.store import Workspace

WANTED = Selection(start="2021-05-06", end="2021-06-05", bbox=(535_840, 5_537_990, 535_900, 5_538_090))


def interrupt(space: Workspace, weights: Path, *, after: int = 2, error: bool = True) -> None:
    planned = plan(space, "CLOUDY", model=weights, selection=WANTED, error=error, chunk=(2, 11, 7))
    asked = iter(range(100))
    with pytest.raises(StoppedError):
        run(space, planned, stop=lambda: next(asked) >= after)


def test_it_says_what_it_was_to_be_and_how_far_it_is(space: Workspace, weights: Path) -> None:
    interrupt(space, weights)
    (one,) = unfinished(space, "CLOUDY")
    assert (one.site, one.model, one.error) == ("CLOUDY", weights.name, True)
    assert (one.start, one.end) == ("2021-05-06", "2021-06-05")
    planned = plan(space, "CLOUDY", model=weights, selection=WANTED, chunk=(2, 11, 7))
    assert (one.rows, one.cols) == planned.extent.shape[1:]
    blocks = list(planned.layout.blocks())
    assert one.share == pytest.approx(sum(block.pixel_dates for block in blocks[:2]) / planned.pixel_dates)


def test_what_it_asks_for_is_the_very_run(space: Workspace, weights: Path) -> None:
    interrupt(space, weights)
    (one,) = unfinished(space, "CLOUDY")
    again = plan(space, "CLOUDY", model=weights, selection=one.selection, error=one.error, chunk=(2, 11, 7))
    assert again.spec.id == one.draft.name
    run(space, again)
    assert unfinished(space, "CLOUDY") == []


def test_other_sites_and_other_drafts_are_none_of_it(space: Workspace, weights: Path) -> None:
    interrupt(space, weights)
    with pytest.raises(RuntimeError), space.draft("runs", "CLOUDY-embedding-0123456789ab", resume=True):
        raise RuntimeError("ended before it began")
    with pytest.raises(RuntimeError), space.draft("sites", "HALF", resume=True):
        raise RuntimeError("the power went")
    assert unfinished(space, "SIM-DBF") == []
    assert len(unfinished(space, "CLOUDY")) == 1
    assert sorted(is_described(draft) for draft in space.drafts()) == [False, False, True]
