"""The scenes an archive has of a place, by day, and what fetching them would cost; nothing is downloaded here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.schema import S1_BANDS, InputError, NotFoundError
from core.sources.embeddings.grid import Grid
from core.sources.stac.assets import OPTICAL_ROLES, Scene, scene_of
from core.sources.stac.estimate import Estimate
from core.sources.stac.patience import BUSY, Tell, session_io
from core.sources.stac.providers import Collection, Provider, choose
from core.sources.stac.request import Request

if TYPE_CHECKING:
    import pystac_client

PAGE = 100  # items asked for at a time
ITEMS_AT_MOST = 20_000  # ten years of both sensors at the corner of four tiles
UNREACHED = "check the address and the connection, and try again"
BORDERS = Path(__file__).parents[3] / "static" / "borders" / "borders.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """What would be fetched."""

    request: Request
    provider: Provider
    grid: Grid
    optical: dict[np.datetime64, tuple[Scene, ...]]  # by day, in order; scenes in the order pixels are taken from them
    radar: dict[np.datetime64, tuple[Scene, ...]]
    remarks: tuple[str, ...]

    @property
    def estimate(self) -> Estimate:
        return Estimate.of(list(self.optical.values()), list(self.radar.values()), side=len(self.grid.x))

    def to_json(self) -> dict[str, Any]:
        """What there is, and what fetching it would take."""
        estimate, days = self.estimate, {"optical": self.optical, "radar": self.radar}
        return {
            "optical_dates": estimate.optical_dates,
            "radar_dates": estimate.radar_dates,
            "megabytes": estimate.megabytes,
            "seconds": estimate.seconds,
            "height": len(self.grid.y),
            "width": len(self.grid.x),
            "crs": self.grid.crs,
            "dates": {sensor: [str(day) for day in found] for sensor, found in days.items()},
            "remarks": list(self.remarks),
        }


def plan_fetch(
    provider: Provider,
    request: Request,
    *,
    collection: str | None = None,
    radar: bool = True,
    tell: Tell | None = None,
) -> Plan:
    """Search the archive. `collection` names that of Sentinel-2 where it is not found by itself.

    `tell` hears when the archive does not answer and is asked again.
    """
    client = _client(provider, tell)
    if collection is not None:
        provider = replace(provider, optical=Collection(id=collection, scale=1e-4, nodata=0))
    elif provider.optical is None:
        provider = choose(provider, _ids(client, provider))
    assert provider.optical is not None
    optical = _scenes(client, provider, provider.optical, OPTICAL_ROLES, request)
    usable = [scene for scene in optical if len(scene.sources) == len(OPTICAL_ROLES)]
    if not usable:
        raise _nothing(provider, request, found=len(optical))
    remarks = [] if on_land(request.lat, request.lon) else ["By the app's coarse map this place lies in the sea."]
    if len(usable) < len(optical):
        remarks.append(f"{len(optical) - len(usable)} optical scenes lack bands or scene classes and are left out.")
    grid = _grid(request, usable)
    found: list[Scene] = []
    if radar and provider.radar is not None:
        found = _scenes(client, provider, provider.radar, S1_BANDS, request)
        found = [scene for scene in found if _is_of_orbit(scene, request.orbit)]
    if not found and radar:
        remarks.append(_no_radar(provider))
    return Plan(
        request=request,
        provider=provider,
        grid=grid,
        optical=_by_day(_latest(usable), grid),
        radar=_by_day(found, grid),
        remarks=tuple(remarks),
    )


# ---------------------------------------------------------------- asking
def _client(provider: Provider, tell: Tell | None) -> pystac_client.Client:
    import pystac_client

    with _answering(provider):
        return pystac_client.Client.open(provider.api, stac_io=session_io(provider.api, tell))


@contextmanager
def _answering(provider: Provider) -> Iterator[None]:
    """Turn whatever goes wrong in asking the API into a sentence."""
    import pystac
    import requests
    from pystac_client.exceptions import APIError

    try:
        yield
    except (requests.RequestException, OSError) as error:
        raise _unanswered(provider, error) from error
    except (APIError, pystac.errors.STACError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        if isinstance(error.__context__, requests.RequestException):  # pystac-client wraps what requests raises
            raise _unanswered(provider, error.__context__) from error
        if getattr(error, "status_code", None) in BUSY:
            problem = f"is busy (it answers {error.status_code}, however often it is asked)"  # type: ignore[union-attr]
            raise InputError("api", provider.api, problem, "try again later, or choose another archive") from error
        said = " ".join(str(error).split())[:120] or type(error).__name__
        remedy = "check that it is the address of a STAC API"
        raise InputError("api", provider.api, f"does not answer as a STAC API ({said})", remedy) from error


def _unanswered(provider: Provider, error: Exception) -> InputError:
    """That nobody answers, and why, as far as it is known."""
    from urllib3.exceptions import NameResolutionError, NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    why = ""
    if isinstance(reason, NameResolutionError):
        why = " (there is no host of this name, or no connection)"
    elif isinstance(reason, NewConnectionError):
        why = " (the connection is refused)"
    return InputError("api", provider.api, f"does not answer{why}", UNREACHED)


def _ids(client: pystac_client.Client, provider: Provider) -> list[str]:
    with _answering(provider):
        return [collection.id for collection in client.get_collections()]


def _scenes(
    client: pystac_client.Client, provider: Provider, collection: Collection, roles: tuple[str, ...], request: Request
) -> list[Scene]:
    """Every scene of a collection that overlaps the box within the period, in order of time."""
    with _answering(provider):
        search = client.search(
            collections=[collection.id],
            bbox=request.box(),
            datetime=f"{request.start}T00:00:00Z/{request.end}T23:59:59Z",
            limit=PAGE,
            max_items=ITEMS_AT_MOST,
        )
        items = list(search.items())
    found = (scene_of(item, collection, roles) for item in items)
    return sorted(_within([scene for scene in found if scene], request), key=lambda scene: (scene.time, scene.id))


def _within(scenes: Iterable[Scene], request: Request) -> list[Scene]:
    """What a server that takes no notice of box or period should not have sent is left out."""
    first, last = np.datetime64(request.start), np.datetime64(request.end)
    west, south, east, north = request.box()
    kept = []
    for scene in scenes:
        bbox = scene.item.bbox
        flat = None if bbox is None else bbox if len(bbox) == 4 else [bbox[0], bbox[1], bbox[3], bbox[4]]
        apart = (
            flat is not None
            and flat[0] <= flat[2]
            and west <= east  # else one of them crosses the 180th meridian
            and (flat[2] < west or flat[0] > east or flat[3] < south or flat[1] > north)
        )
        if first <= scene.day <= last and not apart:
            kept.append(scene)
    return kept


def _is_of_orbit(scene: Scene, orbit: str) -> bool:
    stated = str(scene.item.properties.get("sat:orbit_state", "")).lower()
    return orbit == "both" or stated in ("", orbit)


# ---------------------------------------------------------------- sorting
def _grid(request: Request, scenes: Sequence[Scene]) -> Grid:
    """The one grid: in the UTM zone of the middle, or, where no scene is, in the one most scenes are in."""
    own = request.grid()
    stated = [scene.crs for scene in scenes if scene.crs]
    if not stated or own.crs in stated:
        return own
    zones = [crs for crs in stated if crs.startswith(("EPSG:326", "EPSG:327"))]
    return request.grid(max(set(zones), key=lambda crs: (zones.count(crs), crs))) if zones else own


def _latest(scenes: Sequence[Scene]) -> list[Scene]:
    """Without what was processed again: of one tile and overpass, the highest processing baseline."""
    best: dict[tuple[str, str], float] = {}
    for scene in scenes:
        best[_overpass(scene)] = max(scene.baseline, best.get(_overpass(scene), 0.0))
    return [scene for scene in scenes if scene.baseline == best[_overpass(scene)]]


def _overpass(scene: Scene) -> tuple[str, str]:
    return (scene.tile or scene.id, str(scene.time.astype("datetime64[h]")))


def _by_day(scenes: Sequence[Scene], grid: Grid) -> dict[np.datetime64, tuple[Scene, ...]]:
    """Scenes by day; first those that need no warping, then the latest processed."""
    days: dict[np.datetime64, list[Scene]] = {}
    for scene in sorted(scenes, key=lambda scene: scene.made, reverse=True):
        days.setdefault(scene.day, []).append(scene)
    return {
        day: tuple(sorted(days[day], key=lambda scene: (scene.crs != grid.crs, -scene.baseline)))
        for day in sorted(days)
    }


# ---------------------------------------------------------------- nothing there
def _nothing(provider: Provider, request: Request, *, found: int) -> NotFoundError:
    assert provider.optical is not None
    west, south, east, north = request.box()
    where = f"{provider.optical.id} at {provider.title} from {request.start} to {request.end}"
    box = f"{west:.4f} {south:.4f} {east:.4f} {north:.4f}"
    if found:
        problem = f"has {found} scenes of {where}, none with all bands and scene classes"
        return NotFoundError("place", _place(request), problem, "choose another archive or collection")
    sea = "; it lies in the sea" if not on_land(request.lat, request.lon) else ""
    problem = f"has no scene of {where} in the box {box} (west south east north){sea}"
    return NotFoundError("place", _place(request), problem, "choose another place, period or archive")


def _place(request: Request) -> str:
    return f"{request.lat:.4f}, {request.lon:.4f}"


def _no_radar(provider: Provider) -> str:
    if not provider.searched_radar:
        return f"{provider.title} has no terrain-corrected Sentinel-1: the site is optical alone."
    return "There is no terrain-corrected Sentinel-1 of this place and period: the site is optical alone."


def on_land(lat: float, lon: float) -> bool:
    """By the coarse land map that the app draws; shores may be off by some kilometres."""
    from shapely.geometry import Point, shape

    features: list[dict[str, Any]] = json.loads(BORDERS.read_text(encoding="utf-8"))["features"]
    land = next(shape(one["geometry"]) for one in features if one["properties"].get("name") == "land")
    return bool(land.buffer(0).contains(Point(lon, lat)))
