"""What files hold, layer by layer: images with their dates on their own grid, read where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.schema import FormatError, InputError
from core.sources.embeddings.grid import ground_size
from core.sources.embeddings.stack import Floats, Maker, Read, Stack
from core.sources.formats import FileFormat, reading
from core.sources.grids import find_crs, layer_names, read_grid
from core.sources.ingest import naming
from core.sources.ingest.files import Found
from core.sources.ingest.words import is_radar, role_of

if TYPE_CHECKING:
    import xarray as xr

HELD_BYTES = 32_000_000  # of dates read together, of a file that has many
HELD_BLOCKS = 6
CRS_COORDINATES = ("epsg", "proj:epsg", "proj:code", "crs")
RADAR_DATES = "s1_time"  # in merged cubes: the date of the radar image beside each optical one


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One layer of one file."""

    name: str  # as the file spells it
    stack: Stack  # one value a pixel; times in the file's own order
    stated: bool  # the file itself says how its numbers become values
    integer: bool  # stored as whole numbers
    bits: int  # of a stored number
    units: str = ""
    flags: Mapping[int, str] = field(default_factory=dict)  # meaning of each value, where the file tells
    shifted: bool | None = None  # its numbers hold the +1000 of processing baseline 04.00; None: not said
    dated_by: str = ""  # what told the date, of a file without a time axis
    unnamed: bool = False  # its name was taken from the number of bands
    named_by_you: bool = False  # its name is the one the user gave to a band that carries none

    @cached_property
    def pixel(self) -> float:
        """m on the ground; in units of its coordinates where no CRS is known; 0 of a single pixel."""
        return ground_size(self.stack)


def read_layers(found: Found, *, day: np.datetime64 | None = None, bands: Sequence[str] = ()) -> list[Layer]:
    """The layers of a file. `day` and `bands` come from the user, for images that do not say."""
    with reading(found.path, found.form):
        grid = _placed(read_grid(found.path, found.form), found)
        if found.form is FileFormat.GEOTIFF:
            return list(_of_raster(found, grid, day, bands))
        return list(_of_cube(found, grid, day, bands))


def _placed(grid: xr.Dataset, found: Found) -> xr.Dataset:
    """The grid with pixel centres, which some files give as an affine transform alone."""
    if not {"x", "y"} <= set(grid.dims):
        raise FormatError("path", found.path.name, "holds no layer on y and x", "give images")
    if not grid.attrs["crs"]:
        grid = grid.assign_attrs(crs=_crs_beside(grid))
    if not grid.attrs.get("placed", True):
        remedy = "give it one first, for example with gdal_translate -a_ullr"
        raise FormatError("path", found.path.name, "does not state where its pixels lie (no geotransform)", remedy)
    if grid.attrs.get("rotated"):
        raise FormatError("path", found.path.name, "has a rotated grid", "warp it first, for example with gdalwarp")
    if {"x", "y"} <= set(grid.coords):
        return grid
    stated = next((v.attrs["GeoTransform"] for v in grid.variables.values() if "GeoTransform" in v.attrs), None)
    if stated is None:
        raise FormatError("path", found.path.name, "has no coordinates on y and x", "give pixel centres in metres")
    left, width, _, top, _, height = (float(part) for part in str(stated).split())
    return grid.assign_coords(
        x=left + width * (np.arange(grid.sizes["x"]) + 0.5), y=top + height * (np.arange(grid.sizes["y"]) + 0.5)
    )


def _crs_beside(grid: xr.Dataset) -> str:
    """The CRS that a coordinate of one value states, as stackstac and cubo write it; "" if none does."""
    for name in CRS_COORDINATES:
        if name in grid.variables and grid[name].size == 1:
            return find_crs(grid.assign_attrs(crs=str(grid[name].values.reshape(-1)[0])))
    return ""


# ---------------------------------------------------------------- rasters: a date and a band from name and tags
def _of_raster(found: Found, grid: xr.Dataset, day: np.datetime64 | None, bands: Sequence[str]) -> Iterator[Layer]:
    facts = naming.raster_facts(found.path)
    names = [str(name) for name in grid.data_vars]  # in the order of the file
    spelled = naming.raster_layers(found.path, names, bands)
    named = bool(bands) and [one.layer for one in spelled] == list(bands)
    common_day, dated_by = (day, "you") if day is not None else naming.raster_day(found.path, facts.tags)
    for name, own in zip(names, spelled, strict=True):
        when = own.day if own.day is not None else common_day
        if when is None:
            if not role_of(own.layer):
                continue  # a map without a date, such as land cover
            remedy = "put the date into its name as 2021-07-14, or give it with --date"
            raise InputError("path", found.path.name, "has no date in its name or tags", remedy)
        yield _layer(
            found,
            grid,
            name,
            own.layer,
            np.array([when]),
            shifted=naming.shifted(found.path, facts.tags),
            dated_by="band name" if own.day is not None else dated_by,
            unnamed=naming.is_guess(names) and not bands,
            named_by_you=named,
        )


# ---------------------------------------------------------------- cubes
def _of_cube(found: Found, grid: xr.Dataset, day: np.datetime64 | None, bands: Sequence[str]) -> Iterator[Layer]:
    names = [name for name in layer_names(grid) if {"y", "x"} <= set(grid[name].dims)]
    unnamed = [name for name in names if name.strip().rpartition(" ")[2].isdigit()]
    if unnamed and unnamed == names:
        names = sorted(names, key=lambda name: int(name.strip().rpartition(" ")[2]))
        given = naming.numbered(len(names), bands, found.path.name)
    else:
        given = names
    for name, own in zip(names, given, strict=True):
        if grid[name].dtype.kind not in "iufb":
            continue
        times, dated_by = _times(found, grid, name, own, day)
        if times is not None:
            counted = given is not names and not bands
            named = bool(bands) and list(given) == list(bands)
            yield _layer(found, grid, name, own, times, dated_by=dated_by, unnamed=counted, named_by_you=named)


