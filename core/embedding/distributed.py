"""The engine on a Dask cluster: each block is a task, so that any worker may compute it, and again if one dies.

A task is an order (`core.embedding.order`) and a block; a worker opens site and weights itself. What it computes comes
back to be stored by this process; a result at an address is stored by the workers, only marked from here.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.embedding.engine import Made
from core.embedding.layout import Block
from core.embedding.order import Order, work
from core.embedding.plan import Plan
from core.schema import InputError
from core.turns import cores

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"
CONNECT_S = 5  # until a scheduler that does not answer is given up
FIRST_WORKER_S = 10  # until one without workers is
WORKERS_S = 120  # for which a cluster may be without any worker: on a busy machine new ones take a while
POLL_S = 1.0
FETCH_S = 10  # for which a finished block may be on its way here
RETRIES = 2  # of a block that fails, e.g. while storage is away; those of a dead worker are counted by Dask
AHEAD = 2  # blocks handed out for each thread of the workers: one at work, one waiting
OWN_CLUSTER = {
    "distributed.comm.timeouts.connect": "120s",  # on a busy machine; Dask's own is 30 s
    # A worker that gives memory back after each layer spends most of its time on asking for it again.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**29,  # bytes; Dask's own is 2**16
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**29,
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 1,  # a heap of a thread's own holds 64 MB at most
}
SILENT = logging.CRITICAL + 1


class Cluster:
    """A crew (see `core.embedding.engine`) of the workers of a Dask cluster."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address
        self._seen = time.monotonic()  # when there was a worker

    def __call__(
        self, plan: Plan, blocks: Sequence[Block], draft: Path, check: Callable[[], None]
    ) -> Generator[Made, None, None]:
        """Blocks as they are finished; a few more than there are threads are under way, so memory is bounded."""
        order, todo = Order.of(plan, draft), iter(blocks)
        under_way: set[Future] = set()
        try:
            while True:
                check()
                for block in islice(todo, max(0, self._room() - len(under_way))):
                    future = self.client.submit(work, order, block, pure=False, retries=RETRIES, key=_key(order, block))
                    under_way.add(future)
                if not under_way:
                    return
                for future in self._finished(under_way):
                    made = self._result(future)
                    if made is not None:
                        under_way.remove(future)
                        yield made
        finally:
            with self._lost_is_said():
                self.client.cancel(list(under_way), force=True)

    # ------------------------------------------------------------ inside
    def _room(self) -> int:
        with self._lost_is_said():
            self._check_workers()
            threads = sum(self.client.nthreads().values())
        return max(1, AHEAD * threads)

    def _finished(self, under_way: set[Future]) -> list[Future]:
        from distributed import wait

        with self._lost_is_said():
            try:
                done = wait(under_way, timeout=POLL_S, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                self._check_workers()
                return []
        return list(done)

    def _check_workers(self) -> None:
        if self.client.nthreads():
            self._seen = time.monotonic()
        if time.monotonic() - self._seen > WORKERS_S:
            remedy = "start workers and run it again: the blocks that are done are kept"
            raise InputError("scheduler", self.address, f"has had no worker for {WORKERS_S} s", remedy)

    def _result(self, future: Future) -> Made | None:
        """None: its worker died before it could be fetched, so it will be computed again."""
        from distributed import KilledWorker

        kept = "the blocks that are done are kept"
        with self._lost_is_said():
            try:
                return future.result(timeout=FETCH_S)
            except TimeoutError:
                self._check_workers()
                return None
            except KilledWorker as error:
                problem = "lost a worker each time it gave it the same block, perhaps for want of memory"
                remedy = f"give its workers fewer threads or more memory and run it again: {kept}"
                raise InputError("scheduler", self.address, problem, remedy) from error
            except ModuleNotFoundError as error:
                remedy = "start its workers with this version of Fluxscape in their path, see docs/distributed.md"
                raise InputError("scheduler", self.address, f"has workers that lack {error.name}", remedy) from error

    @contextmanager
    def _lost_is_said(self) -> Iterator[None]:
        """What comes of a scheduler that went away, as a sentence."""
        from distributed.comm import CommClosedError

        # A connection may break before the client knows that it has lost its scheduler.
        lost = (asyncio.CancelledError, concurrent.futures.CancelledError, CommClosedError)
        try:
            yield
        except (*lost, OSError, RuntimeError) as error:
            if self.client.status == "running" and not isinstance(error, lost):
                raise
            remedy = "start it and run this again: the blocks that are done are kept"
            raise InputError("scheduler", self.address, "went away", remedy) from error


def _key(order: Order, block: Block) -> str:
    """A name of its own for every call: two callers who share a scheduler do not share a task."""
    return f"{order.run}-{block.name}-{os.urandom(4).hex()}"


@contextmanager
def cluster(scheduler: str) -> Iterator[Cluster]:
    """The cluster at tcp://host:port (or tls://...), or one of a process for each core of this machine: `local`."""
    from distributed import Client

    with _quiet():
        if scheduler == LOCAL:
            with _own_cluster() as own, Client(own) as client:
                yield Cluster(client, LOCAL)
            return
        client = _connected(scheduler)
        try:
            yield Cluster(client, scheduler)
        finally:
            client.close(timeout=POLL_S)


def _connected(scheduler: str) -> Client:
    from distributed import Client

    if not scheduler.startswith(("tcp://", "tls://")) or not scheduler.rpartition(":")[2].isdigit():
        raise InputError("scheduler", scheduler, "is no address", f"write it as tcp://host:8786, or give '{LOCAL}'")
    try:
        client: Client = Client(scheduler, timeout=CONNECT_S)
    except (OSError, ValueError, TypeError) as error:
        remedy = f"start one there (docs/distributed.md), or give '{LOCAL}' for the cores of this machine"
        raise InputError("scheduler", scheduler, f"did not answer within {CONNECT_S} s", remedy) from error
    try:
        client.wait_for_workers(1, timeout=FIRST_WORKER_S)
    except (OSError, TimeoutError) as error:
        client.close(timeout=POLL_S)
        raise InputError("scheduler", scheduler, "has no worker", "start some, see docs/distributed.md") from error
    return client


def _own_cluster() -> Any:
    """Reached by this user alone: on the loopback, with keys made for the occasion."""
    import dask
    from distributed import LocalCluster
    from distributed.security import Security

    with dask.config.set(OWN_CLUSTER):
        return LocalCluster(
            n_workers=cores(),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=SILENT,
            preload=["core.embedding.worker"],
            security=Security.temporary(),
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """What goes wrong is said once, by us."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(SILENT)
    try:
        yield
    finally:
        logger.setLevel(before)
