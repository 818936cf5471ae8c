"""The app as a user starts it, in a process of its own, with a workspace of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90  # s until a starting server is given up


class Server(NamedTuple):
    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def serve(workspace: Path, *, entry: Path = Path("app.py")) -> Iterator[Server]:
    """Start a Streamlit script, else the app, on a free port; yields once it answers."""
    port = _free_port()
    log = workspace.parent / f"server-{port}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(entry), f"--server.port={port}", "--server.headless=true"],
            cwd=ROOT,
            env=os.environ | {"FLUXSCAPE_WORKSPACE": str(workspace)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        _wait(server, log)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait(server: Server, log: Path) -> None:
    for _ in range(PATIENCE_S * 20):
        if server.process.poll() is not None:
            raise RuntimeError(f"The server ended by itself: {log.read_text()}")
        try:
            with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The server does not answer: {log.read_text()}")
