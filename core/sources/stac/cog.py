"""Reading assets onto a grid through odc-stac, by a driver that opens GeoTIFF over the web and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from core.sources.crs import carried
from core.sources.embeddings.grid import Grid
from core.sources.geotiff import is_placed
from core.sources.stac.assets import Scene, Source

if TYPE_CHECKING:
    from odc.geo.geobox import GeoBox

for _name in ("odc.loader", "rasterio._env"):  # failures are raised, and said in our own words
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # GDAL repeats addresses with their signatures

AT_ONCE = 12  # assets read at a time: they wait for the network, not for the processor
GDAL_OPTIONS: Mapping[str, Any] = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no look at files beside it
    "GDAL_INGESTED_BYTES_AT_OPEN": 32768,  # the header of a COG in one request
    "GDAL_HTTP_MAX_RETRY": 2,  # quick second tries here; patience is kept one level up
    "GDAL_HTTP_RETRY_DELAY": 0.3,  # s, doubled each time
    "GDAL_HTTP_CONNECTTIMEOUT": 15,  # s
    "GDAL_HTTP_LOW_SPEED_TIME": 30,  # s below the speed, and the connection is given up
    "GDAL_HTTP_LOW_SPEED_LIMIT": 100,  # bytes a second
    "GDAL_HTTP_TIMEOUT": 120,  # s
    "CPL_VSIL_CURL_USE_HEAD": "NO",
    "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/",  # else a failure would be remembered, and a second try be none
    "GDAL_HTTP_NETRC": "NO",  # no passwords from files of the user
    "VSI_CACHE": False,
}

Floats = NDArray[np.float32]


class AssetError(Exception):
    """An asset that could not be read: its address, without any signature, and the reason."""

    def __init__(self, href: str, reason: str) -> None:
        self.href, self.reason = href, reason
        super().__init__(f"{bare(href)}: {reason}")


def bare(href: str) -> str:
    """An address without its query, which may hold a signature."""
    return href.partition("?")[0]


def read_scene(scene: Scene, hrefs: Mapping[str, str], grid: Grid) -> dict[str, Floats]:
    """The numbers of a scene (rows, columns) by role, NaN where it has none; nothing is scaled.

    `hrefs` are the addresses to read, signed where need be. Each pixel takes the nearest one of the asset.
    """
    import odc.stac

    roles = list(hrefs)
    loaded = odc.stac.load(
        [_slim(scene, hrefs, grid)],
        bands=roles,
        geobox=geobox(grid),
        groupby="id",
        dtype="float32",
        nodata=np.nan,
        pool=AT_ONCE,
        driver=_CogDriver(scene.sources),
        fail_on_error=True,
    )
    return {role: loaded[role].values[0] for role in roles}


def geobox(grid: Grid) -> GeoBox:
    from affine import Affine
    from odc.geo.geobox import GeoBox

    west, _, _, north = grid.bounds
    size = grid.pixel_m
    return GeoBox((len(grid.y), len(grid.x)), Affine(size, 0, west, 0, -size, north), grid.crs)


def _slim(scene: Scene, hrefs: Mapping[str, str], grid: Grid) -> Any:
    """The item with nothing but the assets to read, named by their roles; its footprint is left to the files."""
    import pystac

    west, south, east, north = carried(grid.bounds, grid.crs, "EPSG:4326")
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    item = pystac.Item(
        id=scene.id,
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=[west, south, east, north],
        datetime=scene.time.astype("datetime64[us]").item(),
        properties={},
    )
    for role, href in hrefs.items():
        item.add_asset(role, pystac.Asset(href=href, media_type=pystac.MediaType.COG, roles=["data"]))
    return item


class _CogDriver:
    """A reader for odc-stac with the one format allowed, and failures that name their asset."""

    md_parser = dask_reader = aux_reader = None

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.nodata = {bare(source.href): source.nodata for source in sources.values()}

    def new_load(self, geobox: Any, *, chunks: Any = None) -> Any:
        """There is no state to share between assets."""

    def finalise_load(self, load_state: Any) -> Any:
        return load_state

    def capture_env(self) -> dict[str, Any]:
        return {}

    @contextmanager
    def restore_env(self, env: Any, load_state: Any) -> Iterator[Any]:
        yield load_state

    def open(self, src: Any, ctx: Any) -> Any:
        return _CogReader(src.uri, self.nodata.get(bare(src.uri)))


class _CogReader:
    def __init__(self, href: str, nodata: float | None) -> None:
        self.href, self.nodata = href, nodata

    def read(self, cfg: Any, dst_geobox: Any, *, dst: Any = None, selection: Any = None) -> tuple[Any, Floats]:
        """The asset on a grid, as odc-stac asks for it: where it belongs, and the pixels."""
        out = np.full(dst_geobox.shape, np.nan, dtype=np.float32)
        with self._named(), self._opened() as tiff:
            if tiff.crs is None or not is_placed(tiff):
                raise AssetError(self.href, "states no CRS or place")
            missing = tiff.nodata if tiff.nodata is not None else self.nodata
            rows, columns = out.shape
            # A view of the file: the scratch image of rasterio's `reproject` lacks its place at times, in threads.
            with WarpedVRT(
                tiff,
                crs=str(dst_geobox.crs),
                transform=dst_geobox.transform,
                height=rows,
                width=columns,
                src_nodata=missing,
                nodata=np.nan,
                dtype="float32",
                resampling=Resampling.nearest,
            ) as view:
                view.read(1, out=out)
        whole = (slice(0, out.shape[0]), slice(0, out.shape[1]))
        if dst is not None:
            dst[...] = out
        return whole, out if dst is None else dst

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(self.href, driver="GTiff", sharing=False) as tiff:
            yield tiff

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except AssetError:
            raise
        except Exception as error:  # rasterio raises what GDAL says in many classes
            cause = error.__cause__ or error
            signature = self.href.removeprefix(bare(self.href))  # GDAL repeats it
            said = str(cause).replace(signature, "") if signature else str(cause)
            raise AssetError(self.href, said.rstrip(".")[:200]) from error
