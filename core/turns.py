"""Background work takes turns: as many at once as there are cores, so that ten readers do not fill the memory.

A turn is a locked file in the folder that the environment names; the system frees it when its process ends, however it
ends. Without that folder, as on a command line, nobody waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

TURNS = "FLUXSCAPE_TURNS"  # environment variable: the folder
FEWEST = 2  # at once, on a single core too: something short may pass something long
LOOK_S = 0.2


@contextmanager
def turn(waiting: Callable[[], None]) -> Iterator[None]:
    """Wait for a turn, and hold it; `waiting` is called once if there is none at first."""
    folder = os.environ.get(TURNS)
    if not folder:
        yield
        return
    import fcntl

    Path(folder).mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        locks = [stack.enter_context((Path(folder) / str(place)).open("w")) for place in range(max(FEWEST, cores()))]
        told = False
        while True:
            for lock in locks:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield
                return
            if not told:
                waiting()
                told = True
            time.sleep(LOOK_S)


def cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
