"""Long work in a process of its own: started once per target, watched through small files, cancelled by its id.

    <workspace>/jobs/<target>/job.json        what was asked, by which process
                              progress.json   {"fraction": 0..1, "message": "..."}, written by the work itself
                              log.txt         what the process said; its last line is the reason of a failure
                              lock            held by the process as long as it lives

The lock is handed to the process when it is started and freed by the system when it ends, however it ends. So the
state is known after a rerun, a page change or a restart of the server, and nobody starts the same work twice.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from core.schema import FluxscapeError
from core.store import Workspace, check_name, explained, read_json, write_json
from core.turns import TURNS, cores

JOB, PROGRESS, LOG, LOCK = "job.json", "progress.json", "log.txt", "lock"
LIBRARY_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
NICENESS = 10  # the page stays quick while work goes on
PROJECT = Path(__file__).parents[2]

_starting = threading.Lock()  # two sessions of one server
_children: dict[Path, subprocess.Popen[bytes]] = {}  # those this server started, by job folder: their exit codes


class Status(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is known of the latest work on a target."""

    target: str
    status: Status
    fraction: float  # 0..1
    message: str  # what it is doing; of a failure, the reason in one sentence

    @property
    def running(self) -> bool:
        return self.status is Status.RUNNING


def simulate(workspace: Workspace, site_id: str) -> Job:
    """Make a demo site in the background; `simulation` names the target to watch."""
    return start(workspace, simulation(site_id), [sys.executable, "-m", "core", "simulate", site_id])


def simulation(site_id: str) -> str:
    return f"simulate-{site_id}"


def start(workspace: Workspace, target: str, command: Sequence[str], *, threads: int | None = 1) -> Job:
    """Run `command --progress FILE` in the background, unless work on `target` is running already.

    Numerical libraries get so many `threads`, or one for each core if None; in any case the work is niced.
    """
    folder = _folder(workspace, target)
    with _starting, explained(workspace.root):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("w") as lock:
            if _free(lock, fcntl.LOCK_EX):
                (folder / PROGRESS).unlink(missing_ok=True)
                process = _spawn(workspace, folder, command, lock, threads or cores())
                write_json(folder / JOB, {"command": list(command), "process": process.pid})
    return find(workspace, target) or Job(target=target, status=Status.RUNNING, fraction=0.0, message="")


def find(workspace: Workspace, target: str) -> Job | None:
    """The latest work on `target`, or None if there never was any."""
    folder = _folder(workspace, target)
    if not (folder / JOB).is_file():
        return None
    running = _is_locked(folder)  # asked first: what a process wrote before it ended is then all there
    record = _read(folder / JOB)
    fraction, message = _progress(folder)
    status = Status.RUNNING if running else _ending(folder, record, fraction)
    if status is Status.FAILED:
        message = _reason(folder)
    return Job(target=target, status=status, fraction=fraction, message=message)


def cancel(workspace: Workspace, target: str) -> None:
    """Stop the work on `target`, if it is running, with all its child processes."""
    folder = _folder(workspace, target)
    if not _is_locked(folder):
        return
    record = read_json(folder / JOB)
    write_json(folder / JOB, record | {"cancelled": True})
    with suppress(ProcessLookupError):
        os.killpg(record["process"], signal.SIGTERM)


# ---------------------------------------------------------------- inside
def _folder(workspace: Workspace, target: str) -> Path:
    return workspace.root / "jobs" / check_name(target, argument="target")


def _free(lock: IO[str], kind: int) -> bool:
    """Take the lock, alone (LOCK_EX) or beside other askers (LOCK_SH); False if a process works under it."""
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_locked(folder: Path) -> bool:
    if folder in _children:
        _children[folder].poll()  # lets the system forget a process that has ended
    try:
        with (folder / LOCK).open() as lock:
            return not _free(lock, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _spawn(
    workspace: Workspace, folder: Path, command: Sequence[str], lock: IO[str], threads: int
) -> subprocess.Popen[bytes]:
    polite = ["nice", "-n", str(NICENESS)] if shutil.which("nice") else []
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            [*polite, *command, "--progress", str(folder / PROGRESS)],
            cwd=PROJECT,
            env={
                **os.environ,
                **dict.fromkeys(LIBRARY_THREADS, str(threads)),
                "FLUXSCAPE_WORKSPACE": str(workspace.root),
                TURNS: str(workspace.root / "jobs" / "turns"),
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[lock.fileno()],
            start_new_session=True,  # outlives a stopped server, and can be stopped with all its children
        )
    _children[folder] = process
    return process


def _read(path: Path) -> dict[str, object]:
    try:
        return read_json(path)
    except FluxscapeError:
        return {}


def _progress(folder: Path) -> tuple[float, str]:
    said = _read(folder / PROGRESS)
    fraction = said.get("fraction", 0.0)
    share = min(max(float(fraction), 0.0), 1.0) if isinstance(fraction, int | float) else 0.0
    return share, str(said.get("message", "starting"))


def _ending(folder: Path, record: dict[str, object], fraction: float) -> Status:
    """How ended work ended. Of a process that another server started, the exit code is not known."""
    code = _children[folder].returncode if folder in _children else None
    if code == 0 or (code is None and fraction >= 1.0):
        return Status.DONE
    return Status.CANCELLED if record.get("cancelled") else Status.FAILED


def _reason(folder: Path) -> str:
    """The last line of the log: a command that fails says why in one sentence."""
    with suppress(OSError):
        lines = (folder / LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if lines:
            return lines[-1]
    return "It stopped before it was finished, without saying why."
