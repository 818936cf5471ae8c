"""Make borders.json, the outline map under every site map, from the `world-atlas` package of npm.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python static/borders/make.py package/countries-50m.json static/borders/borders.json

Its source is Natural Earth 1:50 m (public domain). Every arc is simplified once, so that neighbours keep sharing
their border: finely in Europe, where the known flux towers stand, coarsely elsewhere. Antarctica is left out.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.affinity import translate

WORLD = shapely.box(-180, -60, 180, 84)  # degrees: west, south, east, north
EUROPE = shapely.box(-26, 33, 46, 72)
FINE, COARSE = 0.03, 0.3  # degrees; largest shift of an outline, inside and outside Europe
SMALLEST_ISLAND = {True: 0.005, False: 0.3}  # square degrees, by whether it lies in Europe
DECIMALS = 2  # of a degree: 1.1 km, finer than the outlines themselves


def decoded(topology: dict[str, Any]) -> list[np.ndarray]:
    """The arcs of a quantised TopoJSON file as (n, 2) longitudes and latitudes."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]


def simplified(arc: np.ndarray) -> np.ndarray:
    line = shapely.LineString(arc)
    return np.array(line.simplify(FINE if line.intersects(EUROPE) else COARSE).coords)


def polygons(geometry: dict[str, Any]) -> Iterator[list[list[int]]]:
    """Every polygon of a geometry as rings, outer first; a ring is a list of arc numbers, ~i being arc i backwards."""
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from polygons(part)
    elif geometry["type"] == "MultiPolygon":
        yield from geometry["arcs"]
    else:
        yield geometry["arcs"]


def stitched(ring: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    """One ring as (n, 2) points whose longitude runs on beyond 180 degrees where it crosses the date line."""
    points = np.concatenate([arcs[number] if number >= 0 else arcs[~number][::-1] for number in ring])
    points[:, 0] = np.unwrap(points[:, 0], period=360)
    return points


def land(topology: dict[str, Any], arcs: list[np.ndarray]) -> Iterator[shapely.Polygon]:
    """Land worth drawing, cut at the date line."""
    for outer, *holes in polygons(topology["objects"]["land"]):
        ring = stitched(outer, arcs)
        if len(ring) < 4 or ring[:, 1].min() < WORLD.bounds[1]:
            continue
        lakes = [lake for lake in (stitched(hole, arcs) for hole in holes) if len(lake) >= 4]
        whole = shapely.Polygon(ring, lakes).buffer(0)
        for turn in (-360, 0, 360):
            parts = shapely.get_parts(translate(whole, turn).intersection(WORLD))
            yield from (part for part in parts if isinstance(part, shapely.Polygon) and large_enough(part))


def large_enough(polygon: shapely.Polygon) -> bool:
    return polygon.area > SMALLEST_ISLAND[bool(polygon.intersects(EUROPE))]


def outlines(topology: dict[str, Any]) -> dict[str, Any]:
    """GeoJSON with two features: `land` to fill, and `borders` between two countries to draw."""
    arcs = [simplified(arc) for arc in decoded(topology)]
    countries = polygons(topology["objects"]["countries"])
    uses = Counter(max(number, ~number) for polygon in countries for ring in polygon for number in ring)
    shared = [arcs[number] for number, times in uses.items() if times > 1]
    return {
        "type": "FeatureCollection",
        "features": [
            feature("land", shapely.MultiPolygon(list(land(topology, arcs)))),
            feature("borders", shapely.MultiLineString(shared)),
        ],
    }


def feature(name: str, shape: Any) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda points: np.round(points, DECIMALS))
    return {"type": "Feature", "properties": {"name": name}, "geometry": json.loads(shapely.to_geojson(rounded))}


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:3])
    target.write_text(json.dumps(outlines(json.loads(source.read_text())), separators=(",", ":")))
