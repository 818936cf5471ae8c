"""Being stopped from outside, by Ctrl-C or as a job of the app: at once, else at the next step that tells its progress.

An interrupt is an exception in whatever Python runs at that moment. C code that asks an object for an attribute may
take any exception for "it has none", as numpy does of members of an enum: then the interrupt is gone, and work went on.
"""

from __future__ import annotations

import signal
from typing import Any

_asked = False


def listen() -> None:
    """From now on being ended tidies up as Ctrl-C does; a shell that keeps Ctrl-C from this process still does."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def check() -> None:
    """Stop here if that was asked for earlier."""
    if _asked:
        raise KeyboardInterrupt


def _interrupt(*_: Any) -> None:
    global _asked
    _asked = True
    raise KeyboardInterrupt
