"""The simulated demo sites: known before they are made, made on first use, and again when the simulator has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.progress import Progress
from core.schema import NotFoundError, SiteInfo
from core.simulate.spec import DEMO_SEEDS, DEMO_SITES, SIMULATOR_VERSION, SiteSpec
from core.store import Workspace

if TYPE_CHECKING:
    from core.simulate import SimulatedSite

SIMULATED_SHARE = 0.9  # of the time, by the progress shown; the rest is storing


def demo_infos() -> list[SiteInfo]:
    """The demo sites as they are known before they are made: place, class and description, no data yet."""
    return [demo_info(site_id) for site_id in DEMO_SITES]


def demo_info(site_id: str) -> SiteInfo:
    if site_id not in DEMO_SITES:
        raise NotFoundError("site", site_id, "is no demo site", f"choose one of: {', '.join(DEMO_SITES)}")
    return simulated_info(DEMO_SITES[site_id], f"seed {DEMO_SEEDS[site_id]}")


def simulated_info(spec: SiteSpec, origin: str) -> SiteInfo:
    """What is known of a simulated site before it is made; `origin` tells apart what one spec can become."""
    return SiteInfo(
        id=spec.id,
        kind="simulated",
        title=spec.title,
        lat=spec.lat,
        lon=spec.lon,
        igbp=spec.igbp,
        elevation_m=spec.elevation_m,
        description=spec.description,
        licence="CC0-1.0",
        provenance=f"Simulated by Fluxscape's simulator, version {SIMULATOR_VERSION}, {origin}.",
    )


def ensure_demo(
    workspace: Workspace, site_id: str, *, again: bool = False, progress: Progress | None = None
) -> SiteInfo:
    """The demo site of this id in the workspace, simulated and published first where it is missing or outdated.

    With `again` it is made anew in any case: the way out when its files are damaged.
    """

    def make(tell: Progress) -> SimulatedSite:
        from core.simulate import simulate_demo

        return simulate_demo(site_id, progress=tell)

    return ensure_simulated(workspace, demo_info(site_id), make, again=again, progress=progress)


def ensure_simulated(
    workspace: Workspace,
    wanted: SiteInfo,
    make: Callable[[Progress], SimulatedSite],
    *,
    again: bool = False,
    progress: Progress | None = None,
) -> SiteInfo:
    """The site `wanted` in the workspace, made first where it is missing or of another origin."""
    stored = next((info for info in workspace.sites() if info.id == wanted.id), None)
    if stored is not None and stored.provenance == wanted.provenance and not again:
        return stored
    if any(error.value == wanted.id for error in workspace.problems()) or stored is not None:
        workspace.remove_site(wanted.id, again=True)
    with workspace.draft("sites", wanted.id) as folder:
        from core.sources.site import fill_site

        site = make(until_stored(progress))
        return fill_site(
            folder,
            info=wanted,
            cube=site.cube,
            weather=site.weather,
            tower=site.tower,
            truth=site.truth,
            events=[event.to_json() for event in site.events],
        )


def until_stored(progress: Progress | None) -> Progress:
    """A reporter for the simulator, whose end is not yet the end: its result has to be stored."""

    def report(share: float, doing: str) -> None:
        if progress:
            progress(share * SIMULATED_SHARE, doing if share < 1 else "Storing what was simulated")

    return report
