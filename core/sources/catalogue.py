"""All sites a user can choose: those in the workspace, the demo sites not yet made, and known places without data."""

from core.schema import SiteInfo
from core.sources.demo import demo_infos
from core.sources.places import known_places
from core.store import Workspace


def catalogue(workspace: Workspace) -> list[SiteInfo]:
    """Every site once, with data before without; a site in the workspace stands in for the demo or place of its id."""
    sites = {info.id: info for info in workspace.sites()}
    for info in (*demo_infos(), *known_places()):
        sites.setdefault(info.id, info)
    return list(sites.values())
