"""What the Clusters page computes, kept between reruns and sessions under the run's content digest and the question."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.clustering.assign import Clusters, ClusterSpec, find_clusters
from core.clustering.basis import FeatureSpec, completed
from core.clustering.features import read_features
from core.clustering.space import Space, principal_space
from core.clustering.studies import NEIGHBOURS, NUMBER, find_study, open_number, open_plane
from core.clustering.suggest import Suggestion
from core.frames import Grid, nearest_date
from core.labelling.classmap import ClassMap, class_map
from core.labelling.judge import window_of
from core.labelling.labels import Labels
from core.progress import Report
from core.schema import InputError
from core.similarity.compare import Measure, Searchable, compare
from core.similarity.sites import Refused, SiteMatch, elsewhere
from core.sources.site import Site
from core.store import Run
from core.ui import loaders as sites
from core.ui.embed import loaders as embeddings
from core.ui.embed.loaders import PRINCIPAL, Embedding

SPACES_KEPT = 4  # features with their components; a path of a demo site takes 7 MB
READING = 0.95  # of the time until pixels can be compared; the rest is their components
VIEWS = 25  # dates that are looked through for a view of the ground
MAPS_KEPT = 32  # maps of clusters or classes


class Ground(NamedTuple):
    """The picture under a map, RGBA (rows, cols, 4), and the share of it that was not seen on the date itself."""

    picture: NDArray[np.uint8]
    filled: float


def spec_of(found: Embedding, spec: FeatureSpec) -> FeatureSpec:
    """The question with every date it needs: what everything is kept under."""
    return _spec(found, found.digest, spec)


def is_read(found: Embedding, spec: FeatureSpec) -> bool:
    """Whether the features of an embedding are there already."""
    return (found.digest, spec_of(found, spec)) in _kept()


def read(found: Embedding, spec: FeatureSpec, report: Report) -> bool:
    """Read them, and bring the pixels together; True, once they are there."""
    spec = spec_of(found, spec)
    features = read_features(found.cube, spec, report=lambda share: report(READING * share))
    _keep(found, spec, Searchable(features=features))
    _space(found, found.digest, spec)
    return True


def searchable(found: Embedding, spec: FeatureSpec) -> Searchable:
    """The features of an embedding, ready to be compared."""
    return _searchable(found, spec_of(found, spec))


def space(found: Embedding, spec: FeatureSpec) -> Space:
    """Their principal components."""
    return _space(found, found.digest, spec_of(found, spec))


def clusters(found: Embedding, spec: FeatureSpec, how: ClusterSpec) -> Clusters:
    """Clusters as found, before any number is kept."""
    return _clusters(found, found.digest, spec_of(found, spec), how)


def suggestion(found: Embedding, spec: FeatureSpec) -> Suggestion | None:
    """How many clusters; None as long as nobody found out: that takes seconds."""
    run = find_study(sites.workspace(), NUMBER, found.run, spec_of(found, spec))
    return None if run is None else _suggestion(run, run.id)


def plane(found: Embedding, spec: FeatureSpec) -> NDArray[np.float32] | None:
    """The pixels (rows, cols, 2) with those that behave alike side by side; None as long as nobody arranged them."""
    run = find_study(sites.workspace(), NEIGHBOURS, found.run, spec_of(found, spec))
    return None if run is None else _plane(run, run.id)


def ground(found: Embedding, site: Site | None, spec: FeatureSpec, *, date: str) -> Ground:
    """What lies under a map: true colour at `date`, or the embedding where nobody knows it.

    Where the ground was not seen on that date its nearest view is taken; pixels that take no part are clear.
    """
    own = site.digest if site else ""
    return _ground(found, site, found.digest, own, spec_of(found, spec), date)


def grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture without its colours, for an overlay that would be lost among them."""
    picture = picture.copy()
    picture[..., :3] = picture[..., :3].mean(axis=2, keepdims=True)
    return picture


def date_of(found: Embedding, date: str) -> str:
    """The date of an embedding nearest to `date`, ISO."""
    days = found.features["time"].values.astype("datetime64[D]")
    return str(days[nearest_date(days, date)])


def similarity(found: Embedding, spec: FeatureSpec, area: NDArray[np.bool_], measure: Measure) -> NDArray[np.float32]:
    """Similarity (rows, cols) of every pixel to an area: fast enough not to be kept."""
    ready = searchable(found, spec)
    return compare(ready, ready.place(area), measure=measure)


