"""Sites of the workspace as frames: what a tower's footprint shows, the weather, and the tower's days.

Features are named by kind; `layers.KINDS` says which there are. Embeddings come from a finished run of `core embed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.gpp import footprint as footprints
from core.gpp.clearsky import NAME as CLEARSKY
from core.gpp.clearsky import clear_sky
from core.gpp.columns import READ_OUT
from core.gpp.frames import Frame, Frames, check_enough
from core.gpp.layers import EMBEDDING, KINDS, LAYERS, RADIATION, Views, embedded, indicators, indices, season, weather
from core.schema import InputError, NotFoundError, SeriesError
from core.sources.site import Site, open_site
from core.store import Run, Workspace

if TYPE_CHECKING:
    import pandas as pd

OWN = ("season", "tower")  # what a model may know of towers it is trained on, and only of those


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to learn from."""

    sites: tuple[str, ...]
    kinds: tuple[
        str, ...
    ] = ()  # of layers.KINDS; none: the embedding where every site has one, else bands and indices; weather
    footprint: str = footprints.DEFAULT
    runs: Mapping[str, str] = field(default_factory=dict)  # site -> its embedding run; else newest by shared model
    towers: Mapping[str, Path] = field(default_factory=dict)  # site -> a tower file in place of the site's own series
    tower_choice: Mapping[str, str] = field(default_factory=dict)  # columns of tower files, as core.flux has them
    min_quality: float = 0.7

    def to_json(self) -> dict[str, Any]:
        """All that decides the features, as JSON."""
        paths = {site: Path(path).name for site, path in self.towers.items()}
        data = asdict(self) | {"sites": list(self.sites), "kinds": list(self.kinds), "towers": paths}
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in data.items()}


def open_sites(workspace: Workspace, wanted: Request) -> Frames:
    """Frames of the sites; every breach is one sentence."""
    if len(set(wanted.sites)) < len(wanted.sites):
        raise InputError("SITE", " ".join(wanted.sites), "names a site twice", "name each once")
    unknown = [kind for kind in wanted.kinds if kind not in KINDS]
    if unknown:
        raise InputError("--features", ", ".join(unknown), "is no kind of feature", f"choose of: {', '.join(KINDS)}")
    kinds = wanted.kinds or usual_kinds(workspace, wanted.sites)
    runs = embedding_runs(workspace, wanted) if EMBEDDING in kinds else {}
    frames: list[Frame] = []
    groups: dict[str, str] = {}
    extra: dict[str, pd.DataFrame] = {}
    for site_id in wanted.sites:
        site = open_site(workspace, site_id)
        frame, made, beside = _frame(workspace, site, kinds, wanted, runs.get(site_id))
        missing = groups.keys() ^ made.keys() if groups else set()
        if missing:
            problem = f"has other features than {frames[0].site}: {', '.join(sorted(missing)[:4])}"
            raise InputError("SITE", site_id, problem, "choose --features that all sites have")
        frames.append(frame)
        groups, extra[site_id] = made, beside
    measured = all(RADIATION in beside for beside in extra.values())
    light = RADIATION if measured else CLEARSKY
    return check_enough(
        Frames(frames=tuple(frames), groups=groups, nirv="NIRv", radiation=light, extra=extra), each=True
    )


def resolved(workspace: Workspace, wanted: Request) -> Request:
    """With the kinds and embedding runs that `open_sites` would take, by name."""
    kinds = wanted.kinds or usual_kinds(workspace, wanted.sites)
    runs = embedding_runs(workspace, wanted) if EMBEDDING in kinds else {}
    return replace(wanted, kinds=kinds, runs={site: run.id for site, run in runs.items()})


def usual_kinds(workspace: Workspace, sites: Sequence[str]) -> tuple[str, ...]:
    """What is taken where no kind is named."""
    embedded = {run.spec.site for run in workspace.runs(kind=EMBEDDING)}
    seen = (EMBEDDING,) if set(sites) <= embedded else ("bands", "indices", "backscatter")
    return (*seen, "weather", CLEARSKY)


def embedding_runs(workspace: Workspace, wanted: Request) -> dict[str, Run]:
    """The embedding run of each site, the newest by weights that all sites were embedded by; refused without such."""
    if not wanted.sites:
        return {}
    found = {site_id: _choice(workspace, site_id, wanted.runs.get(site_id)) for site_id in wanted.sites}
    shared = set.intersection(*({_maker(run) for run in runs} for runs in found.values()))
    if not shared:
        told = ", ".join(f"{site_id} by {_models(runs)}" for site_id, runs in found.items())
        remedy = "embed them by one model, or choose others with --run"
        raise InputError("SITE", told, "are embedded by different models", remedy)
    newest = next(_maker(run) for run in next(iter(found.values())) if _maker(run) in shared)
    return {site_id: next(run for run in runs if _maker(run) == newest) for site_id, runs in found.items()}


