"""Coordinate reference systems by their text: which one it is, its UTM zone, and boxes carried from one to another."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.schema import InputError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Box = tuple[float, float, float, float]  # west, south, east, north

EDGE_POINTS = 21  # of each edge of a box that is carried into another CRS
NO_NAMES = ("unknown", "unnamed")
SPHERES = ("WGS 84", "GRS 1980")  # ellipsoids that differ by 0.1 mm


@lru_cache(maxsize=32)
def crs_of(text: str) -> CRS:
    from pyproj import CRS

    return CRS.from_user_input(text)


def known_crs(text: str) -> CRS:
    """A CRS as a user states it; refused where PROJ does not know it."""
    from pyproj.exceptions import CRSError

    try:
        return crs_of(text)
    except CRSError:
        raise InputError("crs", text, "is no CRS that PROJ knows", "write it as EPSG:32632") from None


@lru_cache(maxsize=32)
def name_of(text: str) -> str:
    """'EPSG:32632' where a CRS has a code, else the text that defines it.

    A UTM zone on a datum without a name, as NASA's HLS images state it, is that of WGS 84.
    """
    crs = crs_of(text)
    code = crs.to_epsg()
    if code is None and crs.utm_zone and crs.ellipsoid is not None and crs.ellipsoid.name in SPHERES:
        code = (32600 if crs.utm_zone.endswith("N") else 32700) + int(crs.utm_zone[:-1])
    return f"EPSG:{code}" if code else text


def label_of(text: str) -> str:
    """What to call a CRS: its code where it has one, else its title."""
    name, title = name_of(text), str(crs_of(text).name)
    if name.startswith("EPSG:"):
        return name
    return title if title not in NO_NAMES else "a CRS without a name"


@lru_cache(maxsize=32)
def is_utm(text: str) -> bool:
    """Whether a CRS is a zone of UTM in metres, on whatever datum."""
    crs = crs_of(text)
    return bool(crs.utm_zone) and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)


def utm_at(lon: float, lat: float) -> str:
    """The UTM zone of a place."""
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


@lru_cache(maxsize=32)
def transformer(source: str, target: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def carried(box: Box, source: str, target: str) -> Box:
    """A box in another CRS: the box around it there."""
    from pyproj.exceptions import ProjError

    if source == target or crs_of(source) == crs_of(target):
        return box
    with suppress(ProjError):
        west, south, east, north = transformer(source, target).transform_bounds(*box, densify_pts=EDGE_POINTS)
        if np.isfinite([west, south, east, north]).all():
            return west, south, east, north
    remedy = "give the true one with --crs, for example EPSG:32632"
    raise InputError("crs", name_of(source), "does not fit coordinates like " + f"{box[0]:g}, {box[1]:g}", remedy)
