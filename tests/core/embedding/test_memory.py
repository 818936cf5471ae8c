"""What a process frees, it keeps: fewer pages are mapped anew."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GLIBC = sys.platform == "linux" and platform.libc_ver()[0] == "glibc"
SCRIPT = """
import resource, sys, threading
import numpy as np
from core.embedding.memory import keep_freed_memory
kept = keep_freed_memory() if sys.argv[1] == "keep" else None
def work():
    for _ in range(20):
        np.ones(50_000_000 // 8)  # 50 MB, freed at once
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


def ask(wish: str, **variables: str) -> tuple[str, int]:
    """What the process says of itself, and how many pages were mapped to it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    line = [sys.executable, "-c", SCRIPT, wish]
    said = subprocess.run(line, cwd=ROOT, env=clean | variables, check=True, capture_output=True, text=True).stdout
    kept, faults = said.split()
    return kept, int(faults)


@pytest.mark.skipif(not GLIBC, reason="only the GNU C library is told")
def test_what_is_freed_is_mapped_once_instead_of_every_time() -> None:
    _, usual = ask("as ever", NUMPY_MADVISE_HUGEPAGE="0")
    kept, fewer = ask("keep", NUMPY_MADVISE_HUGEPAGE="0")
    assert kept == "True"
    pages = 50e6 / os.sysconf("SC_PAGE_SIZE")
    assert usual - fewer > 15 * pages  # of the 20 times


def test_a_setting_of_the_users_own_stays() -> None:
    assert ask("keep", MALLOC_ARENA_MAX="4")[0] == "False"


def test_nothing_is_done_where_the_c_library_is_another(monkeypatch) -> None:
    from core.embedding import memory

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed_memory() is False
