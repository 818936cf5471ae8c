"""Pictures of pixels on a web map that needs no network: the map is drawn once, the picture on it is sent anew."""

from __future__ import annotations

import folium
from leafmap.foliumap import Map

from core.figures.clusters_map import Overlay
from core.frames import Grid
from core.maps import ground_map, offline
from core.schema import InputError
from core.similarity.compare import pixel_at

PICTURE = "picture"


def place_map(around: Overlay) -> Map:
    """A map of the place that a picture shows."""
    leaf = ground_map()
    leaf.fit_bounds([list(corner) for corner in around.bounds], max_zoom=18)
    return offline(leaf)


def picture_layer(picture: Overlay, *, opacity: float) -> folium.FeatureGroup:
    """A picture where it lies, its pixels as they are; `opacity` 0..1."""
    group = folium.FeatureGroup(name=PICTURE)
    corners = [list(corner) for corner in picture.bounds]
    folium.raster_layers.ImageOverlay(picture.picture, bounds=corners, opacity=opacity, pixelated=True).add_to(group)
    return group


def clicked_pixel(grid: Grid, *, lat: float, lon: float) -> tuple[int, int] | None:
    """Row and column of the pixel at (lat, lon) degrees; None where there is none."""
    from pyproj import Transformer

    x, y = Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(lon, lat)
    try:
        return pixel_at(grid, x, y)
    except InputError:
        return None
