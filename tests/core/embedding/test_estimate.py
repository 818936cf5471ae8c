"""What a run would take, before it begins: the amount is that of the run itself, the pace that of former ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.embedding import estimate
from core.embedding.cards import find
from core.embedding.compute import View
from core.embedding.engine import run
from core.embedding.estimate import Pace
from core.embedding.layout import Cut, layout
from core.embedding.plan import plan
from core.embedding.selection import Extent, Selection
from core.schema import S2_BANDS, InputError, RunSpec
from core.store import Workspace

CARD = find("compact-32")
WANTED = Selection(start="2021-05-06", end="2021-06-05", bbox=(535_840, 5_537_990, 535_900, 5_538_090))


def amount(cube, wanted: Selection) -> estimate.Amount:
    seen = np.logical_or.reduce([np.isfinite(cube[band].values) for band in S2_BANDS])
    y, x = (cube[axis].values.astype(float) for axis in ("y", "x"))
    return estimate.amount(seen, cube["time"].values, y, x, wanted, CARD)


@pytest.mark.parametrize("wanted", [Selection(), WANTED], ids=["all", "a part"])
def test_the_amount_is_what_the_run_then_embeds(space: Workspace, cube, weights: Path, wanted: Selection) -> None:
    planned = plan(space, "CLOUDY", model=weights, selection=wanted)
    notes = run(space, planned).run.notes
    said = amount(cube, wanted)
    assert said.extent == planned.extent
    assert said.pixel_dates == notes["pixel_dates"]
    assert said.looked_at == planned.pixel_dates


def test_work_counts_what_the_engine_reads(space: Workspace, weights: Path) -> None:
    """An own count: the views of all blocks of a plan."""
    planned = plan(space, "CLOUDY", model=weights, selection=WANTED)
    views = [View.of(planned, block) for block in planned.layout.blocks()]
    read = sum(np.prod([part.stop - part.start for part in (view.around, view.rows, view.cols)]) for view in views)
    whole = (len(planned.frames.days), *planned.frames.shape)
    card = replace(CARD, frames=5, pixels=5)
    assert estimate.work(planned.extent, whole, card) == read
    as_paper = layout((200, 40, 40), radius=2, cut=Cut(tile=16, block=64 * 30 * 30))
    views = [(block.dates, block.rows, block.cols) for block in as_paper.blocks()]
    read = sum(
        np.prod([min(s, p.stop + 2) - max(0, p.start - 2) for p, s in zip(v, (200, 40, 40), strict=True)])
        for v in views
    )
    extent = Extent(slice(0, 200), slice(0, 40), slice(0, 40))
    assert estimate.work(extent, (200, 40, 40), replace(card, preset="paper")) == read


def test_a_period_without_a_view_is_said(cube) -> None:
    with pytest.raises(InputError, match="holds no optical acquisition"):
        amount(cube, Selection(start="1999-01-01", end="1999-12-31"))


def test_nothing_is_known_of_a_machine_at_first(workspace: Workspace) -> None:
    assert estimate.pace(workspace, CARD, error=False) is None


def test_a_trial_is_remembered_for_its_model_and_kind(workspace: Workspace) -> None:
    estimate.keep_trial(workspace, "compact-32", error=False, found=Pace(per_second=1000, starting_s=4))
    estimate.keep_trial(workspace, "compact-32", error=True, found=Pace(per_second=500, starting_s=4))
    known = estimate.pace(workspace, CARD, error=False)
    assert known == Pace(per_second=1000, starting_s=4)
    assert known.seconds(estimate.Amount(Extent(slice(0, 1), slice(0, 1), slice(0, 1)), 1, 1, 8000)) == 12
    assert estimate.pace(workspace, CARD, error=True).per_second == 500
    assert estimate.pace(workspace, find("compact-7"), error=False) is None


def keep_run(workspace: Workspace, seconds: float, *, model: str = "compact-32", error: bool = False) -> None:
    parts = {"dates": [0, 8], "rows": [0, 80], "cols": [0, 80]}
    spec = RunSpec(
        kind="embedding", site="S", input_digest=f"{seconds}", version="0", parameters={**parts, "error": error}
    )
    with workspace.draft_run(spec, {"model": model, "seconds": seconds}) as folder:
        (folder / "result").write_text("whole")


def test_the_latest_runs_tell_the_pace_better_than_a_trial(workspace: Workspace) -> None:
    estimate.keep_trial(workspace, "compact-32", error=False, found=Pace(per_second=1, starting_s=2))
    for seconds in (1000, 4, 8, 6):  # the first is too old to count
        keep_run(workspace, seconds)
    keep_run(workspace, 0.001, model="compact-7")
    keep_run(workspace, 0.001, error=True)
    assert estimate.pace(workspace, CARD, error=False) == Pace(per_second=8 * 80 * 80 / 6, starting_s=2)


def test_the_command_measures_this_machine(demo_workspace: Workspace, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "ws"
    (folder / "sites").mkdir(parents=True)
    (folder / "sites" / "SIM-DBF").symlink_to(demo_workspace.site_path("SIM-DBF"))
    assert main(["pace", "SIM-DBF", "--model", "compact-7", "--workspace", str(folder)]) == 0
    assert "pixel-dates a second" in capsys.readouterr().out
    known = estimate.pace(Workspace(folder), find("compact-7"), error=True)
    assert known is not None
    assert 50 < known.per_second < 1e7
    assert known.starting_s > 0


def test_a_model_without_a_card_cannot_be_tried(workspace: Workspace, capsys) -> None:
    assert main(["pace", "ANY", "--model", "huge", "--workspace", str(workspace.root)]) == 2
    assert "choose one of" in capsys.readouterr().err
