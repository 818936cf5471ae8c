"""A plan becomes a site of the workspace, day by day; an interrupted fetch goes on where it stopped."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.progress import Progress
from core.schema import (
    S2_BANDS,
    BusyError,
    FluxscapeError,
    InputError,
    SiteInfo,
    WorkspaceError,
)
from core.sources.ingest.account import as_known_place, weather_remarks
from core.sources.ingest.take import Ingested, refuse_taken
from core.sources.site import CUBE, fill_site
from core.sources.stac import values
from core.sources.stac.assemble import bands_with_values, cube_of
from core.sources.stac.assets import Scene
from core.sources.stac.cog import AssetError, Floats, bare, read_scene
from core.sources.stac.parts import OPTICAL, RADAR, Parts
from core.sources.stac.patience import Tell, UnreachableError, patiently
from core.sources.stac.providers import Sign, signer
from core.sources.stac.search import Plan
from core.store import Workspace, check_name

if TYPE_CHECKING:
    import pandas as pd

FETCHED = 0.95  # of the time, by the progress shown; the rest is storing
SHOWN = 3


class InterruptedFetch(FluxscapeError):
    """A fetch that stopped before its end, and can go on."""


@dataclass(kw_only=True)
class Tally:
    """What became of the days."""

    fetched: int = 0
    reused: int = 0
    unseen: int = 0  # days on which the scenes hold no pixel of the box
    broken: dict[str, str] = field(default_factory=dict)  # scene: which asset, and why

    def remarks(self) -> list[str]:
        found = []
        if self.broken:
            some = [f"{scene} ({why})" for scene, why in list(self.broken.items())[:SHOWN]]
            more = len(self.broken) - SHOWN
            many = "scenes" if len(self.broken) > 1 else "scene"
            found.append(
                f"{len(self.broken)} {many} could not be read and left out: {'; '.join(some)}"
                f"{f' and {more} more' if more > 0 else ''}."
            )
        if self.unseen:
            many = "dates hold" if self.unseen > 1 else "date holds"
            found.append(f"{self.unseen} {many} no pixel of the box: left out.")
        return found


@dataclass(frozen=True, kw_only=True)
class Fetched(Ingested):
    """A published site, and how it was fetched."""

    fetched: int  # dates downloaded now
    reused: int  # dates that an interrupted fetch had left
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return super().to_json() | {"fetched": self.fetched, "reused": self.reused, "seconds": round(self.seconds, 1)}


def fetch(
    workspace: Workspace,
    plan: Plan,
    *,
    site: str,
    weather: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Publish what the plan names as the site `site`, with daily `weather` if there is some.

    Interrupted (by the user, a crash or a server that stops answering), the same call goes on where it stopped; with
    any other failure nothing stays behind.
    """
    check_name(site, argument="site")
    refuse_taken(workspace, site)
    began = time.perf_counter()
    try:
        with workspace.draft("sites", site, resume=True) as folder:
            parts, tally = Parts(folder, _asked(plan)), Tally()
            optical, radar = _get_all(plan, parts, tally, progress)
            if progress:
                progress(FETCHED, f"Storing {len(optical)} optical and {len(radar)} radar dates")
            cube = cube_of(parts, plan.grid, optical, radar)
            bands = bands_with_values(parts, optical, radar)
            _check_anything_clear(bands, optical)
            _clear_cube(folder)
            info = fill_site(folder, info=_described(site, plan), cube=cube, weather=weather)
            parts.finish()
    except (InterruptedFetch, BusyError, WorkspaceError):
        raise
    except FluxscapeError:
        _discard(workspace, site)
        raise
    return Fetched(
        info=info,
        bands=bands,
        remarks=(*plan.remarks, *tally.remarks(), *weather_remarks(weather)),
        fetched=tally.fetched,
        reused=tally.reused,
        seconds=time.perf_counter() - began,
    )


def _discard(workspace: Workspace, site: str) -> None:
    for draft in workspace.drafts():
        if draft.shelf == "sites" and draft.name == site:
            workspace.discard(draft)


def _clear_cube(folder: Path) -> None:
    shutil.rmtree(folder / CUBE, ignore_errors=True)  # of a call that was interrupted while it stored


def _asked(plan: Plan) -> dict[str, Any]:
    """What decides the values: a draft asked otherwise is not taken up."""
    request, provider = plan.request, plan.provider
    assert provider.optical is not None
    return {
        "lat": request.lat,
        "lon": request.lon,
        "size_km": request.size_km,
        "crs": plan.grid.crs,
        "orbit": request.orbit,
        "api": provider.api,
        "optical": provider.optical.id,
        "radar": provider.radar.id if provider.radar else "",
        "format": 1,
    }


