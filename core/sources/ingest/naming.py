"""What names and tags of images tell: the date, the band, the processing baseline."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.schema import S1_BANDS, S2_BANDS, InputError
from core.sources.embeddings.dates import DAY_IN_NAME
from core.sources.geotiff import opened
from core.sources.ingest.words import SCENE_CLASSES, role_of

if TYPE_CHECKING:
    import xarray as xr

DAY_OF_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d{3})(?=$|[T._-])")  # as in HLS: 2021155T103629
TIME_OF_DAY = re.compile(r"T\d{4,6}Z?")
BASELINE = re.compile(r"(?<![A-Za-z0-9])N(\d\d)(\d\d)(?![A-Za-z0-9])")  # in product names of Sentinel-2: N0400
SHIFTED_FROM = 4.0  # processing baseline since which numbers are 1000 larger, to hold negative reflectance
NUMBERED = re.compile(r"band \d+")
DATE_TAGS = (
    "acquisition_date", "date_acquired", "sensing_time", "sensing_date", "datetime", "date", "start_datetime",
    "product_start_time", "time_coverage_start", "system:time_start", "time", "timestamp",
)  # fmt: skip
FILE_TAG = "tifftag_datetime"  # when the file was written, as a rule, not when the image was taken
L2A_BANDS = ("B01", *S2_BANDS[:8], "B09", *S2_BANDS[8:])  # all twelve, in the order of their names
BY_COUNT = {  # what bands without names are taken for, by their number
    len(S2_BANDS): S2_BANDS,
    len(S2_BANDS) + 1: (*S2_BANDS, SCENE_CLASSES),
    len(S2_BANDS) + 2: L2A_BANDS,
    4: ("B02", "B03", "B04", "B08"),
    2: S1_BANDS,
}


class RasterFacts(NamedTuple):
    tags: Mapping[str, str]  # in lower case


class Spelled(NamedTuple):
    """A band of a raster: the layer it belongs to, and its own date where its name tells one."""

    layer: str
    day: np.datetime64 | None = None


def raster_facts(path: Path) -> RasterFacts:
    with opened(path) as tiff:
        tags = {**tiff.tags(), **tiff.tags(ns="IMAGERY")}
    return RasterFacts({key.lower(): str(value) for key, value in tags.items()})


# ---------------------------------------------------------------- bands
def raster_layers(path: Path, names: Sequence[str], bands: Sequence[str] = ()) -> list[Spelled]:
    """What each band of a raster is of: by its own name, else by the file's, else by the number of bands."""
    if len(names) == 1 and not role_of(names[0]) and day_in(names[0]) is None:
        stem = _without_date(path.stem)
        nameless = len(bands) == 1 and NUMBERED.fullmatch(names[0]) and not role_of(stem)
        return [Spelled(bands[0] if nameless else stem)]
    if all(NUMBERED.fullmatch(name) for name in names):
        return [Spelled(name) for name in numbered(len(names), bands, path.name)]
    days = [day_in(name) for name in names]
    if all(day is not None for day in days) and not any(role_of(_without_date(name)) for name in names):
        return [Spelled(_without_date(path.stem), day) for day in days]  # one layer, a band for each date
    return [Spelled(_without_date(name) if day else name, day) for name, day in zip(names, days, strict=True)]


def numbered(count: int, bands: Sequence[str], file: str) -> list[str]:
    """Names for bands that are only numbered: the user's, else the usual ones for as many."""
    if bands:
        if len(bands) != count:
            problem = f"are {len(bands)}, but {file} has {count}"
            raise InputError("bands", ",".join(bands), problem, "name every band, in order; '-' for one to leave out")
        return list(bands)
    usual = BY_COUNT.get(count)
    return list(usual) if usual else [f"band {index}" for index in range(1, count + 1)]


def is_guess(names: Sequence[str]) -> bool:
    """Whether a raster's bands are named by their number alone."""
    return len(names) > 1 and all(NUMBERED.fullmatch(name) for name in names)


def _without_date(name: str) -> str:
    bare = TIME_OF_DAY.sub("", DAY_OF_YEAR.sub("", DAY_IN_NAME.sub("", name)))
    return re.sub(r"[_.\- ]{2,}", "_", bare).strip("_.- ") or name


# ---------------------------------------------------------------- dates
def day_in(text: str) -> np.datetime64 | None:
    """The first date in a text."""
    for found in DAY_IN_NAME.finditer(text):
        if (day := _day(int(found[1]), int(found[3]), int(found[4]))) is not None:
            return day
    for found in DAY_OF_YEAR.finditer(text):
        if 1 <= int(found[2]) <= 366:
            return np.datetime64(dt.date(int(found[1]), 1, 1) + dt.timedelta(int(found[2]) - 1), "D")
    return None


def raster_day(path: Path, tags: Mapping[str, str]) -> tuple[np.datetime64 | None, str]:
    """The date of an image and what told it: a tag, its name, a folder's name, or when the file says it was written."""
    for tag in DATE_TAGS:
        if (day := _stated(tags.get(tag, ""))) is not None:
            return day, f"tag {tag}"
    if (day := day_in(path.stem)) is not None:
        return day, "file name"
    for folder in path.parent.parts[:-4:-1]:
        if (day := day_in(folder)) is not None:
            return day, "folder name"
    day = _stated(tags.get(FILE_TAG, ""))
    return day, "the time the file was written" if day is not None else ""


def cube_day(path: Path, grid: xr.Dataset) -> tuple[np.datetime64 | None, str]:
    """The date of a cube without a time axis."""
    for name in ("time", "date", "datetime", "time_coverage_start", "acquisition_date"):
        if name in grid.variables and grid[name].size == 1 and grid[name].dtype.kind == "M":
            return grid[name].values.reshape(-1)[0], "time"
        if name in grid.attrs and (day := _stated(str(grid.attrs[name]))) is not None:
            return day, f"attribute {name}"
    day = day_in(path.stem)
    return day, "file name" if day is not None else ""


def _stated(text: str) -> np.datetime64 | None:
    text = text.strip()
    if re.fullmatch(r"\d{12,13}", text):  # milliseconds since 1970, as Earth Engine has it
        return np.datetime64(int(text), "ms").astype("datetime64[ns]")
    text = re.sub(r"^(\d{4}):(\d\d):(\d\d)", r"\1-\2-\3", text)  # TIFF writes colons
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return day_in(text)
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return np.datetime64(utc, "ns")


def _day(year: int, month: int, day: int) -> np.datetime64 | None:
    try:
        return np.datetime64(dt.date(year, month, day), "D")
    except ValueError:
        return None


# ---------------------------------------------------------------- processing baseline
def shifted(path: Path, tags: Mapping[str, str]) -> bool | None:
    """Whether an image's numbers are 1000 larger since processing baseline 04.00; None where nothing tells."""
    stated = next((tags[tag] for tag in tags if tag.endswith("processing_baseline")), "")
    if re.fullmatch(r"\d+(\.\d+)?", stated):
        return float(stated) >= SHIFTED_FROM
    for part in (path.stem, *path.parent.parts[:-4:-1]):
        if found := BASELINE.search(part.replace("_", " ")):
            return float(f"{found[1]}.{found[2]}") >= SHIFTED_FROM
    return None
