"""The same work on many sites: several at once if wished, and what goes wrong with one leaves the others alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple, TypeVar

from core.progress import Progress
from core.schema import FluxscapeError

Found = TypeVar("Found")
Stop = Callable[[], bool]
AT_ONCE = 4  # sites of which blocks are handed to a cluster at the same time
POLL_S = 0.5


class Outcomes(NamedTuple):
    """By site, in the order asked for."""

    found: dict[str, Any]
    failed: dict[str, FluxscapeError]


def each(
    sites: Sequence[str], make: Callable[[str, Progress, Stop], Found], *, progress: Progress, at_once: int
) -> Outcomes:
    """`make(site, progress, stop)` of every site. Ctrl-C has all of them stop, and is raised when they have."""
    stopped, told = threading.Event(), _Together(sites, progress)
    if at_once == 1 or len(sites) == 1:
        results = {site: _caught(make, site, told.of(site), stopped.is_set) for site in sites}
    else:
        with ThreadPoolExecutor(at_once) as pool:
            asked = {site: pool.submit(_caught, make, site, told.of(site), stopped.is_set) for site in sites}
            try:
                results = _waited(asked)
            except BaseException:
                stopped.set()
                pool.shutdown(cancel_futures=True)
                raise
    failed = {site: result for site, result in results.items() if isinstance(result, FluxscapeError)}
    return Outcomes({site: result for site, result in results.items() if site not in failed}, failed)


def _caught(make: Callable[[str, Progress, Stop], Found], site: str, progress: Progress, stop: Stop) -> Any:
    try:
        return make(site, progress, stop)
    except FluxscapeError as error:
        return error


def _waited(asked: dict[str, Future[Any]]) -> dict[str, Any]:
    """The results; in small steps, so that Ctrl-C is heard. What nobody foresaw in one site is raised at once."""
    left = set(asked.values())
    while left:
        done, left = wait(left, timeout=POLL_S, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
    return {site: future.result() for site, future in asked.items()}


class _Together:
    """The progress of all sites as one."""

    def __init__(self, sites: Sequence[str], progress: Progress) -> None:
        self.shares, self.progress, self.lock = dict.fromkeys(sites, 0.0), progress, threading.Lock()

    def of(self, site: str) -> Progress:
        def report(share: float, text: str) -> None:
            with self.lock:
                self.shares[site] = share
                whole = sum(self.shares.values()) / len(self.shares)
                self.progress(whole, text if len(self.shares) == 1 else f"{site}: {text}")

        return report
