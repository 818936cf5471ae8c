"""Stopping a command from outside: whatever it is at, it stops, at the latest before its next step."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STEPS = """
import enum, os, sys
import numpy as np
from core.cli import stop
from core.cli.progress import Reporter

class Asked(enum.EnumMeta):
    def __getattr__(cls, name):
        os.kill(os.getpid(), {number})
        raise AttributeError(name)

class Side(enum.IntEnum, metaclass=Asked):
    LEFT = 1

stop.listen()
try:
    with Reporter() as report:
        report(0.5, "first step")
        {inside}
        print("the step went on", flush=True)
        report(0.6, "second step")
        print("as if nothing had been asked")
except KeyboardInterrupt:
    sys.exit(130)
"""
FROM_NUMPY = "np.int32(1) == Side.LEFT"  # asks the class for __array_ufunc__ and more, and takes any failure for "no"
FROM_PYTHON = "getattr(Side, 'area', None)"


def steps(number: int, inside: str, **options: object) -> subprocess.CompletedProcess[str]:
    script = STEPS.format(number=int(number), inside=inside)
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("inside", "said"), [(FROM_PYTHON, ""), (FROM_NUMPY, "the step went on\n")])
def test_a_stop_counts_even_where_the_interrupt_got_lost(number, inside, said) -> None:
    done = steps(number, inside, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert (done.returncode, done.stdout, done.stderr) == (130, said, "")


def test_a_shell_that_keeps_ctrl_c_from_its_background_keeps_it_still() -> None:
    done = steps(signal.SIGINT, FROM_PYTHON, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert done.returncode == 0
    assert done.stdout.endswith("as if nothing had been asked\n")


def test_a_stop_after_the_last_step_leaves_what_is_done() -> None:
    done = steps(signal.SIGTERM, "report = lambda *_: np.int32(1) == Side.LEFT")
    assert done.returncode == 0, done.stderr
