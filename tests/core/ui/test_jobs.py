"""Background work: one process per target, known after restarts, cancelled, and honest about how it ended."""

import errno
import os
import sys
import time
from pathlib import Path

import pytest

from core.schema import WorkspaceError
from core.store import Workspace
from core.ui import jobs
from core.ui.jobs import Job, Status

SLEEPER = "import time; time.sleep(60)"
WRITER = """
import json, pathlib, sys
pathlib.Path(sys.argv[-1]).write_text(json.dumps({"fraction": %s, "message": "counting"}))
"""


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def ended(workspace: Workspace, target: str) -> Job:
    for _ in range(400):
        job = jobs.find(workspace, target)
        if job is not None and not job.running:
            return job
        time.sleep(0.02)
    raise AssertionError(f"{target} is still running")


def restart_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new server knows nothing of the processes the old one started."""
    monkeypatch.setattr(jobs, "_children", {})


def test_work_that_was_never_asked_for_is_unknown(workspace: Workspace) -> None:
    assert jobs.find(workspace, "nothing") is None


def test_work_runs_and_reports_its_progress(workspace: Workspace) -> None:
    assert jobs.start(workspace, "count", python(WRITER % 1.0)).running
    job = ended(workspace, "count")
    assert (job.status, job.fraction, job.message) == (Status.DONE, 1.0, "counting")


@pytest.mark.parametrize(("asked", "given"), [({}, "1"), ({"threads": 3}, "3"), ({"threads": None}, None)])
def test_work_gets_as_many_threads_as_it_is_given_and_is_niced(workspace: Workspace, asked, given) -> None:
    script = "import os, sys; sys.exit(f'{os.environ[\"OMP_NUM_THREADS\"]} threads, niceness {os.nice(0)}')"
    jobs.start(workspace, "count", python(script), **asked)
    cores = len(os.sched_getaffinity(0))
    niceness = min(os.nice(0) + jobs.NICENESS, 19)
    assert ended(workspace, "count").message == f"{given or cores} threads, niceness {niceness}"


def test_the_same_work_is_not_started_twice(workspace: Workspace) -> None:
    jobs.start(workspace, "sleep", python(SLEEPER))
    first = jobs.read_json(workspace.root / "jobs/sleep/job.json")["process"]
    assert jobs.start(workspace, "sleep", python(SLEEPER)).running
    assert jobs.read_json(workspace.root / "jobs/sleep/job.json")["process"] == first
    jobs.cancel(workspace, "sleep")


def test_cancelled_work_stops_and_says_so(workspace: Workspace) -> None:
    jobs.start(workspace, "sleep", python(SLEEPER))
    jobs.cancel(workspace, "sleep")
    assert ended(workspace, "sleep").status is Status.CANCELLED


def test_running_work_is_found_and_cancelled_after_the_server_was_restarted(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.start(workspace, "sleep", python(SLEEPER))
    restart_server(monkeypatch)
    found = jobs.find(workspace, "sleep")
    assert found is not None
    assert found.running
    jobs.cancel(workspace, "sleep")


@pytest.mark.parametrize(("fraction", "status"), [(1.0, Status.DONE), (0.6, Status.FAILED)])
def test_how_work_ended_is_known_after_the_server_was_restarted(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, fraction: float, status: Status
) -> None:
    jobs.start(workspace, "count", python(WRITER % fraction))
    ended(workspace, "count")
    restart_server(monkeypatch)
    assert ended(workspace, "count").status is status


def test_failed_work_gives_its_last_line_as_the_reason(workspace: Workspace) -> None:
    jobs.start(workspace, "fail", python("import sys; print('noise'); sys.exit('The disk is full; free some space.')"))
    job = ended(workspace, "fail")
    assert (job.status, job.message) == (Status.FAILED, "The disk is full; free some space.")


def test_failed_work_can_be_started_again(workspace: Workspace) -> None:
    jobs.start(workspace, "retry", python("raise SystemExit(2)"))
    assert ended(workspace, "retry").status is Status.FAILED
    jobs.start(workspace, "retry", python(WRITER % 1.0))
    assert ended(workspace, "retry").status is Status.DONE


def test_a_workspace_that_cannot_be_written_is_one_sentence(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(WorkspaceError, match="cannot be written to"):
        jobs.start(workspace, "count", python(WRITER % 1.0))


def test_a_progress_file_with_nonsense_counts_as_nothing_done(workspace: Workspace) -> None:
    nonsense = 'import pathlib, sys; pathlib.Path(sys.argv[-1]).write_text(\'{"fraction": "lots"}\')'
    jobs.start(workspace, "count", python(nonsense))
    assert ended(workspace, "count").fraction == 0.0
