"""What is asked of an archive: a place, a size, a period; and the one grid of the site."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core.schema import InputError
from core.sources.crs import Box, carried, transformer, utm_at
from core.sources.embeddings.grid import Grid

PIXEL_M = 10.0  # Sentinel-2's finest
RASTER_M = 20.0  # edges lie on it, so that pixels of 20 m are two by two of ours
SIZE_KM = (0.3, 5.0)
LATITUDES = (-80.0, 84.0)  # where UTM is defined; Sentinel-2 sees 56 S to 84 N
FIRST_DAY = dt.date(2015, 6, 27)  # first image of Sentinel-2A
WGS84 = "EPSG:4326"
ORBITS = ("both", "ascending", "descending")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A square box around a place, and a period with both its days. Checked when it is made."""

    lat: float  # degrees north
    lon: float  # degrees east
    size_km: float
    start: dt.date
    end: dt.date
    orbit: str = "both"  # of Sentinel-1

    @classmethod
    def of(
        cls,
        *,
        lat: float,
        lon: float,
        size: float,
        start: str,
        end: str,
        orbit: str = "both",
        today: dt.date | None = None,
    ) -> Request:
        """A request as a user writes it; `size` is in km, or in m from 300 on."""
        if not -90 <= lat <= 90:
            raise InputError("lat", lat, "is no latitude", "give degrees north, -90 to 90")
        if not LATITUDES[0] <= lat <= LATITUDES[1]:
            raise InputError("lat", lat, "lies where UTM is not defined", "choose a place from 80 S to 84 N")
        if not -180 <= lon <= 180:
            raise InputError("lon", lon, "is no longitude", "give degrees east, -180 to 180")
        if orbit not in ORBITS:
            raise InputError("orbit", orbit, "is no choice of orbits", f"use {', '.join(ORBITS)}")
        first, last = _day(start, "start"), _day(end, "end")
        _check_period(first, last, today or dt.datetime.now(dt.UTC).date())
        return cls(lat=lat, lon=lon, size_km=_kilometres(size), start=first, end=last, orbit=orbit)

    def grid(self, crs: str | None = None) -> Grid:
        """The box in UTM: in the zone of its middle, or in `crs`."""
        import numpy as np

        own = crs or utm_at(self.lon, self.lat)
        x, y = transformer(WGS84, own).transform(self.lon, self.lat)
        half = round(self.size_km * 1000 / 2 / RASTER_M) * RASTER_M
        west, south = (round((centre - half) / RASTER_M) * RASTER_M for centre in (x, y))
        steps = np.arange(round(2 * half / PIXEL_M)) * PIXEL_M + PIXEL_M / 2
        return Grid(crs=own, y=(south + steps)[::-1].copy(), x=west + steps)

    def box(self) -> Box:
        """West, south, east, north in degrees."""
        grid = self.grid()
        return carried(grid.bounds, grid.crs, WGS84)


def _kilometres(size: float) -> float:
    low, high = SIZE_KM
    if low <= size <= high:
        return float(size)
    if low * 1000 <= size <= high * 1000:
        return size / 1000
    raise InputError("size", size, "is no size of a site", f"give {low:g} to {high:g} km")


def _day(text: str, argument: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(argument, text, "is no date", "write it as 2021-07-14") from None


def _check_period(start: dt.date, end: dt.date, today: dt.date) -> None:
    shown = f"{start} to {end}"
    if end < start:
        raise InputError("period", shown, "ends before it starts", "swap the two days")
    if end < FIRST_DAY:
        problem = "lies before Sentinel-2, whose first image is of 27 June 2015"
        raise InputError("period", shown, problem, f"choose days from {FIRST_DAY} on")
    if start > today:
        raise InputError("period", shown, "lies in the future", f"choose days until {today}")


def usual_name(lat: float, lon: float) -> str:
    """N50-8600_E004-4200, of a place: what a site is called that was given no name."""
    north, east = ("N" if lat >= 0 else "S"), ("E" if lon >= 0 else "W")
    return f"{north}{abs(lat):07.4f}_{east}{abs(lon):08.4f}".replace(".", "-")
