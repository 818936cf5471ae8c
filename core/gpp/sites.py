"""Sites of the workspace as frames: what a tower's footprint shows, the weather, and the tower's days.

Features are named by kind; `KINDS` says which there are. Embeddings come from a finished run of `core embed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.gpp import footprint as footprints
from core.gpp.clearsky import NAME as CLEARSKY
from core.gpp.clearsky import clear_sky
from core.gpp.columns import INDICES, indices_of
from core.gpp.frames import Frame, Frames, check_enough
from core.schema import S1_BANDS, S2_BANDS, InputError, NotFoundError, SeriesError
from core.sources.site import Site, open_site
from core.store import Run, Workspace

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

EMBEDDING = "embedding"
KINDS: Mapping[str, str] = {  # kind: what it is for a reader
    EMBEDDING: "embedding",
    "bands": "bands",
    "indices": "indices",
    "backscatter": "backscatter",
    "weather": "weather",
    CLEARSKY: "clear-sky radiation",
    "season": "season",
    "tower": "tower",
}
OWN = ("season", "tower")  # what a model may know of towers it is trained on, and only of those
WEATHER_FEATURES = (
    "temperature",
    "radiation",
    "vpd",
    "precipitation",
)  # the columns of a site's weather that are taken
RADIATION = "radiation"  # of the weather, MJ m-2 d-1


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to learn from."""

    sites: tuple[str, ...]
    kinds: tuple[
        str, ...
    ] = ()  # of KINDS; none: the embedding where every site has one, else bands and indices; weather
    footprint: str = footprints.DEFAULT
    runs: Mapping[str, str] = field(default_factory=dict)  # site -> id of its embedding run; else the newest
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
    """The embedding run of each site; refused where they were made by different weights."""
    found = {}
    for site_id in wanted.sites:
        if site_id in wanted.runs:
            run = workspace.run(wanted.runs[site_id])
            if run.spec.kind != EMBEDDING or run.spec.site != site_id:
                raise InputError("--run", run.id, f"is no embedding of {site_id}", "give one of that site")
        else:
            runs = workspace.runs(kind=EMBEDDING, site=site_id)
            if not runs:
                remedy = f"make one with: python -m core embed {site_id}; or choose --features bands,indices,weather"
                raise NotFoundError("site", site_id, "has no embedding", remedy)
            run = runs[0]
        found[site_id] = run
    weights = {run.spec.parameters["weights"]: site_id for site_id, run in found.items()}
    if len(weights) > 1:
        remedy = "embed them by one model, or name the runs with --run"
        raise InputError("SITE", " and ".join(weights.values()), "are embedded by different models", remedy)
    return found


# ---------------------------------------------------------------- one site
def _frame(
    workspace: Workspace, site: Site, kinds: Sequence[str], wanted: Request, run: Run | None
) -> tuple[Frame, dict[str, str], pd.DataFrame]:
    tower = _tower(site, wanted)
    weight = footprints.weights(site.cube, site.info, wanted.footprint)
    measured = _every_day(tower)
    parts: dict[str, pd.DataFrame] = {}
    for kind in kinds:
        if kind == EMBEDDING and run:
            part = embedded(workspace, run, weight)
        elif kind == "tower":
            part = indicators(site.info.id, wanted.sites, measured)
        else:
            part = season(measured) if kind == "season" else LAYERS[kind](site, weight)
        if part.empty:
            raise InputError("--features", kind, f"is not there at {site.info.id}", "leave it out")
        parts[kind] = part
    days = _calendar(tower, list(parts.values()))
    features = _joined(parts.values(), days)
    clear = clear_sky(site.info.lat, site.info.lon, site.info.elevation_m, days)
    beside = _joined(
        [_indices(site, weight)[["NIRv"]], *([_weather(site, weight)] if site.weather is not None else [])], days
    )
    beside = beside[[name for name in ("NIRv", RADIATION) if name in beside]].assign(**{CLEARSKY: clear})
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


def _series(means: xr.DataArray, names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    index = pd.DatetimeIndex(means[means.dims[1]].values, name="time")
    return pd.DataFrame(means.values.T, index=index, columns=list(names))


def _bands(site: Site, weight: xr.DataArray) -> pd.DataFrame:
    layers = site.cube[list(S2_BANDS)].to_dataarray("layer")
    return _series(footprints.means(layers, weight), S2_BANDS).dropna(how="all")


def _indices(site: Site, weight: xr.DataArray) -> pd.DataFrame:
    """Of the footprint's mean reflectance, which is what the sensor would see of it."""
    bands = _bands(site, weight)
    return indices_of(bands, {band: band for band in S2_BANDS}, INDICES)


def _backscatter(site: Site, weight: xr.DataArray) -> pd.DataFrame:
    """dB of the mean power."""
    import pandas as pd

    present = [band for band in S1_BANDS if band in site.cube]
    if not present:
        return pd.DataFrame()
    power = 10 ** (site.cube[present].to_dataarray("layer") / 10)
    seen = _series(footprints.means(power, weight), present).dropna(how="all")
    return seen.apply(lambda column: 10 * np.log10(column))


def _weather(site: Site, weight: xr.DataArray) -> pd.DataFrame:
    import pandas as pd

    if site.weather is None:
        return pd.DataFrame()
    return site.weather[[name for name in WEATHER_FEATURES if name in site.weather]].dropna(how="all", axis=1)


def _clear_sky(site: Site, weight: xr.DataArray) -> pd.DataFrame:
    import pandas as pd

    ends = site.cube["time"].values[[0, -1]]
    days = pd.date_range(pd.Timestamp(ends[0]).floor("D"), pd.Timestamp(ends[1]).floor("D"), freq="D", name="time")
    if site.tower is not None:
        days = pd.DatetimeIndex(days.union(pd.DatetimeIndex(site.tower.index)))
    return clear_sky(site.info.lat, site.info.lon, site.info.elevation_m, days).to_frame()


def season(days: pd.DatetimeIndex) -> pd.DataFrame:
    """Where in the year a day lies, as a point on a circle."""
    import pandas as pd

    angle = 2 * np.pi * days.dayofyear.to_numpy() / 365.25
    return pd.DataFrame({"season sin": np.sin(angle), "season cos": np.cos(angle)}, index=days)


def indicators(site: str, sites: Sequence[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    """A 0/1 column for each tower."""
    import pandas as pd

    return pd.DataFrame({f"tower {name}": float(name == site) for name in sites}, index=days)


def embedded(workspace: Workspace, run: Run, weight: xr.DataArray) -> pd.DataFrame:
    """The footprint's mean of a run's embeddings."""
    from core.embedding.result import open_embedding

    cube = open_embedding(workspace, run.id)
    own = weight.reindex(y=cube["y"], x=cube["x"], method="nearest", tolerance=1.0).fillna(0.0)
    if not float(own.sum()) > 0:
        raise InputError("run", run.id, "does not cover the tower's footprint", "embed the whole site")
    names = [f"embedding {turn + 1}" for turn in range(cube.sizes["feature"])]
    return _series(footprints.means(cube["features"], own / own.sum()), names).dropna(how="all")


LAYERS: Mapping[str, Callable[[Site, xr.DataArray], pd.DataFrame]] = {
    "bands": _bands,
    "indices": _indices,
    "backscatter": _backscatter,
    "weather": _weather,
    CLEARSKY: _clear_sky,
}
