"""The words everything else is written in: bands, sites, cubes, daily series, and errors that say what to do.

A leaf: it imports nothing of the project, and xarray and pandas only for type checkers, so that it is cheap to import.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


# ---------------------------------------------------------------- errors
class FluxscapeError(Exception):
    """Something the user can understand and act on; its text is one sentence."""


class InputError(FluxscapeError):
    """A wrong input: which argument, what value, what is wrong with it, and what to do."""

    def __init__(self, argument: str, value: object, problem: str, remedy: str) -> None:
        super().__init__(f"{argument} {_shown(value)} {problem}; {remedy}.")
        self.argument, self.value, self.problem, self.remedy = argument, value, problem, remedy


class CubeError(InputError):
    """A cube that breaks the site-cube contract."""


class SeriesError(InputError):
    """A daily series that breaks its contract."""


class NotFoundError(InputError):
    """A site, run or file that does not exist."""


class FormatError(InputError):
    """A file that is not of a format Fluxscape opens, or not what it claims to be."""


class WorkspaceError(InputError):
    """A workspace that cannot be read, written or trusted."""


class BusyError(WorkspaceError):
    """Somebody else is writing the very thing asked for."""


def _shown(value: object, limit: int = 120) -> str:
    text = value if isinstance(value, str) else repr(value)
    if len(text) > limit:  # both ends: the end of a path is the file's name
        text = f"{text[: limit // 2 - 1]}…{text[-limit // 2 :]}"
    return f"'{text}'"


# ---------------------------------------------------------------- bands
@dataclass(frozen=True, kw_only=True)
class Band:
    """One band by name. `index_code` is what the standard list of spectral indices (spyndex) calls it."""

    name: str
    label: str
    index_code: str
    resolution_m: int  # native pixel size, m
    wavelength_nm: float | None = None  # centre, nm; None for radar


# Centre wavelengths of Sentinel-2A: ESA, Sentinel-2 Spectral Response Functions (S2-SRF), version 3.1.
SENTINEL2: tuple[Band, ...] = (
    Band(name="B02", label="blue", index_code="B", resolution_m=10, wavelength_nm=492.4),
    Band(name="B03", label="green", index_code="G", resolution_m=10, wavelength_nm=559.8),
    Band(name="B04", label="red", index_code="R", resolution_m=10, wavelength_nm=664.6),
    Band(name="B05", label="red edge 1", index_code="RE1", resolution_m=20, wavelength_nm=704.1),
    Band(name="B06", label="red edge 2", index_code="RE2", resolution_m=20, wavelength_nm=740.5),
    Band(name="B07", label="red edge 3", index_code="RE3", resolution_m=20, wavelength_nm=782.8),
    Band(name="B08", label="near infrared", index_code="N", resolution_m=10, wavelength_nm=832.8),
    Band(name="B8A", label="narrow near infrared", index_code="N2", resolution_m=20, wavelength_nm=864.7),
    Band(name="B11", label="shortwave infrared 1", index_code="S1", resolution_m=20, wavelength_nm=1613.7),
    Band(name="B12", label="shortwave infrared 2", index_code="S2", resolution_m=20, wavelength_nm=2202.4),
)
SENTINEL1: tuple[Band, ...] = (
    Band(name="VV", label="backscatter VV", index_code="VV", resolution_m=10),
    Band(name="VH", label="backscatter VH", index_code="VH", resolution_m=10),
)
S2_BANDS: tuple[str, ...] = tuple(band.name for band in SENTINEL2)
S1_BANDS: tuple[str, ...] = tuple(band.name for band in SENTINEL1)

REFLECTANCE_RANGE = (-0.2, 2.0)  # reflectance (1); outside it the numbers are scaled integers, not reflectance
BACKSCATTER_RANGE = (-60.0, 40.0)  # dB; outside it the numbers are not decibels


# ---------------------------------------------------------------- vegetation classes
# International Geosphere-Biosphere Programme classes, as flux-tower networks use them.
IGBP_CLASSES: Mapping[str, str] = {
    "DBF": "deciduous broadleaf forest",
    "EBF": "evergreen broadleaf forest",
    "ENF": "evergreen needleleaf forest",
    "MF": "mixed forest",
    "GRA": "grassland",
    "CRO": "cropland",
    "WET": "wetland",
    "SAV": "savanna",
    "WSA": "woody savanna",
    "OSH": "open shrubland",
    "CSH": "closed shrubland",
    "URB": "urban",
    "": "class unknown",
}

# ---------------------------------------------------------------- daily series
WEATHER_COLUMNS: Mapping[str, str] = {
    "temperature": "degC",  # daily mean, 2 m
    "temperature_min": "degC",
    "temperature_max": "degC",
    "dewpoint": "degC",
    "precipitation": "mm d-1",
    "radiation": "MJ m-2 d-1",  # shortwave, incoming
    "vpd": "kPa",  # vapour pressure deficit, daytime
    "wind_speed": "m s-1",
    "wind_direction": "degree",  # where it comes from, clockwise from north
    "snow": "mm",  # snow water equivalent on the ground
}
TOWER_COLUMNS: Mapping[str, str] = {
    "gpp": "gC m-2 d-1",  # NaN in gaps; negative values stay
    "quality": "1",  # share of the day that was measured or filled with high confidence, 0..1
    "filled": "1",  # True where the value is mostly gap-filled: drawn differently, never scored
}
MISSING_VALUE = -9999.0  # what tower files write for "no value"


# ---------------------------------------------------------------- sites
SiteKind = Literal["simulated", "archive", "files", "place"]


@dataclass(frozen=True, kw_only=True)
class SiteInfo:
    """What is known of a site without opening its cube. `place` is a spot on the map with no data yet."""

    id: str
    kind: SiteKind
    title: str
    lat: float  # degrees north, WGS 84
    lon: float  # degrees east, WGS 84
    igbp: str  # a key of IGBP_CLASSES; "" = unknown
    description: str = ""
    elevation_m: float | None = None  # m above sea level
    licence: str = ""
    provenance: str = ""
    crs: str = ""
    shape: tuple[int, int] = (0, 0)  # rows, columns
    pixel_m: float = 0.0  # pixel size, m
    start: str = ""  # first optical date, ISO
    end: str = ""  # last optical date, ISO
    optical_dates: int = 0
    radar_dates: int = 0
    clear_share: float | None = None  # share of pixel-dates with a usable optical value, 0..1
    tower_start: str = ""
    tower_end: str = ""
    tower_days: int = 0  # days with a measured value

    @property
    def simulated(self) -> bool:
        return self.kind == "simulated"

    @property
    def has_data(self) -> bool:
        return self.optical_dates > 0

    @property
    def area_ha(self) -> float:
        return self.shape[0] * self.shape[1] * self.pixel_m**2 / 10_000

    @property
    def class_name(self) -> str:
        return IGBP_CLASSES.get(self.igbp, self.igbp)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        known = {attribute.name for attribute in fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        values["shape"] = tuple(values.get("shape", (0, 0)))
        return cls(**values)


# ---------------------------------------------------------------- runs
@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """All that decides a result. Two runs of one spec are the same run: its id is a digest of the spec."""

    kind: str  # what was done: "embedding", "clusters", ...
    site: str
    input_digest: str  # content digest of what it read
    parameters: Mapping[str, Any] = field(default_factory=dict)  # JSON values only
    version: str  # of Fluxscape

    @property
    def id(self) -> str:
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return f"{self.site}-{self.kind}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)


# ---------------------------------------------------------------- the site cube
def check_site_cube(cube: xr.Dataset, *, name: str = "cube") -> xr.Dataset:
    """Return `cube` if it keeps the site-cube contract, else raise CubeError with the first breach.

    Bands by name: Sentinel-2 reflectance on (time, y, x), Sentinel-1 dB on (s1_time, y, x), float32, NaN = missing;
    pixel-centre x ascending, y descending (north up), a projected CRS in attrs["crs"].
    """
    _check_bands(cube, name)
    _check_times(cube, name)
    _check_grid(cube, name)
    _check_values(cube, name)
    return cube


def _check_bands(cube: xr.Dataset, name: str) -> None:
    missing = [band for band in S2_BANDS if band not in cube]
    if missing:
        raise CubeError(
            name,
            list(cube.data_vars),
            f"lacks the bands {', '.join(missing)}",
            "name all ten Sentinel-2 bands B02 to B12",
        )
    layouts = dict.fromkeys(S2_BANDS, ("time", "y", "x")) | dict.fromkeys(S1_BANDS, ("s1_time", "y", "x"))
    for band, dims in layouts.items():
        if band not in cube:
            continue
        if cube[band].dims != dims:
            raise CubeError(name, band, f"has the dimensions {cube[band].dims}", f"transpose it to {dims}")
        if cube[band].dtype != np.float32:
            raise CubeError(
                name, band, f"is stored as {cube[band].dtype}", "convert it to float32 with NaN for missing values"
            )


def _check_times(cube: xr.Dataset, name: str) -> None:
    for axis in ("time", "s1_time"):
        if axis not in cube.dims:
            continue
        times = cube[axis].values
        if not np.issubdtype(times.dtype, np.datetime64):
            raise CubeError(name, axis, f"holds {times.dtype}, not dates", "convert it to datetime64")
        if times.size == 0:
            raise CubeError(name, axis, "has no date", "give at least one acquisition")
        if not (np.diff(times) > np.timedelta64(0)).all():
            raise CubeError(name, axis, "is not strictly increasing", "sort the dates and merge those of one day")


def _check_grid(cube: xr.Dataset, name: str) -> None:
    if not str(cube.attrs.get("crs", "")).strip():
        raise CubeError(name, "crs", "is missing from the attributes", "set attrs['crs'], for example 'EPSG:32632'")
    for axis, sign, words in (("x", 1, "west to east"), ("y", -1, "north to south")):
        if axis not in cube.coords:
            raise CubeError(name, axis, "has no coordinates", "give the pixel centres in metres")
        steps = np.diff(cube[axis].values.astype(float)) * sign
        if not (steps > 0).all():
            raise CubeError(
                name, axis, f"does not run from {words}", f"use cube.sortby('{axis}', ascending={sign > 0})"
            )
        if steps.size and not np.allclose(steps, steps[0], rtol=1e-3):
            raise CubeError(name, axis, "is not evenly spaced", "resample the cube to one regular grid")


def _check_values(cube: xr.Dataset, name: str) -> None:
    red = cube["B04"].values
    if not np.isfinite(red).any():
        raise CubeError(name, "B04", "has no valid pixel at any date", "check the cloud mask and the fill value")
    low, high = float(np.nanmin(red)), float(np.nanmax(red))
    if low < REFLECTANCE_RANGE[0] or high > REFLECTANCE_RANGE[1]:
        raise CubeError(
            name,
            "B04",
            f"ranges from {low:.4g} to {high:.4g}, which is no reflectance",
            "scale it to 0..1 (often: divide by 10000)",
        )
    if "VV" not in cube:
        return
    vv = cube["VV"].values
    if np.isfinite(vv).any() and not (BACKSCATTER_RANGE[0] <= np.nanmin(vv) <= np.nanmax(vv) <= BACKSCATTER_RANGE[1]):
        raise CubeError(name, "VV", "is not in decibels", "convert linear power with 10 * log10")


def clear_share(cube: xr.Dataset) -> float:
    """Share of optical pixel-dates with a usable value, 0..1."""
    return float(np.isfinite(cube["B04"].values).mean())


# ---------------------------------------------------------------- daily tables
def check_weather(table: pd.DataFrame, *, name: str = "weather") -> pd.DataFrame:
    """Return a daily weather table (index `time`, any of WEATHER_COLUMNS) if it keeps its contract."""
    return _check_daily(table, WEATHER_COLUMNS, name, needed=())


def check_tower(table: pd.DataFrame, *, name: str = "tower") -> pd.DataFrame:
    """Return a daily tower series (index `time`, TOWER_COLUMNS) if it keeps its contract."""
    _check_daily(table, TOWER_COLUMNS, name, needed=tuple(TOWER_COLUMNS))
    if (table["gpp"] <= MISSING_VALUE).any():
        raise SeriesError(name, MISSING_VALUE, "stands for a missing value in gpp", "replace it by NaN")
    quality = table["quality"].dropna()
    if not quality.between(0, 1).all():
        raise SeriesError(name, float(quality.max()), "is no quality between 0 and 1", "scale percentages to 0..1")
    if "column" not in table.attrs:
        raise SeriesError(
            name, "column", "is missing from the attributes", "say which column of the file gpp came from"
        )
    return table


def _check_daily(table: pd.DataFrame, known: Mapping[str, str], name: str, needed: Sequence[str]) -> pd.DataFrame:
    unknown = [str(column) for column in table.columns if column not in known]
    if unknown:
        raise SeriesError(name, ", ".join(unknown), "is no known column", f"use {', '.join(known)}")
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise SeriesError(name, ", ".join(missing), "is missing", f"give the columns {', '.join(needed)}")
    if table.index.name != "time" or not np.issubdtype(np.asarray(table.index).dtype, np.datetime64):
        raise SeriesError(name, table.index.name, "is no daily time index", "use a DatetimeIndex named 'time'")
    if not (np.diff(np.asarray(table.index, dtype="datetime64[D]")) == np.timedelta64(1, "D")).all():
        raise SeriesError(
            name, "time", "does not step by one day", "reindex it to every day, NaN where there is no value"
        )
    return table
