"""What the page tells of a cluster, kept between reruns and sessions: its profile, and the land cover it lies in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.clustering.agreement import Agreement, LandCover, agreement, file_land_cover, site_land_cover
from core.clustering.assign import Clusters
from core.clustering.basis import FeatureSpec
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
from core.frames import Grid
from core.schema import S2_BANDS, InputError
from core.sources.site import Site
from core.ui.clusters.loaders import MAPS_KEPT, digest_of
from core.ui.embed.loaders import Embedding

if TYPE_CHECKING:
    import xarray as xr

PROFILES_KEPT = 64
HELD = 250_000_000  # bytes: images of more are read from disk, part by part, for each cluster
INDICES = ("NDVI", "NDMI")  # whose seasons are told
BAND = "VH"


class Profile(NamedTuple):
    """What the sensors saw of a cluster; empty where nobody knows."""

    spectrum: Spectrum | None
    seasons: dict[str, Curve]


def profile(found: Embedding, site: Site | None, shown: Clusters, members: NDArray[np.bool_]) -> Profile:
    """What the pixels `members` of a map of clusters are."""
    site_digest = site.digest if site else ""
    return _profile(found, site, shown, members, found.digest, site_digest, digest_of(members), shown.features)


def embedding_of(found: Embedding, members: NDArray[np.bool_]) -> EmbeddingProfile:
    """The mean embedding of the pixels `members` of a map of clusters."""
    return _embedding(found, members, found.digest, digest_of(members))


def agreement_of(site: Site | None, shown: Clusters, cover: Path | None = None) -> Agreement | None:
    """How the clusters agree with a land-cover map in a file, else with the site's own; None where it has none."""
    if cover is not None:
        return _agreement_with_file(shown, cover, _stamp(cover), digest_of(shown.labels), shown.grid)
    return None if site is None else _agreement(site, shown, site.digest, digest_of(shown.labels), shown.grid)


# ---------------------------------------------------------------- inside
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
    cube = None if _site is None else _under(_site, _shown, site_digest, _shown.grid)
    if cube is None:
        return Profile(None, {})
    days = _found.features["time"].values.astype("datetime64[D]")
    start, end = spec.start or str(spec.date), spec.end or str(spec.date)
    spectrum = spectrum_of(cube, _members, start=start, end=end)
    within = {axis: _within(cube[axis].values, days) for axis in ("time", "s1_time") if axis in cube.dims}
    cube = cube.isel(within)
    seasons = {name: index_curve(cube, _members, name) for name in INDICES}
    if radar := backscatter_curve(cube, _members, BAND):
        seasons[BAND] = radar
    return Profile(spectrum, seasons)


@st.cache_resource(max_entries=PROFILES_KEPT, show_spinner=False)
def _embedding(_found: Embedding, _members: NDArray[np.bool_], digest: str, members: str) -> EmbeddingProfile:
    return embedding_profile(_found.cube, _members)


@st.cache_resource(max_entries=1, show_spinner=False)
def _under(_site: Site, _shown: Clusters, site_digest: str, grid: Grid) -> xr.Dataset | None:
    """The site's images under the pixels of a map; None if it has none there."""
    try:
        cube = on_grid(_site.cube, _shown)
    except InputError:
        return None
    wanted = [name for name in (*S2_BANDS, BAND) if name in cube]
    return cube[wanted].load() if cube[wanted].nbytes <= HELD else cube


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner=False)
def _agreement(_site: Site, _shown: Clusters, site_digest: str, labels: str, grid: Grid) -> Agreement | None:
    cover = _cover(_site, _shown, site_digest, grid)
    return None if cover is None else agreement(_shown, cover)


@st.cache_resource(max_entries=2, show_spinner=False)
def _cover(_site: Site, _shown: Clusters, site_digest: str, grid: Grid) -> LandCover | None:
    """The site's own map under the pixels of a map of clusters; None where it has none."""
    try:
        return site_land_cover(on_grid(_site.cube, _shown))
    except InputError:  # the site was made anew on other pixels, or is another one
        return None


@st.cache_resource(max_entries=MAPS_KEPT, show_spinner="Reading the land-cover map …")
def _agreement_with_file(_shown: Clusters, path: Path, stamp: tuple[int, int], labels: str, grid: Grid) -> Agreement:
    return agreement(_shown, file_land_cover(path, grid))


def _stamp(path: Path) -> tuple[int, int]:
    """Another one when a file of the same name takes its place."""
    known = path.stat()
    return known.st_mtime_ns, known.st_size


def _within(times: NDArray[np.datetime64], days: NDArray[np.datetime64]) -> slice:
    """Which times, in their order, lie within the period of an embedding."""
    own = times.astype("datetime64[D]")
    return slice(int(np.searchsorted(own, days.min())), int(np.searchsorted(own, days.max(), side="right")))
