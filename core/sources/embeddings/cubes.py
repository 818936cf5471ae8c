"""Embeddings in Zarr and NetCDF: an earlier run, the paper's feature cubes, any other cube with a value on y and x."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.embedding.draft import EMBEDDING, FEATURES
from core.schema import S1_BANDS, S2_BANDS, FormatError, InputError
from core.sources.embeddings import dates, quantised, tessera_zarr
from core.sources.embeddings.files import Found, Kind
from core.sources.embeddings.stack import Floats, Layer, Maker, Read, Stack
from core.sources.formats import FileFormat, reading, recognise
from core.sources.grids import BAND_AXES, find_crs, read_netcdf, read_zarr, standard_names
from core.store import read_json, verify

if TYPE_CHECKING:
    import xarray as xr

AXES = ("time", "y", "x")
TRUST = re.compile(r"context_share|days_since_clear|sensor_gap|error_\w+")  # names of the layers beside an embedding
SCALES = "scales"  # of a cube of TESSERA's quantised values
NOT_KEPT = {"crs", "crs_wkt", "spatial_ref", "transform", "model", "preset", "version", "weights_digest"}


def read_cube(found: Found, *, moment: dates.Moment | None) -> Stack:
    """The embedding in a Zarr folder, a NetCDF file, or the folder of a run."""
    path = found.path
    with reading(path, found.kind):
        grid = _grid(found)
        values = _features(path, grid)
        grid, order = _in_order(path, grid, moment)
        size, read = _reader(path, grid, values, order)
        return Stack(
            name=path.name,
            maker=_maker(grid.attrs),
            times=_stamps(grid["time"].values[order]),
            y=_centres(path, grid, "y"),
            x=_centres(path, grid, "x"),
            crs=str(grid.attrs["crs"]),
            size=size,
            read=read,
            layers={name: _layer(path, grid, name, order) for name in _trust(grid)},
            attrs=_kept(path, grid.attrs),
            years=bool(grid.attrs.get("whole_years")) or (moment is not None and moment.year),
            remarks=_remarks(grid, order),
        )


# ---------------------------------------------------------------- the file
def _grid(found: Found) -> xr.Dataset:
    """The dataset with our names of its axes, `feature` for the one that is left, and attrs["crs"]."""
    path = found.path
    if found.kind is Kind.RUN:
        grid = read_zarr(verify(path) / EMBEDDING).assign_attrs(run=path.name, **_run_attributes(path))
    elif found.kind is Kind.ZARR:
        grid = read_zarr(path)
        grid = tessera_zarr.as_cube(path, grid) if tessera_zarr.is_zone(grid) else grid
    else:
        grid = read_netcdf(path, FileFormat(recognise(path)))
    crs = find_crs(grid)
    grid = grid.rename({axis: "feature" for axis in BAND_AXES if axis in grid.dims and "feature" not in grid.variables})
    return standard_names(grid).assign_attrs(crs=crs)


def _run_attributes(path: Path) -> dict[str, Any]:
    spec = read_json(path / "run.json").get("spec", {})
    return {"site": spec.get("site", "")}


def _features(path: Path, grid: xr.Dataset) -> list[str]:
    """The variable that has a value axis, or else the variables that are a value each."""
    images = [str(name) for name, layer in grid.data_vars.items() if {"y", "x"} <= set(layer.dims)]
    images = [name for name in images if not TRUST.fullmatch(name) and name != SCALES]
    bands = sorted({*S2_BANDS, *S1_BANDS} & set(images))
    if bands:
        remedy = "make its embedding with Fluxscape, or give one"
        raise FormatError("path", path.name, f"holds the bands {', '.join(bands)}, no embedding", remedy)
    stacked = [name for name in images if len(set(grid[name].dims) - set(AXES)) == 1]
    if FEATURES in stacked or len(stacked) == 1:
        return [FEATURES if FEATURES in stacked else stacked[0]]
    if stacked:
        remedy = f"name the one to load {FEATURES}"
        raise FormatError("path", path.name, f"holds several embeddings: {', '.join(stacked)}", remedy)
    flat = [name for name in images if set(grid[name].dims) <= set(AXES) and grid[name].dtype.kind in "iuf"]
    if not flat:
        remedy = "give a variable 'features' on (feature, time, y, x)"
        raise FormatError("path", path.name, "holds no value on y and x", remedy)
    return sorted(flat, key=_natural)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts band 2 before band 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _trust(grid: xr.Dataset) -> list[str]:
    return [str(name) for name in grid.data_vars if TRUST.fullmatch(str(name)) and set(grid[name].dims) == set(AXES)]


# ---------------------------------------------------------------- axes
def _in_order(path: Path, grid: xr.Dataset, moment: dates.Moment | None) -> tuple[xr.Dataset, NDArray[np.intp]]:
    """The dataset with a `time` coordinate, and the order in which its dates increase."""
    if "time" not in grid.coords and "time" not in grid.dims:
        moment = moment or _stated(path, grid.attrs)
        grid = grid.assign_coords(time=("time", [moment.time])) if moment else grid
        if not moment:
            remedy = "give it with --date, or put it into the name (2021-07-14 or 2021)"
            raise InputError("path", path.name, "does not say of which date it is", remedy)
        return grid, np.array([0])
    if moment is not None:
        day = str(moment.time.astype("datetime64[D]"))
        raise InputError("date", day, f"is given, but {path.name} has dates of its own", "leave it out")
    times = np.atleast_1d(grid["time"].values) if "time" in grid.coords else np.array([])
    if not np.issubdtype(times.dtype, np.datetime64) or np.isnat(times).any() or not times.size:
        raise FormatError("path", path.name, "has a time axis that holds no dates", "store dates in 'time'")
    order = np.argsort(times, kind="stable")
    days = times[order]
    twice = days[1:][np.diff(days) == np.timedelta64(0)]
    if twice.size:
        day = str(twice[0].astype("datetime64[D]"))
        raise FormatError("path", path.name, f"holds the date {day} twice", "keep one of them")
    return grid.assign_coords(time=("time", times)) if grid["time"].ndim == 0 else grid, order


def _stated(path: Path, attrs: Mapping[str, Any]) -> dates.Moment | None:
    for key in ("date", "time", "year"):
        if key in attrs:
            return dates.written(str(attrs[key]), argument=f"{key} in {path.name}")
    return dates.in_name(path)


def _centres(path: Path, grid: xr.Dataset, axis: str) -> NDArray[np.float64]:
    if axis not in grid.coords or grid[axis].ndim != 1:
        raise FormatError("path", path.name, f"has no coordinates on {axis}", "store the pixel centres")
    return np.asarray(grid[axis].values, dtype=float)


def _stamps(times: NDArray[Any]) -> NDArray[np.datetime64]:
    return np.asarray(times, dtype="datetime64[ns]")


# ---------------------------------------------------------------- values
def _reader(path: Path, grid: xr.Dataset, names: Sequence[str], order: NDArray[np.intp]) -> tuple[int, Read]:
    first = grid[names[0]]
    extra = sorted(str(axis) for axis in set(first.dims) - set(AXES))
    if SCALES in grid and first.dtype == np.int8 and extra:
        return first.sizes[extra[0]], _quantised(path, grid, names[0], extra[0], order)
    parts = [_part(path, grid[name], extra, order) for name in names]
    if extra:
        return first.sizes[extra[0]], parts[0]
    return len(parts), lambda *place: np.stack([part(*place) for part in parts])


def _part(path: Path, layer: xr.DataArray, extra: Sequence[str], order: NDArray[np.intp]) -> Read:
    """Values of one variable as float32 (..., t, h, w)."""
    timed = "time" in layer.dims
    stored = layer.transpose(*extra, *(axis for axis in AXES if timed or axis != "time"))

    def read(times: slice, rows: slice, cols: slice) -> Floats:
        with reading(path, "a cube"):
            part = stored.isel(y=rows, x=cols)
            part = part.isel(time=_steps(order[times])) if timed else part
            values = np.asarray(part.values, dtype=np.float32)
        return values if timed else np.expand_dims(values, -3)

    return read


def _quantised(path: Path, grid: xr.Dataset, name: str, axis: str, order: NDArray[np.intp]) -> Read:
    """TESSERA's whole numbers times the scales beside them."""
    stored, scales = _part(path, grid[name], (axis,), order), _part(path, grid[SCALES], (), order)

    def read(times: slice, rows: slice, cols: slice) -> Floats:
        numbers = np.moveaxis(stored(times, rows, cols), 0, -1)
        return np.moveaxis(quantised.tessera(numbers, scales(times, rows, cols)), -1, 0)

    return read


