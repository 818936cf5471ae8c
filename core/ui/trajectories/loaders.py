"""What the Trajectories page reads, kept between reruns and sessions under the run's digest and the place in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.clustering.result import KIND as CLUSTERS
from core.clustering.result import names_of, open_clusters
from core.embedding.result import open_embedding
from core.frames import Frames
from core.gapfill import FilledSeries, Method, fill_days
from core.images import value_frames
from core.progress import Report
from core.schema import FluxscapeError, InputError
from core.sources.site import Site
from core.store import Run, content_digest
from core.trajectories.basis import Basis, basis_for
from core.trajectories.find import find_events, latitude_of
from core.trajectories.known import Known, known_events
from core.trajectories.paths import Path, read_path, read_paths
from core.trajectories.places import Place, place_of
from core.trajectories.regions import Event
from core.trajectories.season import Season
from core.trajectories.season_maps import SeasonMaps, season_maps
from core.trajectories.season_sources import index_series, seasons_by_source
from core.trajectories.season_sources import tower_gpp as gpp_of
from core.trajectories.sensors import Seen, backscatter_of
from core.trajectories.unusual import Curve, summer_of, unusual_curve, unusual_map, year_shifts
from core.trajectories.vigour import VigourAxis, vigour_axis
from core.ui import loaders as sites
from core.ui.embed.loaders import Embedding

PLACES_KEPT = 32  # paths and what is told of them, a few kB each
AT_ONCE = 200  # pixels of a place that are drawn one by one
EVENT = "event:"  # how a place begins that is the n-th event of a run


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Events of a run, and what could not be told."""

    events: tuple[Event, ...]
    remarks: tuple[str, ...]


def basis(run: Run, digest: str) -> Basis:
    """The axes of a run's model."""
    return _basis(run, digest)


def place(found: Embedding, site: Site | None, words: str) -> Place:
    """A place in words, or one of the events that were found."""
    if words.startswith(EVENT):
        event = events(found, site).events[int(words.removeprefix(EVENT))]
        return Place(kind="area", label=f"{event.kind}, {event.date}", weights=event.mask / event.mask.sum())
    return place_of(sites.workspace(), found.cube, words)


def clusters(found: Embedding) -> dict[str, str]:
    """Every cluster of the stored clusterings of this very embedding: "RUN:NUMBER" and its name, the newest first."""
    named = {}
    for run in sites.workspace().runs(kind=CLUSTERS):
        if run.notes.get("embedding") == found.run.id:
            names = names_of(run)
            for number in _cluster_numbers(run, run.id):
                name = names.get(number) or f"cluster {number} of {run.notes.get('k', '?')}"
                named[f"{run.id}:{number}"] = f"{name}, {run.id[-4:]}"
    return named


def path(found: Embedding, site: Site | None, words: str) -> Path:
    """A place through all dates of an embedding."""
    return _path(found, site, found.digest, words)


def path_of(run: Run, words: str) -> Path:
    """A place through all dates of another embedding than the one on the screen."""
    if words.startswith(EVENT):
        remedy = "follow a pixel, an area or the whole site"
        raise InputError("place", "event", "belongs to one embedding and is not known to another", remedy)
    return _path_of(run, content_digest(run.path), words)


def pixel_paths(found: Embedding, site: Site | None, words: str) -> list[Path]:
    """Single pixels of a place, `AT_ONCE` at most, evenly spread over it."""
    return _pixel_paths(found, site, found.digest, words)


def sensors(found: Embedding, site: Site, words: str) -> dict[str, Seen]:
    """What the sensors saw there, by quantity with its unit."""
    return _sensors(found, site, found.digest, site.digest, words)


def tower_gpp(site: Site | None) -> Seen | None:
    """Measured daily GPP of the site's tower, gC m-2 d-1."""
    return gpp_of(site.tower) if site else None


def filled(
    found: Embedding,
    site: Site | None,
    words: str,
    dims: tuple[int, ...],
    way: Method,
    report: Report = lambda share: None,
) -> dict[int, FilledSeries]:
    """Some values of a path on every day."""
    done = {}
    for turn, dim in enumerate(dims):
        report(turn / len(dims))
        done[dim] = _filled(found, site, found.digest, words, dim, way)
    return done


def season_dates(found: Embedding, site: Site | None, words: str) -> tuple[list[Season], list[str], VigourAxis]:
    """The seasons of a place by every source there is, what could not be told, and the axis they were read from."""
    return _seasons(found, site, found.digest, site.digest if site else "", words)


def season_maps_of(found: Embedding, site: Site | None, report: Report) -> SeasonMaps:
    """The season of every pixel and year; `slow` keeps it."""
    return season_maps(found.cube, vigour(found, site), report=report)


def unusual_frames(found: Embedding, report: Report) -> Frames:
    """How unusual each pixel was on each date, as pictures; `slow` keeps them."""
    features = found.features.transpose("feature", "time", "y", "x")
    distance = unusual_map(features.values, features["time"].values, report=report)
    layer = features[0].drop_vars("feature", errors="ignore").copy(data=distance)
    layer.attrs["crs"] = str(found.cube.attrs.get("crs", ""))
    return value_frames(layer, label="times the ordinary", limits=(0.0, 4.0))


def vigour(found: Embedding, site: Site | None) -> VigourAxis:
    """The direction in which an embedding is greener."""
    return _vigour(found, site, found.digest, site.digest if site else "")


class Departures(NamedTuple):
    """How unusual a place was: each date, each year as a whole, and each summer."""

    curve: Curve
    years: dict[int, float]
    summers: dict[int, float]


