"""Memory that a layer of a model frees is kept for the next one, where the C library would hand it back each time.

The GNU C library gives large blocks back to the system as soon as they are free. A model frees and asks again some
hundred times a block, and each time every page of it is cleared and mapped anew: measured, half of all processor time.
How much a process holds at most stays the same; it holds it until it ends. So this is for processes that embed and
then end, not for a server.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -4, -8  # parameters of mallopt, from its malloc.h
KEPT = 2**30  # bytes that may lie free at the end of the heap


def keep_freed_memory() -> bool:
    """Whether this process now keeps what it frees: not without the GNU C library, nor where MALLOC_... is set."""
    if any(name.startswith("MALLOC_") for name in os.environ):  # whoever set these knows better
        return False
    with suppress(OSError, AttributeError, TypeError):  # other C libraries lack it, and Windows has none to look in
        library = ctypes.CDLL(None)
        if hasattr(library, "gnu_get_libc_version"):
            # All threads from one heap, none of it from beside the heap: only there freed blocks are kept.
            wishes = {ARENA_MAX: 1, MMAP_MAX: 0, TRIM_THRESHOLD: KEPT}
            return all(library.mallopt(name, value) == 1 for name, value in wishes.items())
    return False