# ---------------------------------------------------------------- day by day
def _get_all(
    plan: Plan, parts: Parts, tally: Tally, progress: Progress | None
) -> tuple[list[np.datetime64], list[np.datetime64]]:
    """The days of both sensors on which anything was seen."""
    work = [(OPTICAL, day, scenes) for day, scenes in plan.optical.items()]
    work += [(RADAR, day, scenes) for day, scenes in plan.radar.items()]
    sign = signer(plan.provider)
    pace = _Pace(len(work), progress)
    seen: dict[str, list[np.datetime64]] = {OPTICAL: [], RADAR: []}
    for turn, (sensor, day, scenes) in enumerate(work):
        ids = [scene.id for scene in scenes]
        there = parts.done(sensor, day, ids)
        if there is None:
            pace.tell(turn, f"{'optical' if sensor == OPTICAL else 'radar'} {day}")
            there = _get(plan, parts, tally, sensor, day, scenes, sign, pace.tell_of)
            pace.downloaded += 1
        else:
            tally.reused += 1
        if there:
            seen[sensor].append(day)
    if not seen[OPTICAL]:
        broken = next(iter(tally.broken.values()), "")
        problem = f"hold no pixel of the box{f'; {broken}' if broken else ''}"
        raise InputError("scenes", f"{len(plan.optical)} dates", problem, "choose another place, period or archive")
    return seen[OPTICAL], seen[RADAR]


def _get(
    plan: Plan,
    parts: Parts,
    tally: Tally,
    sensor: str,
    day: np.datetime64,
    scenes: Sequence[Scene],
    sign: Sign,
    tell: Tell,
) -> bool:
    """Fetch a day; whether anything was seen on it. A day with a broken scene and no other is not marked as done."""
    read = []
    for scene in scenes:
        try:
            read.append((scene, patiently(lambda scene=scene: _read(scene, plan, sign), tell=tell)))  # type: ignore[misc]
        except AssetError as error:
            tally.broken[scene.id] = f"{bare(error.href).rpartition('/')[2]}: {error.reason}"
        except UnreachableError as error:
            raise InterruptedFetch(
                f"{plan.provider.title} stopped serving images at {day} ({error}); "
                "call it again with the same options to go on from there."
            ) from error
    if not read:
        return False
    image = values.optical(read) if sensor == OPTICAL else values.radar(read)
    anything = any(np.isfinite(stored).any() for _, images in read for stored in images.values())
    tally.fetched += 1
    tally.unseen += not anything
    parts.keep(sensor, day, [scene.id for scene in scenes], image if anything else None)
    return anything


def _read(scene: Scene, plan: Plan, sign: Sign) -> dict[str, Floats]:
    try:
        hrefs = {role: sign(source.href) for role, source in scene.sources.items()}
    except (OSError, ValueError) as error:  # what requests raises, and pydantic of an answer that holds no signature
        raise UnreachableError(f"no signature for {scene.id}") from error
    return read_scene(scene, hrefs, plan.grid)


class _Pace:
    """Tells how far it is and how long it will take, by the days downloaded so far."""

    def __init__(self, days: int, progress: Progress | None) -> None:
        self.days, self.progress, self.downloaded, self.began = days, progress, 0, time.perf_counter()
        self.turn = 0

    def tell(self, turn: int, what: str) -> None:
        self.turn = turn
        if not self.progress:
            return
        left = ""
        if self.downloaded >= 3:
            seconds = (time.perf_counter() - self.began) / self.downloaded * (self.days - turn)
            left = f", about {seconds:.0f} s left" if seconds < 90 else f", about {seconds / 60:.0f} minutes left"
        self.progress(FETCHED * turn / self.days, f"Fetching {what}, {turn + 1} of {self.days} dates{left}")

    def tell_of(self, trouble: str) -> None:
        """What keeps the day at hand waiting."""
        if self.progress:
            self.progress(FETCHED * self.turn / self.days, f"Date {self.turn + 1} of {self.days}: {trouble}")


# ---------------------------------------------------------------- the site
def _check_anything_clear(bands: Sequence[str], optical: Sequence[np.datetime64]) -> None:
    if not set(bands) & set(S2_BANDS):
        problem = "are all under cloud: no pixel of the box is seen on any of them"
        raise InputError("dates", f"{len(optical)}, {optical[0]} to {optical[-1]}", problem, "choose a longer period")


def _described(site: str, plan: Plan) -> SiteInfo:
    request, provider = plan.request, plan.provider
    assert provider.optical is not None
    collections = " and ".join([provider.optical.id, *([provider.radar.id] if provider.radar and plan.radar else [])])
    info = SiteInfo(
        id=site,
        kind="archive",
        title=site,
        lat=request.lat,
        lon=request.lon,
        igbp="",
        licence=provider.licence,
        provenance=f"{collections} of {provider.title} ({provider.api}), {request.start} to {request.end}.",
    )
    return as_known_place(info)
