"""Processes that die by SIGKILL at a chosen step: a test of crashes then does not depend on how fast a machine is."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def in_child(action: Callable[[], None]) -> int:
    """Start `action` in a process of its own; the caller reaps it. Its code is 1 where the action raised."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """Wait for a process; its exit code, negative for the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at_step(last: int, action: Callable[[], None]) -> int:
    """Run `action` in a process that takes SIGKILL at its `last`-th call or return, of Python or of the system."""

    def act() -> None:
        steps = itertools.count(1)
        with each_step(lambda: os.kill(os.getpid(), signal.SIGKILL) if next(steps) == last else None):
            action()

    return ended(in_child(act))


def steps_of(action: Callable[[], None]) -> int:
    """How many steps `action` takes in this process, and those of the threads it starts."""
    steps = itertools.count()
    with each_step(lambda: next(steps)):
        action()
    return next(steps)


def steps_in_child(action: Callable[[], None]) -> int:
    """The same in a process of its own, which shares no open connection with this one."""
    source, sink = os.pipe()
    child = in_child(lambda: os.write(sink, str(steps_of(action)).encode()) and None)
    os.close(sink)
    with os.fdopen(source) as told:
        found = told.read()
    assert ended(child) == 0
    return int(found)


@contextmanager
def each_step(tell: Callable[[], object]) -> Iterator[None]:
    """Call `tell` at every call and return, in this thread and those that it starts."""

    def profile(*_: object) -> None:
        tell()

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
