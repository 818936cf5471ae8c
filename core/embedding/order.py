"""What a Dask worker is handed, and what it does with it.

An order carries names and numbers alone: where the site is, which weights, what was decided over the whole site. A
worker opens site and weights itself, through the same readers as the process that plans.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import core
from core.embedding.draft import EMBEDDING, write_block
from core.embedding.engine import Made, make
from core.embedding.frames import Decided, SiteFrames
from core.embedding.layout import Block, Layout
from core.embedding.plan import Plan
from core.embedding.selection import Extent
from core.embedding.weights import open_weights
from core.schema import FluxscapeError, InputError
from core.store import content_digest


@dataclass(frozen=True, kw_only=True, eq=False)
class Order:
    """All that a worker needs to compute blocks of one result."""

    run: str
    version: str  # of Fluxscape
    site: Path  # its folder, on disk or at an address
    decided: Decided
    model: str | Path | None
    weights: str  # digest
    sensors: tuple[str, ...]
    extent: Extent
    layout: Layout
    error: bool
    draft: Path | None  # at an address; None: the blocks are sent back

    @classmethod
    def of(cls, plan: Plan, draft: Path) -> Order:
        """The order for a plan whose result is drafted in this folder."""
        model = plan.model
        if model is not None and Path(model).expanduser().exists():
            model = Path(model).expanduser().resolve()
        return cls(
            run=plan.spec.id,
            version=core.__version__,
            site=plan.frames.folder,
            decided=plan.frames.decided,
            model=model,
            weights=plan.weights.digest,
            sensors=plan.sensors,
            extent=plan.extent,
            layout=plan.layout,
            error=plan.error,
            draft=None if isinstance(draft, Path) else draft,
        )


# ---------------------------------------------------------------- at a worker
SITES_OPEN = 4  # kept open by a worker
_open: OrderedDict[tuple[object, ...], Plan] = OrderedDict()
_opening = threading.Lock()


def work(order: Order, block: Block) -> Made:
    """Compute a block at a worker, and store it there if the result is at an address."""
    try:
        with one_core():
            made = make(_opened(order), block)
        if order.draft is None:
            return made
        import zarr

        write_block(zarr.open_group(str(order.draft / EMBEDDING), mode="r+"), block, made.layers)
        return made._replace(layers={})
    except FluxscapeError as error:
        where = os.uname().nodename
        raise FluxscapeError(f"A worker on {where} could not go on: {error}") from None  # errors of ours travel as text


@contextmanager
def one_core() -> Iterator[None]:
    """A block takes one core, so that as many run at once as a worker has threads; OMP_NUM_THREADS says otherwise."""
    from threadpoolctl import threadpool_limits

    threads = os.environ.get("OMP_NUM_THREADS", "1")
    with threadpool_limits(limits=int(threads) if threads.isdigit() else 1):
        yield


def _opened(order: Order) -> Plan:
    key = (order.run, order.layout, str(order.site))
    with _opening:
        if key not in _open:
            _open[key] = _open_plan(order)
        _open.move_to_end(key)
        while len(_open) > SITES_OPEN:
            _open.popitem(last=False)
        return _open[key]


def _open_plan(order: Order) -> Plan:
    if core.__version__ != order.version:
        raise InputError("version", core.__version__, "of Fluxscape is installed there", f"install {order.version}")
    if content_digest(order.site) != order.decided.digest:
        raise InputError("site", str(order.site), "is another one there", "let all workers see the same storage")
    weights = open_weights(order.model)
    if weights.digest != order.weights:
        raise InputError("model", str(order.model), "is another one there", "let all workers see the same weights")
    frames = SiteFrames(order.site, order.decided)
    frames.present(weights.names)  # opens what further sensors the site has
    return Plan(
        frames=frames,
        weights=weights,
        model=order.model,
        sensors=order.sensors,
        extent=order.extent,
        layout=order.layout,
        error=order.error,
        remarks=(),
    )