def _choice(workspace: Workspace, site_id: str, named: str | None) -> list[Run]:
    """The run that was named for a site, else all of its embeddings, newest first."""
    if named is None:
        if runs := workspace.runs(kind=EMBEDDING, site=site_id):
            return runs
        remedy = f"make one with: python -m core embed {site_id}; or choose --features bands,indices,weather"
        raise NotFoundError("site", site_id, "has no embedding", remedy)
    run = workspace.run(named)
    if run.spec.kind != EMBEDDING or run.spec.site != site_id:
        raise InputError("--run", run.id, f"is no embedding of {site_id}", "give one of that site")
    return [run]


def _models(runs: Sequence[Run]) -> str:
    return " or ".join(dict.fromkeys(str(run.notes.get("model") or run.id) for run in runs))


def _maker(run: Run) -> tuple[str, ...]:
    """What made an embedding: its weights, or of a loaded one what it says of itself."""
    told = run.spec.parameters
    return tuple(str(told.get(name, "")) for name in ("weights", "model", "model_version"))


# ---------------------------------------------------------------- one site
def _frame(
    workspace: Workspace, site: Site, kinds: Sequence[str], wanted: Request, run: Run | None
) -> tuple[Frame, dict[str, str], pd.DataFrame]:
    tower = _tower(site, wanted)
    weight = footprints.weights(site.cube, site.info, wanted.footprint)
    views = Views(site, weight)
    measured = _every_day(tower)
    parts: dict[str, pd.DataFrame] = {}
    for kind in kinds:
        if kind == EMBEDDING and run:
            part = embedded(workspace, run, weight)
        elif kind == "tower":
            part = indicators(site.info.id, wanted.sites, measured)
        else:
            part = season(measured) if kind == "season" else LAYERS[kind](views)
        if part.empty:
            raise InputError("--features", kind, f"is not there at {site.info.id}", "leave it out")
        parts[kind] = part
    days = _calendar(tower, list(parts.values()))
    features = _joined(parts.values(), days)
    clear = clear_sky(site.info.lat, site.info.lon, site.info.elevation_m, days)
    seen = list(READ_OUT) if EMBEDDING in kinds else ["NIRv"]
    beside = _joined([indices(views)[seen], *([weather(views)] if site.weather is not None else [])], days)
    beside = beside[[name for name in (*seen, RADIATION) if name in beside]].assign(**{CLEARSKY: clear})
    valid = tower["gpp"].notna() & ~tower["filled"].astype(bool) & (tower["quality"] >= wanted.min_quality)
    frame = Frame(
        site=site.info.id,
        features=features,
        target=tower["gpp"].where(valid).reindex(days),
        quality=tower["quality"].reindex(days),
        igbp=site.info.igbp,
    )
    groups = {str(name): KINDS[kind] for kind, part in parts.items() for name in part}
    return frame, groups, beside


def _tower(site: Site, wanted: Request) -> pd.DataFrame:
    if site.info.id in wanted.towers:
        from core.flux.desk import Choice, read_tower

        choice = Choice(**wanted.tower_choice)  # type: ignore[arg-type]
        return read_tower(wanted.towers[site.info.id], choice=choice).daily()
    if site.tower is None:
        raise SeriesError("site", site.info.id, "comes with no tower", f"give its file: --tower {site.info.id}=FILE")
    return site.tower


def _every_day(tower: pd.DataFrame) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.DatetimeIndex(tower.index)


def _calendar(tower: pd.DataFrame, parts: Sequence[pd.DataFrame]) -> pd.DatetimeIndex:
    """Every day from the first that anything is known of to the tower's last."""
    import pandas as pd

    first = min([tower.index[0], *(part.index[0] for part in parts)]).floor("D")
    return pd.date_range(first, tower.index[-1], freq="D", name="time")


def _joined(parts: Iterable[pd.DataFrame], days: pd.DatetimeIndex) -> pd.DataFrame:
    import pandas as pd

    daily = [part.groupby(pd.DatetimeIndex(part.index).floor("D")).mean().reindex(days) for part in parts]
    return pd.concat(daily, axis=1)
