"""The demo sites: one hidden vegetation and water state drives reflectance, backscatter, weather and tower GPP.

Everything here is simulated and says so. Public names:

- `DEMO_SITES: dict[str, SiteSpec]`, the six sites by id, with title, place, class and description (cheap to import);
- `simulate_demo(site_id, progress=None) -> SimulatedSite`, one of the six, the same on every machine;
- `simulate(spec, *, seed, size=80, years=(2019, 2022), progress=None) -> SimulatedSite`, any landscape and weather;
- `training_spec(seed) -> SiteSpec`, a random plausible site of a random type, for training models;
- `simulate_towers(progress=None) -> TowerTable`, 30 flux towers (six types x five sites) as daily tables;
- `SimulatedSite(spec, cube, weather, tower, events, truth)`, `TowerTable(sites, daily, truth)`, `Event`, `SiteSpec`.

`progress(fraction: float, message: str)` is called with fractions rising from 0 to 1. What is heavy is imported on
first use, so that listing the sites costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.simulate.events import Event
    from core.simulate.site import SimulatedSite, simulate, simulate_demo
    from core.simulate.spec import DEMO_SITES, SiteSpec
    from core.simulate.towers import TowerTable, simulate_towers
    from core.simulate.variants import training_spec

__all__ = [
    "DEMO_SITES",
    "Event",
    "SimulatedSite",
    "SiteSpec",
    "TowerTable",
    "simulate",
    "simulate_demo",
    "simulate_towers",
    "training_spec",
]

_HOME = {
    "DEMO_SITES": "spec",
    "Event": "events",
    "SimulatedSite": "site",
    "SiteSpec": "spec",
    "TowerTable": "towers",
    "simulate": "site",
    "simulate_demo": "site",
    "simulate_towers": "towers",
    "training_spec": "variants",
}


def __getattr__(name: str) -> Any:
    """Import the module of a public name when it is first asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
