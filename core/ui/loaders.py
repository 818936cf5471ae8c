"""What pages read, kept between reruns and sessions under id and content digest; never to be changed in place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import indices
from core.images import Frames, layer_frames, layers_of, nearest_date, value_frames
from core.schema import S2_BANDS, SiteInfo
from core.sources.catalogue import catalogue
from core.sources.site import Site, open_site
from core.store import Workspace, content_digest

SITES_KEPT = 2  # opened sites; a demo site takes about 90 MB
FRAMES_KEPT = 4  # sets of pictures; a demo site's take about 8 MB each


def workspace() -> Workspace:
    """The workspace of this server; cheap, so never cached."""
    return Workspace()


def sites() -> list[SiteInfo]:
    """Every site a user can choose, those with data first."""
    return catalogue(workspace())


def site(site_id: str) -> Site:
    """A whole site with its cube in memory."""
    place = workspace()
    return _site(str(place.root), site_id, content_digest(place.site_path(site_id)))


def frames(site: Site, picture: str, *, date: str) -> Frames:
    """Pictures of a site: a composite of core.images.LAYERS, or a spectral index by name.

    A cube too large to be shown whole comes as blocks of dates; this is the block that `date` (ISO) falls into.
    """
    first = _frames(site, site.digest, picture, None)
    if len(first.pixels) == len(first.dates) or not date:
        return first
    start = nearest_date(first.dates, date) // len(first.pixels) * len(first.pixels)
    return first if start == 0 else _frames(site, site.digest, picture, str(first.dates[start]))


def seen(site: Site) -> NDArray[np.bool_]:
    """Where the optical sensor saw anything at a site: (time, y, x)."""
    return _seen(site, site.digest)


@st.cache_resource(max_entries=SITES_KEPT, show_spinner=False)
def _site(root: str, site_id: str, digest: str) -> Site:
    found = open_site(Workspace(root), site_id)
    return replace(found, cube=found.cube.load())


@st.cache_resource(max_entries=FRAMES_KEPT, show_spinner=False)
def _frames(_site: Site, digest: str, picture: str, date: str | None) -> Frames:
    if picture in layers_of(_site.cube):
        return layer_frames(_site.cube, picture, date=date)
    values = indices.compute(_site.cube, picture).astype(np.float32)
    return value_frames(values, label=picture, date=date)


@st.cache_resource(max_entries=SITES_KEPT, show_spinner=False)
def _seen(_site: Site, digest: str) -> NDArray[np.bool_]:
    return np.logical_or.reduce([np.isfinite(_site.cube[band].values) for band in S2_BANDS])