def other_sites(
    found: Embedding, spec: FeatureSpec, area: NDArray[np.bool_], measure: Measure, threshold: float
) -> tuple[list[SiteMatch], list[Refused]]:
    """How much of every other site is like an area; reads their embeddings."""
    runs = tuple(run.id for run in sites.workspace().runs(kind="embedding") if run.spec.site != found.run.spec.site)
    question = (spec_of(found, spec), digest_of(area), measure, threshold, runs)
    return _other_sites(found, found.digest, area, *question)


def classes(found: Embedding, spec: FeatureSpec, labels: Labels, classifier: str) -> ClassMap:
    """The class map that labels lead to."""
    return _classes(found, labels, found.digest, spec_of(found, spec), labels.items, classifier)


def grid_of(found: Embedding) -> Grid:
    """Where its pixels lie."""
    return Grid.of(found.cube)


def digest_of(values: NDArray[np.generic]) -> str:
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=12).hexdigest()


# ---------------------------------------------------------------- inside
@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Looking which dates were seen …")
def _spec(_found: Embedding, digest: str, spec: FeatureSpec) -> FeatureSpec:
    return completed(_found.cube, spec)


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[str, FeatureSpec], Searchable]:
    """Features by the embedding's digest and the question, those asked for last at the end; shared by all sessions."""
    return {}


def _keep(found: Embedding, spec: FeatureSpec, ready: Searchable) -> Searchable:
    kept = _kept()
    kept.pop((found.digest, spec), None)
    kept[found.digest, spec] = ready
    for oldest in list(kept)[:-SPACES_KEPT]:
        kept.pop(oldest, None)
    return ready


def _searchable(found: Embedding, spec: FeatureSpec) -> Searchable:
    ready = _kept().get((found.digest, spec))
    if ready is None:
        with st.spinner("Reading the embedding …"):
            ready = Searchable(features=read_features(found.cube, spec))
    return _keep(found, spec, ready)


@st.cache_resource(max_entries=SPACES_KEPT, show_spinner=False)
def _space(_found: Embedding, digest: str, spec: FeatureSpec) -> Space:
    return principal_space(_searchable(_found, spec).features)


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Finding clusters …")
def _clusters(_found: Embedding, digest: str, spec: FeatureSpec, how: ClusterSpec) -> Clusters:
    return find_clusters(_space(_found, digest, spec), how)


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner=False)
def _suggestion(_run: Run, run_id: str) -> Suggestion:
    return open_number(_run)


@st.cache_resource(max_entries=SPACES_KEPT, show_spinner=False)
def _plane(_run: Run, run_id: str) -> NDArray[np.float32]:
    return open_plane(_run)


@st.cache_resource(max_entries=SPACES_KEPT, show_spinner=False)
def _ground(
    _found: Embedding, _site: Site | None, digest: str, site_digest: str, spec: FeatureSpec, date: str
) -> Ground:
    frames = embeddings.true_colour(_found, _site, date=date)
    if frames is None:
        frames = embeddings.frames(_found, PRINCIPAL, limits=None, date=date)
    try:
        taking_part = _searchable(_found, spec).features.where
    except InputError:  # there is nothing to compare pixels by, which the page says
        taking_part = np.ones((frames.grid.rows, frames.grid.cols), bool)
    picture = np.zeros((*taking_part.shape, 4), np.uint8)
    at, loaded = frames.nearest(date), range(frames.start, frames.start + len(frames.pixels))
    hidden = np.zeros(taking_part.shape, bool)
    for other in sorted(loaded, key=lambda place: abs(place - at))[:VIEWS]:
        missing = taking_part & (picture[..., 3] == 0)
        if not missing.any():
            break
        if other != at:
            hidden |= missing
        picture[missing] = frames.image(other)[missing]
    return Ground(picture, float(hidden.mean()))


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Reading other sites …")
def _other_sites(
    _found: Embedding,
    digest: str,
    _area: NDArray[np.bool_],
    spec: FeatureSpec,
    area: str,
    measure: Measure,
    threshold: float,
    runs: tuple[str, ...],
) -> tuple[list[SiteMatch], list[Refused]]:
    ready = _searchable(_found, spec)
    place = ready.place(_area)
    return elsewhere(sites.workspace(), _found.run.id, ready, place, measure=measure, threshold=threshold)


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Learning from the labels …")
def _classes(
    _found: Embedding, _labels: Labels, digest: str, spec: FeatureSpec, items: tuple[object, ...], classifier: str
) -> ClassMap:
    features = _searchable(_found, spec).features
    return class_map(_labels, features, classifier=classifier, window=window_of(dict(_found.cube.attrs)))
