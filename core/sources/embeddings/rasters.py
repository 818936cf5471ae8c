"""Embeddings in GeoTIFFs, a band for each value: AlphaEarth, TESSERA in floats, our own exports, any other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from core.schema import S2_BANDS, FormatError, InputError
from core.sources.embeddings import dates, quantised
from core.sources.embeddings.stack import Floats, Layer, Maker, Read, Stack
from core.sources.formats import reading
from core.sources.geotiff import opened
from core.sources.grids import band_name

ALPHAEARTH, TESSERA = "alphaearth", "tessera"
LICENCES: Mapping[str, tuple[str, str]] = {  # licence and source, as their makers ask to be named
    ALPHAEARTH: (
        "CC-BY-4.0",
        "The AlphaEarth Foundations Satellite Embedding dataset is produced by Google and Google DeepMind.",
    ),
    TESSERA: ("CC-BY-4.0", "TESSERA embeddings by the University of Cambridge, distributed with GeoTessera."),
}
AXES = tuple(f"A{axis:02d}" for axis in range(64))  # AlphaEarth's names of its 64 bands
TESSERA_TILE = re.compile(r"grid_-?\d+\.\d+_-?\d+\.\d+_\d{4}")
TESSERA_BANDS = 128
EMBEDDING_TAG, EMBEDDING_VALUE = "fluxscape", "embedding"  # what marks a GeoTIFF as one of our own exports
FEATURE_BAND = "feature "  # in these, how the bands of features are named; the others are trust layers
OWN_TAGS = ("site", "title", "licence", "provenance", "input_digest", "sensors")
DATE_TAGS = ("date", "DATE", "time", "TIME", "datetime", "DATETIME", "year", "YEAR", "TESSERA_YEAR")
Values = Callable[[NDArray[Any], Sequence[int]], Floats]


class _Facts(NamedTuple):
    """What a file says of itself."""

    names: tuple[str, ...]
    tags: Mapping[str, str]
    dtype: np.dtype[Any]
    missing: NDArray[np.float64]  # fill value of each band, NaN where it has none
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    crs: str
    y: NDArray[np.float64]
    x: NDArray[np.float64]
    rotated: bool
    layers: Mapping[str, Mapping[str, str]]  # what each named band says of itself


def read_raster(path: Path, *, model: str | None, moment: dates.Moment | None) -> Stack:
    """One GeoTIFF. `model` and `moment` are what the user says, and count where the file does not."""
    facts = _facts(path)
    _refuse_what_is_no_embedding(path, facts)
    maker = _maker(path, facts, model)
    when = moment or _when(path, facts)
    if when is None:
        remedy = "give it with --date, put it into the name (2021-07-14 or 2021), or set the tag 'date'"
        raise InputError("path", path.name, "does not say of which date it is", remedy)
    features, layers = _bands(facts)
    licence, provenance = LICENCES.get(maker.model, ("", f"Loaded from the file {path.name}."))
    return Stack(
        name=path.name,
        maker=maker,
        times=np.array([when.time]),
        y=facts.y,
        x=facts.x,
        crs=facts.crs,
        size=len(features),
        read=_reader(path, _values(path, facts, maker), features),
        layers={facts.names[band]: _layer(path, facts, maker, band) for band in layers},
        attrs={"licence": licence, "provenance": provenance, **_own_attributes(facts)},
        years=when.year or facts.tags.get("whole_years") == "1",
        unit_length=maker.model == ALPHAEARTH,
        remarks=_remarks(facts, maker),
    )


def _facts(path: Path) -> _Facts:
    with reading(path, "GeoTIFF"), opened(path) as tiff:
        place = tiff.transform
        missing = [np.nan if value is None else value for value in tiff.nodatavals]
        dtypes = {np.dtype(dtype) for dtype in tiff.dtypes}
        return _Facts(
            names=tuple(name or "" for name in tiff.descriptions),
            tags=tiff.tags(),
            dtype=np.result_type(*dtypes),
            missing=np.array(missing, dtype=float),
            scale=np.array(tiff.scales, dtype=float),
            offset=np.array(tiff.offsets, dtype=float),
            crs=tiff.crs.to_wkt() if tiff.crs else "",
            y=place.f + place.e * (np.arange(tiff.height) + 0.5),
            x=place.c + place.a * (np.arange(tiff.width) + 0.5),
            rotated=bool(place.b or place.d),
            layers={
                name: {"long_name": tiff.tags(band).get("long_name", name), "units": unit or ""}
                for band, (name, unit) in enumerate(zip(tiff.descriptions, tiff.units, strict=True), start=1)
                if name
            },
        )


def _refuse_what_is_no_embedding(path: Path, facts: _Facts) -> None:
    if facts.rotated:
        raise FormatError("path", path.name, "has a rotated grid", "warp it first, for example with gdalwarp")
    if facts.dtype.kind not in "iuf":
        raise FormatError("path", path.name, f"holds {facts.dtype} values", "give real numbers")
    bands = [band_name(name) for name in facts.names]
    if set(bands) & set(S2_BANDS):
        raise FormatError("path", path.name, "holds Sentinel-2 bands, no embedding", "give embeddings")


# ---------------------------------------------------------------- what made it, and when
def _maker(path: Path, facts: _Facts, model: str | None) -> Maker:
    tags = facts.tags
    if tags.get(EMBEDDING_TAG) == EMBEDDING_VALUE:
        return Maker(*(tags.get(key, "") for key in Maker._fields))
    if facts.names == AXES or (model or "").lower() == ALPHAEARTH:
        return Maker(model=ALPHAEARTH, version=version_in(path))
    if "TESSERA_DATASET_VERSION" in tags or (TESSERA_TILE.fullmatch(path.stem) and len(facts.names) == TESSERA_BANDS):
        parts = (tags.get("TESSERA_DATASET_VERSION", ""), tags.get("TESSERA_DATASET_VARIANT", ""))
        return Maker(model=TESSERA, version=" ".join(part for part in parts if part) or version_in(path))
    return Maker(model=tags.get("model", ""), version=tags.get("model_version", ""))


def version_in(path: Path) -> str:
    """The version that a folder above a file is named by, such as v1 or v1.1."""
    return next((part for part in reversed(path.parts[:-1]) if re.fullmatch(r"v\d+(\.\d+)*", part)), "")


def _when(path: Path, facts: _Facts) -> dates.Moment | None:
    stated = next((facts.tags[tag] for tag in DATE_TAGS if facts.tags.get(tag)), None)
    if stated is not None:
        return dates.written(stated, argument=f"date in {path.name}")
    return dates.in_name(path)


def _own_attributes(facts: _Facts) -> dict[str, Any]:
    """What our own exports say of the embedding."""
    if facts.tags.get(EMBEDDING_TAG) != EMBEDDING_VALUE:
        return {}
    kept = {tag: facts.tags[tag] for tag in OWN_TAGS if tag in facts.tags}
    return {**kept, "simulated": int(facts.tags.get("simulated", "0"))}


def _bands(facts: _Facts) -> tuple[list[int], list[int]]:
    """Which bands, from 0, are features and which are trust layers; these are told apart in our own exports alone."""
    every = list(range(len(facts.names)))
    features = [band for band in every if facts.names[band].startswith(FEATURE_BAND)]
    if facts.tags.get(EMBEDDING_TAG) != EMBEDDING_VALUE or not features:
        return every, []
    return features, [band for band in every if band not in features and facts.names[band]]


def _remarks(facts: _Facts, maker: Maker) -> tuple[str, ...]:
    whole = facts.dtype.kind in "iu" and maker.model != ALPHAEARTH and (facts.scale == 1).all()
    return ("holds whole numbers without a scale, which are taken as they are",) if whole else ()


# ---------------------------------------------------------------- pixels
def _values(path: Path, facts: _Facts, maker: Maker) -> Values:
    """What turns the stored numbers (D, rows, columns) of some bands into values."""
    if maker.model == ALPHAEARTH and facts.dtype.kind in "iu":
        if facts.dtype != np.int8:
            remedy = "get the original, whose bands are signed integers of 8 bits"
            raise FormatError("path", path.name, f"is AlphaEarth stored as {facts.dtype}", remedy)
        return lambda stored, _: quantised.alphaearth(stored)

    def scaled(stored: NDArray[Any], bands: Sequence[int]) -> Floats:
        missing, scale, offset = (part[bands, None, None] for part in (facts.missing, facts.scale, facts.offset))
        with np.errstate(all="ignore"):  # of a damaged file
            return np.where(stored == missing, np.nan, stored * scale + offset).astype(np.float32)

    return scaled


def _reader(path: Path, values: Values, bands: Sequence[int]) -> Read:
    def read(_: slice, rows: slice, cols: slice) -> Floats:
        with reading(path, "GeoTIFF"), opened(path) as tiff:
            stored = tiff.read([band + 1 for band in bands], window=Window.from_slices(rows, cols))
            return values(stored, bands)[:, None]

    return read


def _layer(path: Path, facts: _Facts, maker: Maker, band: int) -> Layer:
    read, name = _reader(path, _values(path, facts, maker), [band]), facts.names[band]
    return Layer(lambda dates, rows, cols: read(dates, rows, cols)[0], facts.layers.get(name, {}))
