"""A small archive, written by the tests: cloud-optimised GeoTIFFs of a made-up ground, and their STAC items.

The ground is a smooth function of place, band and day, so that what comes back can be compared with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

from core.schema import S2_BANDS, SENTINEL2

RESOLUTION = {band.name: band.resolution_m for band in SENTINEL2} | {"SCL": 20}
VEGETATION, CLOUD = 4, 9  # scene classes
Box = tuple[float, float, float, float]
Where = Callable[[np.ndarray, np.ndarray], np.ndarray]  # x and y in m of the tile's CRS -> true or false, or classes


def reflectance(band: str, lon: np.ndarray, lat: np.ndarray, day: str) -> np.ndarray:
    """What the ground reflects, 0.03 to 0.6."""
    season = 0.05 * np.sin(int(np.datetime64(day, "D").astype(int)) / 58)
    return 0.08 + 0.04 * S2_BANDS.index(band) + season + 2 * (lon - 11.99) + 3 * (lat - 47.0)


def power(band: str, lon: np.ndarray, lat: np.ndarray, day: str) -> np.ndarray:
    """Backscatter of the ground in linear power."""
    season = 1 + 0.2 * np.sin(int(np.datetime64(day, "D").astype(int)) / 58)
    return (0.1 if band == "VV" else 0.02) * season * (1 + 10 * (lon - 11.99))


def nowhere(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.zeros(x.shape, dtype=bool)


def vegetation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.full(x.shape, VEGETATION)


@dataclass
class Archive:
    """Files below `folder`, served at `address`; items to be handed to a STAC API."""

    folder: Path
    address: str
    items: list[dict[str, object]] = field(default_factory=list)

    def add_optical(
        self,
        day: str,
        *,
        tile: str,
        crs: str,
        box: Box,
        baseline: str = "03.00",
        classes: Where = vegetation,
        gap: Where = nowhere,
        time: str = "10:20:31",
        suffix: str = "",
        keys: Callable[[str], str] = str,
        **properties: object,
    ) -> str:
        """Write a Sentinel-2 scene over `box` (m of `crs`); numbers are raw, with +1000 from baseline 04.00 on."""
        name = f"S2A_MSIL2A_{day.replace('-', '')}T102031_R065_T{tile}{suffix}"
        shift = 1000 if float(baseline) >= 4 else 0
        assets = {}
        for band in S2_BANDS:
            x, y, lon, lat = _places(crs, box, RESOLUTION[band])
            numbers = np.round(reflectance(band, lon, lat, day) * 10_000) + shift
            numbers[gap(x, y)] = 0
            assets[keys(band)] = self._write(name, band, numbers.astype(np.uint16), crs, box, nodata=0)
        x, y, *_ = _places(crs, box, 20)
        seen = np.array(classes(x, y))
        seen[gap(x, y)] = 0
        assets[keys("SCL")] = self._write(name, "SCL", seen.astype(np.uint8), crs, box, nodata=0)
        said = {"s2:processing_baseline": baseline, "s2:mgrs_tile": tile, "proj:epsg": int(crs.removeprefix("EPSG:"))}
        self._item("sentinel-2-l2a", name, f"{day}T{time}Z", crs, box, assets, said | properties)
        return name

    def add_radar(
        self, day: str, *, crs: str, box: Box, orbit: str = "ascending", time: str = "17:05:11", gain: float = 1.0
    ) -> str:
        """Write a Sentinel-1 scene in linear power."""
        name = f"S1A_IW_GRDH_1SDV_{day.replace('-', '')}T{time.replace(':', '')}_{orbit}_rtc"
        _, _, lon, lat = _places(crs, box, 10)
        assets = {}
        for band in ("VV", "VH"):
            values = (power(band, lon, lat, day) * gain).astype(np.float32)
            assets[band.lower()] = self._write(name, band.lower(), values, crs, box, nodata=-32768)
        said = {"sat:orbit_state": orbit, "proj:epsg": int(crs.removeprefix("EPSG:"))}
        self._item("sentinel-1-rtc", name, f"{day}T{time}Z", crs, box, assets, said)
        return name

    def collections(self) -> list[dict[str, object]]:
        return [
            {
                "type": "Collection",
                "stac_version": "1.0.0",
                "id": name,
                "description": f"{name} of the tests",
                "license": "proprietary",
                "extent": {
                    "spatial": {"bbox": [[-180, -90, 180, 90]]},
                    "temporal": {"interval": [["2015-06-27T00:00:00Z", None]]},
                },
                "links": [],
            }
            for name in ("sentinel-2-l2a", "sentinel-1-rtc")
        ]

    def store(self) -> list[Path]:
        """The collections and items as files, for a server to load."""
        files = []
        for collection in self.collections():
            files.append(self.folder / f"{collection['id']}.json")
            files[-1].write_text(json.dumps(collection))
        files.append(self.folder / "items.json")
        files[-1].write_text(json.dumps({"type": "FeatureCollection", "features": self.items}))
        return files

    # ------------------------------------------------------------ inside
    def _write(self, scene: str, name: str, values: np.ndarray, crs: str, box: Box, *, nodata: float) -> str:
        path = self.folder / scene / f"{name}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        step = (box[2] - box[0]) / values.shape[1]
        profile = {
            "driver": "COG", "height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype,
            "crs": crs, "transform": from_origin(box[0], box[3], step, step), "nodata": nodata,
            "compress": "deflate", "blocksize": 512,
        }  # fmt: skip
        with rasterio.open(path, "w", **profile) as tiff:
            tiff.write(values, 1)
        return f"{self.address}/{scene}/{name}.tif?sig=SECRET"

    def _item(
        self,
        collection: str,
        name: str,
        moment: str,
        crs: str,
        box: Box,
        assets: dict[str, str],
        properties: dict[str, object],
    ) -> None:
        west, south, east, north = transform_bounds(crs, "EPSG:4326", *box)
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        self.items.append(
            {
                "type": "Feature",
                "stac_version": "1.0.0",
                "id": name,
                "collection": collection,
                "bbox": [west, south, east, north],
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"datetime": moment, **properties},
                "links": [],
                "assets": {
                    key: {"href": href, "type": "image/tiff; application=geotiff; profile=cloud-optimized"}
                    for key, href in assets.items()
                },
            }
        )


def _places(crs: str, box: Box, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pixel centres in m and in degrees."""
    x, y = np.meshgrid(np.arange(box[0] + step / 2, box[2], step), np.arange(box[3] - step / 2, box[1], -step))
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    return x, y, lon, lat
