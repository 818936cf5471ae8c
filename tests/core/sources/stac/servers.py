"""What the tests fetch from, on loopback: a real STAC API, and a web server of files that misbehaves on demand."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

STARTING = 30  # s
Fault = Callable[[str, int], "str | int | None"]  # path and how often it was asked -> an HTTP status, "cut" or "slow"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Readers close connections as they like."""


class FileServer:
    """Files below a folder with byte ranges, as an object store serves them. `fault` decides who is refused."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()
        self.fault: Fault = lambda path, count: None
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def scenes_asked(self) -> Counter[str]:
        """How many of each scene's files were asked for."""
        return Counter(path.split("/")[1] for path in self.asked)

    @contextmanager
    def holding(self, *, but: str) -> Iterator[None]:
        """In this block files of other days than `but` wait for an answer; after it they are refused."""
        over = threading.Event()

        def wait(path: str, count: int) -> int | None:
            if but.replace("-", "") in path:
                return None
            over.wait()
            return 503

        self.fault = wait
        try:
            yield
        finally:
            over.set()

    def behave(self) -> None:
        """Forget faults and what was asked."""
        self.fault = lambda path, count: None
        self.asked.clear()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(owner: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            owner.asked[path] += 1
            fault = owner.fault(path, owner.asked[path])
            if isinstance(fault, int):
                self._refuse(fault)
                return
            file = owner.folder / path.lstrip("/")
            if not file.is_file():
                self._refuse(404)
                return
            self._serve(file.read_bytes(), cut=fault == "cut")

        do_HEAD = do_GET

        def _refuse(self, status: int) -> None:
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _serve(self, content: bytes, *, cut: bool) -> None:
            span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            start = int(span[1]) if span else 0
            stop = min(len(content), int(span[2]) + 1) if span and span[2] else len(content)
            part = content[start:stop]
            self.send_response(206 if span else 200)
            if span:
                self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(part)))
            self.send_header("Content-Type", "image/tiff")
            self.end_headers()
            if self.command == "HEAD":
                return
            self.wfile.write(part[: len(part) // 2] if cut else part)
            if cut:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


# ---------------------------------------------------------------- the STAC API
def rustac() -> str | None:
    """The published STAC server, beside the Python that runs the tests."""
    return shutil.which("rustac", path=str(Path(sys.executable).parent))


@contextmanager
def stac_api(files: list[Path]) -> Iterator[str]:
    """The address of a STAC API that holds the collections and items in `files`."""
    command = rustac()
    assert command, "rustac is missing: pip install -r requirements-dev.txt"
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [command, "serve", "--addr", f"127.0.0.1:{port}", *map(str, files)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        try:
            with urlopen(f"{address}/collections", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"no STAC API at {address} after {STARTING} s")


# ---------------------------------------------------------------- an API that is busy
@contextmanager
def busy_api(api: str, refusals: int, status: int = 503) -> Iterator[str]:
    """The address of a server that refuses so many requests, and hands all later ones on to `api`."""
    left = [refusals]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._hand_on(None)

        def do_POST(self) -> None:
            self._hand_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _hand_on(self, body: bytes | None) -> None:
            if left[0] > 0:
                left[0] -= 1
                self.send_response(status)
                self.end_headers()
                return
            asked = Request(api + self.path, data=body, headers={"Content-Type": "application/json"})
            with urlopen(asked, timeout=10) as answer:
                content = answer.read().replace(api.encode(), own.encode())
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    own = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield own
    server.shutdown()
    server.server_close()
