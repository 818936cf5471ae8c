"""Random simulated landscapes, as many as wanted: what models are trained and judged on beside the demo sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.progress import Progress
from core.schema import InputError, SiteInfo
from core.sources.demo import ensure_simulated, simulated_info
from core.store import Workspace

if TYPE_CHECKING:
    from core.simulate import SimulatedSite

SIZE = 48  # pixels along a side: many small places teach more than a few large ones
FIRST_SEED = 1000


def ensure_landscape(
    workspace: Workspace, seed: int, *, size: int = SIZE, progress: Progress | None = None
) -> SiteInfo:
    """The landscape of this seed in the workspace, simulated and published first where it is missing."""
    if seed < 0:
        raise InputError("seed", seed, "is below 0", "give a whole number from 0")
    from core.simulate import simulate, training_spec

    spec = training_spec(seed)

    def make(tell: Progress) -> SimulatedSite:
        return simulate(spec, seed=seed, size=size, progress=tell)

    return ensure_simulated(
        workspace, simulated_info(spec, f"landscape {seed}, {size} pixels"), make, progress=progress
    )
