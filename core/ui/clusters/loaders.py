"""What the Clusters page computes, kept between reruns and sessions under the run's content digest and the question."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.clustering.agreement import Agreement, agreement, site_land_cover
from core.clustering.assign import Clusters, ClusterSpec, find_clusters
from core.clustering.basis import FeatureSpec, completed
from core.clustering.features import PixelFeatures, read_features
from core.clustering.profiles import (
    Curve,
    EmbeddingProfile,
    Spectrum,
    backscatter_curve,
    embedding_profile,
    index_curve,
    on_grid,
    spectrum_of,
)
from core.clustering.space import Space, principal_space
from core.clustering.suggest import Suggestion, suggest_k
from core.frames import Grid, nearest_date
from core.labelling.classmap import ClassMap, class_map
from core.labelling.judge import window_of
from core.labelling.labels import Labels
from core.schema import InputError
from core.similarity.compare import Measure, Searchable, compare
from core.similarity.sites import Refused, SiteMatch, elsewhere
from core.sources.site import Site
from core.ui import loaders as sites
from core.ui.embed import loaders as embeddings
from core.ui.embed.loaders import PRINCIPAL, Embedding

SPACES_KEPT = 4  # features with their components; a path of a demo site takes 7 MB
MAPS_KEPT = 32  # maps of clusters or classes
PROFILES_KEPT = 64
INDICES = ("NDVI", "NDMI")  # whose seasons are told
BAND = "VH"


class Profile(NamedTuple):
    """What a cluster is. What the sensors saw of it is empty where nobody knows."""

    spectrum: Spectrum | None
    seasons: dict[str, Curve]
    embedding: EmbeddingProfile


def spec_of(found: Embedding, spec: FeatureSpec) -> FeatureSpec:
    """The question with every date it needs: what everything is kept under."""
    return completed(found.cube, spec)


def searchable(found: Embedding, spec: FeatureSpec) -> Searchable:
    """The features of an embedding, ready to be compared."""
    return _searchable(found, found.digest, spec_of(found, spec))


def space(found: Embedding, spec: FeatureSpec) -> Space:
    """Their principal components."""
    return _space(found, found.digest, spec_of(found, spec))


def clusters(found: Embedding, spec: FeatureSpec, how: ClusterSpec) -> Clusters:
    """Clusters as found, before any number is kept."""
    return _clusters(found, found.digest, spec_of(found, spec), how)


def suggestion(found: Embedding, spec: FeatureSpec) -> Suggestion:
    """How many clusters; takes seconds."""
    return _suggestion(found, found.digest, spec_of(found, spec))


def ground(found: Embedding, site: Site | None, *, date: str) -> NDArray[np.uint8]:
    """What lies under a map, RGBA (rows, cols, 4): true colour at `date`, or the embedding where nobody knows it."""
    frames = embeddings.true_colour(found, site, date=date)
    if frames is None:
        frames = embeddings.frames(found, PRINCIPAL, limits=None, date=date)
    return frames.image(frames.nearest(date))


def grey_ground(found: Embedding, site: Site | None, *, date: str) -> NDArray[np.uint8]:
    """The same without its colours, for an overlay that would be lost among them."""
    picture = ground(found, site, date=date).copy()
    picture[..., :3] = picture[..., :3].mean(axis=2, keepdims=True)
    return picture


def date_of(found: Embedding, date: str) -> str:
    """The date of an embedding nearest to `date`, ISO."""
    days = found.features["time"].values.astype("datetime64[D]")
    return str(days[nearest_date(days, date)])


def profile(found: Embedding, site: Site | None, shown: Clusters, members: NDArray[np.bool_]) -> Profile:
    """What the pixels `members` of a map of clusters are."""
    site_digest = site.digest if site else ""
    return _profile(found, site, shown, members, found.digest, site_digest, digest_of(members), shown.features)


def agreement_of(site: Site | None, shown: Clusters) -> Agreement | None:
    """How the clusters agree with the site's own land-cover map; None where it has none."""
    return None if site is None else _agreement(site, shown, site.digest, digest_of(shown.labels), shown.grid)


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
@st.cache_resource(max_entries=SPACES_KEPT, show_spinner="Reading the embedding …")
def _searchable(_found: Embedding, digest: str, spec: FeatureSpec) -> Searchable:
    return Searchable(features=_features(_found, spec))


def _features(found: Embedding, spec: FeatureSpec) -> PixelFeatures:
    return read_features(found.cube, spec)


@st.cache_resource(max_entries=SPACES_KEPT, show_spinner="Bringing the pixels together …")
def _space(_found: Embedding, digest: str, spec: FeatureSpec) -> Space:
    return principal_space(_searchable(_found, digest, spec).features)


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Finding clusters …")
def _clusters(_found: Embedding, digest: str, spec: FeatureSpec, how: ClusterSpec) -> Clusters:
    return find_clusters(_space(_found, digest, spec), how)


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Trying 2 to 12 clusters …")
def _suggestion(_found: Embedding, digest: str, spec: FeatureSpec) -> Suggestion:
    return suggest_k(_space(_found, digest, spec))


@st.cache_resource(max_entries=PROFILES_KEPT, show_spinner=False)
def _profile(
    _found: Embedding,
    _site: Site | None,
    _shown: Clusters,
    _members: NDArray[np.bool_],
    digest: str,
    site_digest: str,
    members: str,
    spec: FeatureSpec,
) -> Profile:
    mean = embedding_profile(_found.cube, _members)
    if _site is None:
        return Profile(None, {}, mean)
    try:
        cube = on_grid(_site.cube, _shown)
    except InputError:
        return Profile(None, {}, mean)
    days = _found.features["time"].values.astype("datetime64[D]")
    start, end = spec.start or str(spec.date), spec.end or str(spec.date)
    spectrum = spectrum_of(cube, _members, start=start, end=end)
    within = {axis: _within(cube[axis].values, days) for axis in ("time", "s1_time") if axis in cube.dims}
    cube = cube.isel(within)
    seasons = {name: index_curve(cube, _members, name) for name in INDICES}
    if radar := backscatter_curve(cube, _members, BAND):
        seasons[BAND] = radar
    return Profile(spectrum, seasons, mean)


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner=False)
def _agreement(_site: Site, _shown: Clusters, site_digest: str, labels: str, grid: Grid) -> Agreement | None:
    try:
        cover = site_land_cover(on_grid(_site.cube, _shown))
    except InputError:  # the site was made anew on other pixels, or is another one
        return None
    return None if cover is None else agreement(_shown, cover)


def _within(times: NDArray[np.datetime64], days: NDArray[np.datetime64]) -> NDArray[np.intp]:
    """Which times lie within the period of an embedding."""
    own = times.astype("datetime64[D]")
    return np.flatnonzero((own >= days.min()) & (own <= days.max()))


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
    ready = _searchable(_found, digest, spec)
    place = ready.place(_area)
    return elsewhere(sites.workspace(), _found.run.id, ready, place, measure=measure, threshold=threshold)


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Learning from the labels …")
def _classes(
    _found: Embedding, _labels: Labels, digest: str, spec: FeatureSpec, items: tuple[object, ...], classifier: str
) -> ClassMap:
    features = _searchable(_found, digest, spec).features
    return class_map(_labels, features, classifier=classifier, window=window_of(dict(_found.cube.attrs)))