def curve(found: Embedding, site: Site | None, words: str) -> Departures:
    """How unusual each date of a place was, and each year."""
    return _curve(found, site, found.digest, words)


def events(found: Embedding, site: Site | None, report: Report = lambda share: None) -> Sought:
    """Everything that happened in an embedding."""
    return _events(found, site, found.digest, site.digest if site else "", report)


def known(site: Site) -> list[Known]:
    """What is known to have happened at a simulated site."""
    return _known(site, site.digest)


# ---------------------------------------------------------------- inside
@st.cache_resource(max_entries=8, show_spinner="Fitting the axes of the model, once …")
def _basis(_run: Run, digest: str) -> Basis:
    return basis_for(sites.workspace(), _run.id)


@st.cache_resource(max_entries=PLACES_KEPT, show_spinner=False)
def _cluster_numbers(_run: Run, run_id: str) -> tuple[int, ...]:
    labels = open_clusters(sites.workspace(), run_id).labels
    return tuple(int(number) for number in np.unique(labels[labels > 0]))


@st.cache_resource(max_entries=PLACES_KEPT, show_spinner=False)
def _path(_found: Embedding, _site: Site | None, digest: str, words: str) -> Path:
    where = place(_found, _site, words)
    return _read(_found, [where])[0]


@st.cache_resource(max_entries=PLACES_KEPT, show_spinner="Reading the other embedding …")
def _path_of(_run: Run, digest: str, words: str) -> Path:
    cube = open_embedding(sites.workspace(), _run.id)
    return read_path(cube, place_of(sites.workspace(), cube, words), run=_run.id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _pixel_paths(_found: Embedding, _site: Site | None, digest: str, words: str) -> list[Path]:
    where = place(_found, _site, words)
    there = np.flatnonzero(where.weights.ravel())
    chosen = there[np.unique(np.linspace(0, len(there) - 1, min(AT_ONCE, len(there))).astype(int))]
    singles = []
    for flat in chosen:
        weights = np.zeros(where.weights.size)
        weights[flat] = 1.0
        row, column = divmod(int(flat), where.weights.shape[1])
        shape = where.weights.shape
        singles.append(Place(kind="pixel", label=f"pixel {row}, {column}", weights=weights.reshape(shape)))
    seen = np.isfinite(_found.features[0].values).any(axis=0)
    return _read(_found, [one for one in singles if (one.weights.astype(bool) & seen).any()])


def _read(found: Embedding, places: list[Place]) -> list[Path]:
    """Only the rows and columns that the places lie in are looked at."""
    inside = np.logical_or.reduce([one.weights > 0 for one in places])
    rows, cols = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    window = (slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1))
    part = found.cube.isel(y=window[0], x=window[1])
    cut = [replace(one, weights=one.weights[window]) for one in places]
    return read_paths(part, cut, run=found.run.id)


@st.cache_resource(max_entries=PLACES_KEPT, show_spinner=False)
def _sensors(_found: Embedding, _site: Site, digest: str, site_digest: str, words: str) -> dict[str, Seen]:
    where = place(_found, _site, words)
    read, radar = index_series(_site.cube, _found.cube, where), backscatter_of(_site.cube, _found.cube, where)
    known = radar is not None and np.isfinite(radar.values).any()
    return read | ({"VH (dB)": radar} if radar and known else {})


@st.cache_resource(max_entries=PLACES_KEPT, show_spinner=False)
def _filled(_found: Embedding, _site: Site | None, digest: str, words: str, dim: int, way: Method) -> FilledSeries:
    own = path(_found, _site, words)
    return fill_days(own.days, own.values[:, dim], method=way, name=f"{own.label}, value {dim + 1}")


@st.cache_resource(max_entries=4, show_spinner="Reading how green the site was …")
def _vigour(_found: Embedding, _site: Site | None, digest: str, site_digest: str) -> VigourAxis:
    return vigour_axis(_found.cube, _site.cube if _site else None)


@st.cache_resource(max_entries=PLACES_KEPT, show_spinner=False)
def _seasons(
    _found: Embedding, _site: Site | None, digest: str, site_digest: str, words: str
) -> tuple[list[Season], list[str], VigourAxis]:
    axis, own = _vigour(_found, _site, digest, site_digest), path(_found, _site, words)
    seen = sensors(_found, _site, words) if _site else {}
    told, remarks = seasons_by_source(own, axis, seen, tower_gpp(_site))
    return told, remarks, axis


@st.cache_resource(max_entries=PLACES_KEPT, show_spinner=False)
def _curve(_found: Embedding, _site: Site | None, digest: str, words: str) -> Departures:
    own = path(_found, _site, words)
    found = unusual_curve(own.values, own.days)
    months = summer_of(latitude_of(_found.cube))
    summers = year_shifts(found, own.values, own.days, months=months)
    return Departures(found, year_shifts(found, own.values, own.days), summers)


@st.cache_resource(max_entries=4, show_spinner=False)
def _events(_found: Embedding, _site: Site | None, digest: str, site_digest: str, _report: Report) -> Sought:
    axis = _vigour(_found, _site, digest, site_digest)
    told, remarks = find_events(_found.cube, _site.cube if _site else None, axis=axis, report=_report)
    return Sought(events=tuple(told), remarks=remarks)


@st.cache_resource(max_entries=4, show_spinner=False)
def _known(_site: Site, digest: str) -> list[Known]:
    try:
        return known_events(sites.workspace(), _site.info.id, without=())
    except FluxscapeError:
        return []
