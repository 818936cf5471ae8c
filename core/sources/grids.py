"""Gridded files (Zarr, NetCDF, GeoTIFF) as lazily read datasets: one variable a band, axes `time`, `y`, `x`.

What the file says is kept; what it merely spells differently is spelled our way (`standard_names`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.schema import S1_BANDS, S2_BANDS, FormatError
from core.sources.crs import name_of
from core.sources.formats import FileFormat, reading

if TYPE_CHECKING:
    import xarray as xr
    from xarray.backends import H5NetCDFStore

CHUNK_VALUES = 2**18  # values in a chunk, 1 MB of float32: few files, and one date of one band still reads in 3 ms
CHUNK_PIXELS = 256  # longest side of a chunk, pixels

AXES = {  # our name of an axis: how others spell it, in lower case
    "time": ("time", "t", "timestamp", "date", "datetime"),
    "y": ("y", "lat", "latitude", "northing"),
    "x": ("x", "lon", "longitude", "easting"),
}
BAND_AXES = ("band", "bands", "channel")
EPSG_INIT = re.compile(r"\+?init=(epsg:\d+)", re.IGNORECASE)  # spelling that PROJ has deprecated


# ---------------------------------------------------------------- reading
def read_grid(path: Path, form: FileFormat) -> xr.Dataset:
    """The dataset in a gridded file: spelled our way, masked, scaled, with attrs["crs"] ("" if unknown)."""
    if form is FileFormat.ZARR:
        grid = read_zarr(path)
    elif form is FileFormat.GEOTIFF:
        grid = read_geotiff(path)
    else:
        grid = read_netcdf(path, form)
    return standard_names(grid).assign_attrs(crs=find_crs(grid))


def read_zarr(path: Path) -> xr.Dataset:
    import xarray as xr

    _refuse_pickled(path)
    with reading(path, "Zarr"):
        grid = xr.open_zarr(str(path), chunks=None, consolidated=False, decode_cf=False)
        return _decoded(grid[layer_names(grid)])  # else in the order the disk happens to list them


def read_netcdf(path: Path, form: FileFormat) -> xr.Dataset:
    """NetCDF of either kind, by readers written in Python: a damaged file can neither crash nor hang them."""
    import xarray as xr

    with reading(path, form):
        if form is FileFormat.NETCDF3:
            return _decoded(xr.open_dataset(path, engine="scipy", decode_cf=False))
        return _decoded(xr.open_dataset(_hdf5_store(path), decode_cf=False))


def _hdf5_store(path: Path) -> H5NetCDFStore:
    import h5netcdf
    import pyfive
    from xarray.backends import H5NetCDFStore

    with pyfive.File(path) as file:
        dict(file.attrs)  # a file damaged here would make h5netcdf print a traceback of its own
    return H5NetCDFStore(h5netcdf.File(str(path), "r", backend="pyfive"))


def read_geotiff(path: Path) -> xr.Dataset:
    """A GeoTIFF as one variable (y, x) a band; pixels are read when they are asked for."""
    from core.sources.geotiff import open_geotiff

    with reading(path, "GeoTIFF"):
        return _decoded(open_geotiff(path))


def _decoded(raw: xr.Dataset) -> xr.Dataset:
    """Fill values to NaN, scales and offsets applied, times to dates; nothing is read yet."""
    import xarray as xr

    for variable in raw.variables.values():
        for key in {"scale_factor", "add_offset"} & variable.attrs.keys():
            variable.attrs[key] = float(variable.attrs[key])  # a whole-number scale breaks masking with NaN
    return xr.decode_cf(raw, decode_timedelta=False)


def _refuse_pickled(path: Path) -> None:
    """Zarr may store objects as pickles, which run code when read: refuse before anything is read."""
    for name in (".zarray", "zarr.json"):
        for metadata in path.rglob(name):
            with reading(metadata, "Zarr metadata"):
                text = json.dumps(json.loads(metadata.read_text(encoding="utf-8"))).lower()
            if "pickle" in text:
                remedy = "store its text as fixed-length strings"
                raise FormatError("path", str(path), "holds pickled objects, which could run code", remedy)


# ---------------------------------------------------------------- spelling
def standard_names(grid: xr.Dataset) -> xr.Dataset:
    """Axes named `time`, `y`, `x`; a band axis split into one variable a band; B2 spelled B02."""
    for axis in [name for name in BAND_AXES if name in grid.dims]:
        grid = _split_bands(grid, axis)
    names = {**_axis_names(grid), **{str(name): band_name(str(name)) for name in grid.data_vars}}
    return grid.rename({old: new for old, new in names.items() if old != new and new not in grid.variables})


def _axis_names(grid: xr.Dataset) -> dict[str, str]:
    spellings = {theirs: ours for ours, others in AXES.items() for theirs in others}
    return {str(axis): spellings[str(axis).lower()] for axis in grid.dims if str(axis).lower() in spellings}


def _split_bands(grid: xr.Dataset, axis: str) -> xr.Dataset:
    labels = [str(label) for label in grid[axis].values]
    stacked = [name for name, layer in grid.data_vars.items() if axis in layer.dims]
    split = {
        label if len(stacked) == 1 else f"{name} {label}": grid[name].isel({axis: index}, drop=True)
        for name in stacked
        for index, label in enumerate(labels)
    }
    return grid.drop_dims(axis).assign(split)


def band_name(name: str) -> str:
    """Our name of a Sentinel-2 band spelled B2, b02 or B8a; any other name as it is."""
    short = re.fullmatch(r"[Bb]0?(\d{1,2}|8[Aa])", name)
    if not short:
        return name
    ours = f"B{short[1].upper():0>2}"
    return ours if ours in S2_BANDS else name


def layer_names(grid: xr.Dataset) -> list[str]:
    """The names of a grid's variables: bands in their own order, then the others by name."""
    names = {str(name) for name in grid.data_vars}
    bands = [band for band in (*S2_BANDS, *S1_BANDS) if band in names]
    return bands + sorted(names - set(bands))


