"""Trying again with growing pauses, and telling what is broken or not there from a server that is busy."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from core.sources.stac.cog import AssetError

TRIES = 6
TRIES_TO_REACH = 3  # of an API that refuses the connection or whose host is not known: said within seconds
FIRST_PAUSE = 0.5  # s, doubled each time
LONGEST_PAUSE = 30.0  # s
TIMEOUT = (15, 60)  # s to connect and to answer
BUSY = {408, 425, 429, 500, 502, 503, 504}  # a later try may succeed

Value = TypeVar("Value")
Tell = Callable[[str], None]  # is told, in words, that something is tried again


class Fault(Enum):
    BROKEN = "broken"  # no later try will help
    BUSY = "busy"


class UnreachableError(Exception):
    """A server that did not serve an asset however often it was asked."""


def patiently(read: Callable[[], Value], *, tries: int = TRIES, tell: Tell | None = None) -> Value:
    """What `read` returns, tried again while the server is busy; `tell` hears of each new try.

    AssetError is raised for an asset that is broken, UnreachableError where the server stays busy.
    """
    seen_whole = 0
    for turn in range(tries):
        try:
            return read()
        except AssetError as error:
            fault, wait = fault_of(error.href)
            if fault is Fault.BROKEN:
                raise
            seen_whole += wait is None
            if seen_whole >= 3:  # served again and again, and never readable
                raise
            if turn == tries - 1:
                raise UnreachableError(str(error)) from error
            pause = min(LONGEST_PAUSE, max(wait or 0.0, FIRST_PAUSE * 2**turn * random.uniform(0.8, 1.2)))
            if tell:
                tell(again(error.href, turn + 1, pause))
            time.sleep(pause)
    raise AssertionError  # the last turn returns or raises


def again(address: str, turn: int, pause: float) -> str:
    """That an address did not answer as it should, and when it is asked again."""
    when = f"in {pause:.0f} s" if pause >= 1 else "now"
    return f"{urlsplit(address).netloc.rpartition('@')[2]} did not answer, trying again {when} (try {turn + 1})"


def fault_of(href: str) -> tuple[Fault, float | None]:
    """What is the matter with an address that could not be read, and how long the server asks to wait.

    None for the wait where the server serves it now: it may have been busy a moment ago, or the file be damaged.
    """
    import requests

    try:
        with requests.get(href, headers={"Range": "bytes=0-15"}, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code in BUSY:
                return Fault.BUSY, _asked(answer.headers.get("Retry-After"))
            if answer.status_code >= 400:
                return Fault.BROKEN, None
            head = answer.raw.read(4)
    except (requests.RequestException, OSError):
        return Fault.BUSY, 0.0
    return (Fault.BUSY, None) if head[:2] in (b"II", b"MM") else (Fault.BROKEN, None)


def _asked(retry_after: str | None) -> float:
    return min(float(retry_after), LONGEST_PAUSE) if retry_after and retry_after.isdigit() else 0.0


def session_io(address: str, tell: Tell | None = None) -> Any:
    """How the STAC API at `address` is asked: again where it is busy, and soon given up where nobody answers."""
    from pystac_client.stac_api_io import StacApiIO
    from urllib3.util.retry import Retry

    class Patient(Retry):
        """urllib3's own, which tells of each pause."""

        def sleep(self, response: Any = None) -> None:
            if tell:
                stated = self.get_retry_after(response) if response is not None else None
                tell(again(address, len(self.history), stated or self.get_backoff_time()))
            super().sleep(response)

    retry = Patient(
        total=TRIES,
        connect=TRIES_TO_REACH - 1,
        backoff_factor=FIRST_PAUSE,
        backoff_jitter=FIRST_PAUSE,
        backoff_max=LONGEST_PAUSE,
        retry_after_max=round(LONGEST_PAUSE),
        status_forcelist=sorted(BUSY),
        allowed_methods=None,  # searches are POST, and change nothing
        raise_on_status=False,
    )
    return StacApiIO(timeout=TIMEOUT, max_retries=retry)
