"""Work that is killed at any moment leaves nothing or all of it, and goes on to the result it would have had."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from core import store
from core.store import Workspace
from tests.faults.conftest import sample
from tests.faults.works import Work, works
from tests.killing import ended, in_child, killed_at_step, steps_in_child

KILLS = {"embed": 20, "fetch": 15, "fit": 15}
ROWS = [(name, turn) for name, kills in KILLS.items() for turn in range(kills)]


class Whole:
    """A work that nobody interrupted: how many steps it took, and what came out."""

    def __init__(self, work: Work, folder: Path) -> None:
        self.work = work
        self.start = work.prepare(folder / "start")
        self.before = {path.name for path in (self.start.root / work.shelf).glob("[!.]*")}
        done = self.begin(folder)
        self.steps = steps_in_child(lambda: work.do(done))
        self.result = self.result_of(done)

    def begin(self, folder: Path) -> Workspace:
        """A workspace as it is before the work."""
        if self.start.root.exists():
            shutil.copytree(self.start.root, folder / "workspace")
        return Workspace(folder / "workspace")

    def result_of(self, workspace: Workspace) -> dict[str, str]:
        return self.work.result(workspace, self.before)


@pytest.fixture(scope="session")
def whole(service, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Whole]:
    """Each work by its name, done once, when it is first asked for."""
    todo = works(tmp_path_factory.mktemp("works"), service)
    return lru_cache(lambda name: Whole(todo[name], tmp_path_factory.mktemp(name)))


def stage(died: int, workspace: Workspace) -> str:
    """Where the kill hit."""
    if died == 0:
        return "after it"
    return "midway, a draft was left" if workspace.drafts() else "before the first or after the last file"


@pytest.mark.parametrize(("name", "turn"), sample(ROWS, every=12))
def test_killed_at_any_moment_it_goes_on_to_the_same_result(
    name: str, turn: int, whole: Callable[[str], Whole], tmp_path: Path, record_property
) -> None:
    plain = whole(name)
    workspace = plain.begin(tmp_path)
    step = random.Random(f"{name} {turn}").randint(1, plain.steps)
    died = killed_at_step(step, lambda: plain.work.do(workspace))
    record_property("ended", f"{name} at step {step:,} of {plain.steps:,}: {stage(died, workspace)}")
    for folder in [*workspace.root.glob("sites/[!.]*"), *workspace.root.glob("runs/[!.]*")]:
        store.verify(folder)
    assert workspace.problems() == []
    assert not any(draft.live for draft in workspace.drafts()), "the lock of a killed writer is free"
    assert died in (-9, 0), "killed, or ended a few steps earlier than the one that was counted"
    assert ended(in_child(lambda: plain.work.do(workspace))) == 0
    assert plain.result_of(workspace) == plain.result
    assert workspace.drafts() == []