def axis_sizes(grid: xr.Dataset) -> dict[str, int]:
    """The sizes of a grid's axes, the usual ones first and in their usual order."""
    usual = [axis for axis in ("time", "s1_time", "y", "x") if axis in grid.dims]
    others = sorted(str(axis) for axis in grid.dims if axis not in usual)
    return {axis: grid.sizes[axis] for axis in (*usual, *others)}


def find_crs(grid: xr.Dataset) -> str:
    """The CRS a file states anywhere usual, as 'EPSG:32632' where it has a code, else in full; '' if none."""
    places: list[dict[Any, Any]] = [grid.attrs, *(variable.attrs for variable in grid.variables.values())]
    for key in ("crs_wkt", "spatial_ref", "crs", "epsg"):
        for attributes in places:
            if key in attributes and (crs := _crs_name(attributes[key])):
                return crs
    return ""


def _crs_name(stated: object) -> str:
    from pyproj.exceptions import CRSError

    text = EPSG_INIT.sub(r"\1", str(stated)).strip()
    try:
        return name_of(f"EPSG:{text}" if text.isdigit() else text)
    except CRSError:
        return ""


# ---------------------------------------------------------------- writing
def write_zarr(cube: xr.Dataset, path: Path) -> None:
    """Zarr format 3, compressed, in chunks of several whole dates."""
    from zarr.codecs import BloscCodec

    compressor = BloscCodec(cname="zstd", clevel=3, shuffle="shuffle")
    encoding: dict[str, dict[str, Any]] = {
        str(name): {"chunks": chunk_shape(layer.shape), "compressors": (compressor,)}
        for name, layer in cube.data_vars.items()
        if layer.ndim >= 2
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = cube.drop_encoding()  # the chunks and compressors of the file it came from are not ours
    texts = [name for name, variable in fresh.variables.items() if variable.dtype.kind == "U"]
    fresh = fresh.assign({name: fresh[name].astype(object) for name in texts})  # Zarr has no text of fixed length
    fresh.to_zarr(path, mode="w-", zarr_format=3, consolidated=False, encoding=encoding)


def chunk_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Chunk of an array (..., time, y, x): tiles, as many dates as make about CHUNK_VALUES values, one of all else."""
    *leading, rows, columns = shape
    tile = (min(rows, CHUNK_PIXELS), min(columns, CHUNK_PIXELS))
    dates = max(1, CHUNK_VALUES // (tile[0] * tile[1]))
    return (*(1 for _ in leading[:-1]), *(min(length, dates) for length in leading[-1:]), *tile)


def sample(layer: xr.DataArray, limit: int = 10_000_000) -> np.ndarray:
    """Values of a layer (time, y, x) or (y, x): all of them, or of evenly spread dates and the middle rows."""
    if "time" in layer.dims and layer.size > limit:
        step = int(np.ceil(layer.size / limit))
        layer = layer.isel(time=slice(None, None, step))
    if "y" in layer.dims and layer.size > limit:
        rows = max(1, layer.sizes["y"] * limit // layer.size)
        first = (layer.sizes["y"] - rows) // 2
        layer = layer.isel(y=slice(first, first + rows))
    return np.asarray(layer.values)
