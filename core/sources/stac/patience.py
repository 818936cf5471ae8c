"""Trying again with growing pauses, and telling an asset that is broken from a server that is busy."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from core.sources.stac.cog import AssetError

TRIES = 6
FIRST_PAUSE = 0.5  # s, doubled each time
LONGEST_PAUSE = 30.0  # s
TIMEOUT = (15, 60)  # s to connect and to answer
BUSY = {408, 425, 429, 500, 502, 503, 504}  # a later try may succeed
RETRIED_BY_SEARCH = sorted(BUSY)

Value = TypeVar("Value")


class Fault(Enum):
    BROKEN = "broken"  # no later try will help
    BUSY = "busy"


class UnreachableError(Exception):
    """A server that did not serve an asset however often it was asked."""


def patiently(read: Callable[[], Value], *, tries: int = TRIES) -> Value:
    """What `read` returns, tried again while the server is busy.

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
            time.sleep(min(LONGEST_PAUSE, max(wait or 0.0, FIRST_PAUSE * 2**turn * random.uniform(0.8, 1.2))))
    raise AssertionError  # the last turn returns or raises


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


def session_io() -> Any:
    """How the STAC API is asked: with timeouts, and again where it is busy."""
    from pystac_client.stac_api_io import StacApiIO
    from urllib3.util.retry import Retry

    retry = Retry(
        total=TRIES,
        backoff_factor=FIRST_PAUSE,
        backoff_jitter=FIRST_PAUSE,
        backoff_max=LONGEST_PAUSE,
        status_forcelist=RETRIED_BY_SEARCH,
        allowed_methods=None,  # searches are POST, and change nothing
        raise_on_status=False,
    )
    return StacApiIO(timeout=TIMEOUT, max_retries=retry)