def _times(
    found: Found, grid: xr.Dataset, name: str, spelled: str, day: np.datetime64 | None
) -> tuple[NDArray[np.datetime64] | None, str]:
    """When a layer's images are of; None of a layer without dates that plays no role."""
    axis = _time_axis(grid, name)
    if axis is None:
        if not role_of(spelled):
            return None, ""
        stated, dated_by = (day, "you") if day is not None else naming.cube_day(found.path, grid)
        if stated is None:
            remedy = "give it with --date, or put it into the file's name as 2021-07-14"
            raise InputError("path", found.path.name, f"has no dates beside {name}", remedy)
        return np.array([stated]), dated_by
    own = RADAR_DATES if is_radar(role_of(spelled)) and RADAR_DATES in grid else axis
    times = np.atleast_1d(grid[own].values) if grid[own].dims in ((axis,), ()) else grid[axis].values
    if times.dtype.kind in "OUS":
        times = np.array([naming.day_in(str(text)) or np.datetime64("NaT") for text in times], "datetime64[ns]")
    if not np.issubdtype(times.dtype, np.datetime64) or np.isnat(times).all():
        raise FormatError(
            "path", found.path.name, f"has an axis {axis} without dates", "give it units such as days since"
        )
    return times, ""


def _time_axis(grid: xr.Dataset, name: str) -> str | None:
    """The axis of a layer that tells the time."""
    others = [str(axis) for axis in grid[name].dims if axis not in ("y", "x")]
    for axis in others:
        if axis in ("time", RADAR_DATES) or (axis in grid.coords and grid[axis].dtype.kind == "M"):
            return axis
    return None


# ---------------------------------------------------------------- both
def _layer(
    found: Found,
    grid: xr.Dataset,
    name: str,
    spelled: str,
    times: NDArray[np.datetime64],
    *,
    shifted: bool | None = None,
    dated_by: str = "",
    unnamed: bool = False,
    named_by_you: bool = False,
) -> Layer:
    array = grid[name]
    stored = np.dtype(array.encoding.get("dtype", array.dtype))
    return Layer(
        name=spelled,
        stack=Stack(
            name=found.path.name,
            maker=Maker(),
            times=times.astype("datetime64[ns]"),
            y=grid["y"].values.astype(float),
            x=grid["x"].values.astype(float),
            crs=grid.attrs["crs"],
            size=1,
            read=_held(_reader(found, array, _time_axis(grid, name)), array),
            attrs={key: str(grid.attrs[key]) for key in ("title", "licence", "license", "source") if key in grid.attrs},
        ),
        stated="scale_factor" in array.encoding or "add_offset" in array.encoding,
        integer=stored.kind in "iu",
        bits=stored.itemsize * 8,
        units=str(array.attrs.get("units", array.attrs.get("unit", ""))),
        flags=_flags(array.attrs),
        shifted=False if array.encoding.get("add_offset", 0) else shifted,
        dated_by=dated_by,
        unnamed=unnamed,
        named_by_you=named_by_you,
    )


def _reader(found: Found, array: xr.DataArray, axis: str | None) -> Read:
    single = {str(name): 0 for name in array.dims if name not in (axis, "y", "x")}
    order = [name for name in (axis, "y", "x") if name is not None]

    def read(dates: slice, rows: slice, cols: slice) -> Floats:
        part = {"y": rows, "x": cols} | ({axis: dates} if axis else {})
        with reading(found.path, found.form):
            values = array.isel({**single, **part}).load().transpose(*order).values
        return values.astype(np.float32).reshape(1, -1, *values.shape[-2:])

    return read


def _held(read: Read, array: xr.DataArray) -> Read:
    """A reader that keeps the dates it read last: a file is stored in blocks of several dates."""
    dates_at_once = max(1, HELD_BYTES // max(1, 4 * array.sizes["y"] * array.sizes["x"]))

    def held(dates: slice, rows: slice, cols: slice) -> Floats:
        if dates.stop - dates.start != 1 or array.ndim < 3:
            return read(dates, rows, cols)
        first = dates.start // dates_at_once * dates_at_once
        window = (first, first + dates_at_once, rows.start, rows.stop, cols.start, cols.stop)
        return _block(read, window)[:, dates.start - first : dates.stop - first]

    return held


@lru_cache(maxsize=HELD_BLOCKS)
def _block(read: Callable[..., Floats], window: tuple[int, ...]) -> Floats:
    spans = [slice(start, stop) for start, stop in zip(window[::2], window[1::2], strict=True)]
    return read(*spans)


def _flags(attrs: Mapping[str, Any]) -> dict[int, str]:
    """CF's flag_values and flag_meanings, where both are whole."""
    values, meanings = attrs.get("flag_values"), attrs.get("flag_meanings")
    if values is None or not isinstance(meanings, str):
        return {}
    numbers = [int(value) for value in np.atleast_1d(values)]
    words = meanings.replace(",", " ").split()
    return dict(zip(numbers, words, strict=True)) if len(numbers) == len(words) else {}
