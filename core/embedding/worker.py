"""What a worker of the local cluster loads first.

Ctrl-C in a terminal reaches every process; the one that was started by the user then ends the workers, in order.
"""

from __future__ import annotations

import signal
from typing import Any


def dask_setup(worker: Any) -> None:
    """Called by Dask when the worker starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
