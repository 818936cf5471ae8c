"""What pages read of an embedding, kept between reruns and sessions under its run's content digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.embedding import colours, meaning, pictures, sample
from core.embedding.colours import Colours
from core.embedding.doubt import Limits, doubtful
from core.embedding.draft import FEATURES
from core.embedding.meaning import Meaning
from core.embedding.pictures import Maps
from core.embedding.result import open_embedding
from core.embedding.sample import Sample
from core.frames import Frames, nearest_date
from core.images import DEFAULT_BUDGET, layer_frames, layers_of, value_frames
from core.sources.site import Site
from core.store import Run, Workspace, content_digest

if TYPE_CHECKING:
    import xarray as xr

RUNS_KEPT = 1  # opened embeddings
FRAMES_KEPT = 4  # sets of pictures
HELD = 200_000_000  # bytes: an embedding of more is read from disk, part by part, whenever it is looked at
RGBA = 4  # bytes a pixel
MAPS_BUDGET = DEFAULT_BUDGET // 4  # bytes of maps sent to the browser at once
PRINCIPAL = "principal"
NAMES = {  # short enough for a button
    "context_share": "context seen",
    "days_since_clear": "days since clear",
    "sensor_gap": "days to radar",
    "error_s2": "error, optical",
    "error_s1": "error, radar",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Embedding:
    """A run's cube, opened, and the sample that its colours and meanings rest on."""

    run: Run
    digest: str  # of the run's content
    cube: xr.Dataset  # features (feature, time, y, x), and the trust layers (time, y, x)
    sample: Sample
    layers: dict[str, str]  # the trust layers that hold any value: name -> what it is

    @property
    def features(self) -> xr.DataArray:
        """(feature, time, y, x), NaN = not seen."""
        return self.cube[FEATURES]


def embedding(run: Run) -> Embedding:
    """A whole, undamaged run."""
    return _embedding(run, content_digest(run.path))


def frames(found: Embedding, picture: str, *, limits: Limits | None, date: str) -> Frames:
    """An embedding as `picture`: "principal", "dims 1 2 3" or a trust layer; `limits` hatch what breaks them.

    A cube too large to be shown whole comes as blocks of dates; this is the one that `date` (ISO) falls into.
    """
    return _frames(found, found.digest, picture, limits, _block(found, date, bytes_each=RGBA, budget=DEFAULT_BUDGET))


def true_colour(found: Embedding, site: Site | None, *, date: str) -> Frames | None:
    """True colour of the very pixels and dates of an embedding; None where nobody knows it."""
    if site is None:
        return None
    start = _block(found, date, bytes_each=RGBA, budget=DEFAULT_BUDGET)
    return _true_colour(found, site, found.digest, site.digest, start)


def maps(found: Embedding, dims: tuple[int, ...], *, date: str) -> Maps:
    """Maps of some dimensions, counted from 0."""
    return _maps(found, found.digest, dims, _block(found, date, bytes_each=len(dims), budget=MAPS_BUDGET))


def meaning_of(found: Embedding, site: Site) -> Meaning:
    """What each dimension goes with at the site."""
    return _meaning(found, site, found.digest, site.digest)


def colours_of(found: Embedding, picture: str) -> Colours:
    """What red, green and blue are in a picture of an embedding: "principal" or "dims 1 2 3"."""
    return _colours(found, found.digest, picture)


def label_of(picture: str) -> str:
    """What a trust layer is called on the page."""
    return NAMES.get(picture, picture.replace("_", " "))


def dims_of(picture: str) -> list[int]:
    """The dimensions, counted from 0, of a picture written "dims 1 2 3"."""
    return [int(word) - 1 for word in picture.split()[1:]]


# ---------------------------------------------------------------- inside
@st.cache_resource(max_entries=RUNS_KEPT, show_spinner="Opening the embedding …")
def _embedding(_run: Run, digest: str) -> Embedding:
    cube = open_embedding(Workspace(_run.path.parents[1]), _run.id)
    if cube[FEATURES].nbytes <= HELD:
        cube = cube.load()
    for layer in cube.data_vars.values():
        layer.attrs["crs"] = str(cube.attrs.get("crs", ""))  # so that each tells alone where it lies
    drawn = sample.draw(cube[FEATURES])
    return Embedding(run=_run, digest=digest, cube=cube, sample=drawn, layers=_layers(cube))


@st.cache_resource(max_entries=FRAMES_KEPT, show_spinner=False)
def _frames(_found: Embedding, digest: str, picture: str, limits: Limits | None, date: str | None) -> Frames:
    features, drawn = _found.features, _found.sample
    if picture in _found.layers:
        layer = _found.cube[picture]
        unit = str(layer.attrs.get("units", "")).replace("1", "")
        budget = DEFAULT_BUDGET // RGBA  # as many dates as true colour has
        return value_frames(_where_seen(_found, layer), label=label_of(picture), unit=unit, date=date, budget=budget)
    hatch = None if limits is None else doubtful(_found.cube, limits)
    found = colours_of(_found, picture)
    return pictures.colour_frames(features, found, drawn.share, doubtful=hatch, date=date)


@st.cache_resource(max_entries=FRAMES_KEPT, show_spinner=False)
def _colours(_found: Embedding, digest: str, picture: str) -> Colours:
    drawn = _found.sample
    return colours.principal(drawn) if picture == PRINCIPAL else colours.chosen(drawn, dims_of(picture))


@st.cache_resource(max_entries=FRAMES_KEPT, show_spinner=False)
def _true_colour(_found: Embedding, _site: Site, digest: str, site_digest: str, date: str | None) -> Frames | None:
    own = _found.cube
    try:
        under = _site.cube.sel(time=own["time"], y=own["y"], x=own["x"])
    except KeyError:  # of another grid, or of a site that was made anew with other dates
        return None
    return layer_frames(under.drop_dims("s1_time", errors="ignore"), layers_of(_site.cube)[0], date=date)


@st.cache_resource(max_entries=FRAMES_KEPT, show_spinner=False)
def _maps(_found: Embedding, digest: str, dims: tuple[int, ...], date: str | None) -> Maps:
    return pictures.dimension_maps(_found.features, _found.sample, dims, date=date, budget=MAPS_BUDGET)


@st.cache_resource(max_entries=FRAMES_KEPT, show_spinner=False)
def _meaning(_found: Embedding, _site: Site, digest: str, site_digest: str) -> Meaning:
    return meaning.meaning(_found.sample, _found.features, _site.cube)


def _layers(cube: xr.Dataset) -> dict[str, str]:
    """Looked at on some of the dates: a layer is there for all dates or for none."""
    some = cube.isel(time=slice(None, None, max(1, cube.sizes["time"] // 20)))
    held = [str(name) for name in cube.data_vars if name != FEATURES and np.isfinite(some[name].values).any()]
    return {name: str(cube[name].attrs.get("long_name", name)) for name in held}


def _where_seen(found: Embedding, layer: xr.DataArray) -> xr.DataArray:
    """A trust layer where there is an embedding; of a cube that is read in parts, everywhere."""
    return layer if found.features.nbytes > HELD else layer.where(np.isfinite(found.features[0].values))


def _block(found: Embedding, date: str, *, bytes_each: int, budget: int) -> str | None:
    """The first date of the block that `date` falls into; None where all dates are one block."""
    dates, rows, cols = found.features.shape[1:]
    size = max(1, budget // (bytes_each * rows * cols))
    if size >= dates:
        return None
    days = found.features["time"].values.astype("datetime64[D]")
    return str(days[nearest_date(days, date) // size * size] if date else days[0])
