"""What a file or folder holds, said before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from core.schema import SiteInfo
from core.sources.formats import FileFormat, reading, recognise

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Dates:
    """How many different days there are, and the first and last of them."""

    count: int
    start: str  # ISO
    end: str  # ISO

    @classmethod
    def of(cls, moments: NDArray[np.datetime64]) -> Self | None:
        """Of datetime64 values; None if there are none."""
        days = np.unique(moments[~np.isnat(moments)].astype("datetime64[D]"))
        return cls(count=days.size, start=str(days[0]), end=str(days[-1])) if days.size else None


@dataclass(frozen=True, kw_only=True)
class Description:
    """A file in the words of a reader who has to decide what to do with it."""

    path: str
    format: str  # of the file
    kind: str  # what it holds
    title: str = ""
    dims: Mapping[str, int] = field(default_factory=dict)
    dates: Dates | None = None  # of the main series: optical where there is one
    radar_dates: Dates | None = None  # where radar has dates of its own
    step: str = ""  # of a table: "daily", "half-hourly", ...
    bands: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    crs: str = ""
    pixel_m: float | None = None
    cloud_share: float | None = None  # share of optical pixel-dates without a usable value, 0..1; None: not known
    simulated: bool = False
    notes: tuple[str, ...] = ()  # what to know before using it, a sentence each

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def describe(path: Path | str) -> Description:
    """Describe a site folder, Zarr, NetCDF, GeoTIFF, CSV or Parquet; an error in one sentence for anything else."""
    path = Path(path).expanduser()
    form = recognise(path)
    with reading(path, form):
        if form is FileFormat.SITE:
            return _describe_site(path)
        if form in {FileFormat.CSV, FileFormat.PARQUET}:
            from core.sources.describe_table import describe_table

            return describe_table(path, form)
        from core.sources.describe_grid import describe_grid

        return describe_grid(path, form)


def _describe_site(path: Path) -> Description:
    from core.sources.grids import axis_sizes, layer_names
    from core.sources.site import read_site

    site = read_site(path)
    cube, info = site.cube, site.info
    return Description(
        path=str(path),
        format=FileFormat.SITE,
        kind="site",
        title=info.title,
        dims=axis_sizes(cube),
        dates=Dates.of(cube["time"].values),
        radar_dates=Dates.of(cube["s1_time"].values) if "s1_time" in cube else None,
        bands=tuple(layer_names(cube)),
        columns=tuple(str(name) for table in (site.weather, site.tower) if table is not None for name in table),
        crs=info.crs,
        pixel_m=info.pixel_m,
        cloud_share=None if info.clear_share is None else round(1 - info.clear_share, 4),
        simulated=info.simulated,
        notes=tuple(_site_notes(info)),
    )


def _site_notes(info: SiteInfo) -> list[str]:
    notes = ["Simulated: no real place, tower or satellite."] if info.simulated else []
    notes.append(f"{info.class_name.capitalize()} at {info.lat:.4f}, {info.lon:.4f}.")
    if info.tower_days:
        notes.append(f"Tower GPP on {info.tower_days} days, {info.tower_start} to {info.tower_end}.")
    if info.licence:
        notes.append(f"Licence: {info.licence}.")
    return notes
