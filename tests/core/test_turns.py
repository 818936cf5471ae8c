"""Background work takes turns: as many at once as there are cores, everybody in the end, nobody held by the dead."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.turns import FEWEST, TURNS, cores, turn

AT_ONCE = max(FEWEST, cores())
# Says when it begins and when it ends, and holds its turn until it is told to end.
WORKER = """
import sys
from core.turns import turn
with turn(lambda: print("waits", flush=True)):
    print("works", flush=True)
    sys.stdin.readline()
"""


def worker(folder: Path | None) -> subprocess.Popen[str]:
    env = {key: value for key, value in os.environ.items() if key != TURNS}
    env |= {TURNS: str(folder)} if folder else {}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("end", ["done", "killed"])
def test_who_comes_later_waits_until_another_has_ended(tmp_path: Path, end: str) -> None:
    first = [worker(tmp_path / "turns") for _ in range(AT_ONCE)]
    assert [said(process) for process in first] == ["works"] * AT_ONCE
    late = worker(tmp_path / "turns")
    assert said(late) == "waits"
    if end == "killed":
        first[0].kill()
    else:
        first[0].communicate("\n")
    assert said(late) == "works"
    for process in [*first, late]:
        if process.poll() is None and not process.stdin.closed:
            process.communicate("\n")


def test_on_a_command_line_nobody_waits(tmp_path: Path) -> None:
    many = [worker(None) for _ in range(AT_ONCE + 1)]
    assert [said(process) for process in many] == ["works"] * len(many)
    for process in many:
        process.communicate("\n")
    assert not list(tmp_path.iterdir())


def test_a_turn_is_free_again_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TURNS, str(tmp_path))
    for _ in range(AT_ONCE + 1):
        with turn(lambda: pytest.fail("there was nobody else")):
            pass
