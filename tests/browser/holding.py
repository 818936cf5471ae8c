"""Work that is made to wait, so that no machine is too quick for what a reader does meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.store import Workspace, read_json
from core.ui import jobs
from core.ui.jobs import JOB, Job
from tests.browser.server import Server
from tests.browser.window import Window


@contextmanager
def held(window: Window, space: Workspace, target: str, *, beyond: float = -1) -> Iterator[Callable[[], bool]]:
    """Let the work on a target, `*` allowed, wait when more than a share is done; yields whether it was cancelled.

    What it is told meanwhile it hears afterwards.
    """
    found: list[Job] = []

    def is_so_far() -> bool:
        found[:] = [job for job in _all(space, target) if job.running and job.fraction > beyond]
        return bool(found)

    assert window.comes_true(is_so_far)
    (job,) = found
    record = space.root / "jobs" / job.target / JOB
    group = read_json(record)["process"]
    os.killpg(group, signal.SIGSTOP)
    try:
        yield lambda: bool(read_json(record).get("cancelled"))
    finally:
        os.killpg(group, signal.SIGCONT)


@contextmanager
def slow(server: Server) -> Iterator[None]:
    """A server that hears of what is done in this block only after it."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


def _all(space: Workspace, target: str) -> list[Job]:
    names = (folder.name for folder in (space.root / "jobs").glob(target))
    return [job for name in names if (job := jobs.find(space, name)) is not None]