def _layer(path: Path, grid: xr.Dataset, name: str, order: NDArray[np.intp]) -> Layer:
    attrs = {key: value for key, value in grid[name].attrs.items() if key in ("long_name", "units")}
    return Layer(_part(path, grid[name], (), order), attrs)


def _steps(places: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Successive places as a slice, which every reader of files understands."""
    if len(places) and (np.diff(places) == 1).all():
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


# ---------------------------------------------------------------- what it says of itself
def _maker(attrs: Mapping[str, Any]) -> Maker:
    if "tessera_dataset_version" in attrs:
        return Maker(model="tessera", version=str(attrs["tessera_dataset_version"]))
    return Maker(*(str(attrs.get(key, "")) for key in Maker._fields))


def _kept(path: Path, attrs: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that stay with the result."""
    plain = {str(key): value for key, value in attrs.items() if isinstance(value, str | int | float)}
    kept = {key: value for key, value in plain.items() if key not in NOT_KEPT and len(str(value)) < 2000}
    licence = str(attrs.get("licence") or attrs.get("license") or "")
    source = str(attrs.get("provenance") or attrs.get("source") or f"Loaded from the file {path.name}.")
    return {**kept, "licence": licence, "provenance": source}


def _remarks(grid: xr.Dataset, order: NDArray[np.intp]) -> tuple[str, ...]:
    return () if (np.diff(order) > 0).all() else ("its dates were out of order and were sorted",)
