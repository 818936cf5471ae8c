"""GeoTIFF as a lazily read dataset, through rasterio's GeoTIFF driver alone."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import xarray as xr
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window
from xarray.backends import BackendArray
from xarray.core import indexing

from core.schema import FormatError

# Said at opening of a file that states no place. Readers here ask `is_placed`, and say it in their own words.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning, module=r"rasterio$")

TILE_BYTES = 500_000_000  # of one tile or strip; a whole Sentinel-2 scene in a single strip has 241 MB


def open_geotiff(path: Path) -> xr.Dataset:
    """One variable (y, x) a band, fill value and scale as attributes, at pixel-centre coordinates.

    attrs["crs"] is "" where the file has none; attrs["rotated"] says that rows do not run along a parallel, and
    attrs["placed"] whether the file states where its pixels lie.
    """
    with opened(path) as tiff:
        _refuse_huge_tiles(path, tiff)
        place = tiff.transform
        return xr.Dataset(
            {name: _layer(path, tiff, band) for band, name in enumerate(_band_names(tiff), start=1)},
            coords={
                "y": place.f + place.e * (np.arange(tiff.height) + 0.5),
                "x": place.c + place.a * (np.arange(tiff.width) + 0.5),
            },
            attrs={
                "crs": tiff.crs.to_wkt() if tiff.crs else "",
                "rotated": bool(place.b or place.d),
                "placed": is_placed(tiff),
            },
        )


def is_placed(tiff: Any) -> bool:
    """Whether a file states where its pixels lie; pixels of 1 m at 0, 0 are what GDAL says of one that does not."""
    return not tiff.transform.is_identity


def _refuse_huge_tiles(path: Path, tiff: Any) -> None:
    """A tile is read as a whole, so a small file may take any memory by what it says of its tiles."""
    (rows, columns), kind = tiff.block_shapes[0], np.dtype(tiff.dtypes[0])
    size = rows * columns * kind.itemsize
    if size > TILE_BYTES:
        problem = f"comes in tiles of {rows} x {columns} pixels, {size / 1e9:.1f} GB each"
        raise FormatError("file", str(path), problem, "store it in tiles of 512 x 512 pixels")


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file, by the one driver allowed, and without looking for files beside it."""
    environment = rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR")
    with _unprinted(), environment, rasterio.open(path, driver="GTiff") as tiff:
        yield tiff


@contextmanager
def _unprinted() -> Iterator[None]:
    """Keep rasterio from printing tracebacks, which it does where GDAL quotes garbled bytes of a damaged file."""
    hooks = sys.excepthook, sys.unraisablehook
    sys.excepthook, sys.unraisablehook = lambda *_: None, lambda _: None
    try:
        yield
    finally:
        sys.excepthook, sys.unraisablehook = hooks


def _band_names(tiff: Any) -> list[str]:
    """The bands' descriptions where they tell them apart, else their numbers."""
    names = [description or "" for description in tiff.descriptions]
    distinct = "" not in names and len(set(names)) == len(names)
    return names if distinct else [f"band {band}" for band in tiff.indexes]


def _layer(path: Path, tiff: Any, band: int) -> xr.Variable:
    attributes = {
        "_FillValue": tiff.nodatavals[band - 1],
        "scale_factor": tiff.scales[band - 1],
        "add_offset": tiff.offsets[band - 1],
    }
    neutral = {"_FillValue": None, "scale_factor": 1.0, "add_offset": 0.0}
    stated = {key: value for key, value in attributes.items() if value != neutral[key]}
    pixels = _Pixels(path, band, tiff.shape, tiff.dtypes[band - 1])
    return xr.Variable(("y", "x"), indexing.LazilyIndexedArray(pixels), stated)


class _Pixels(BackendArray):
    """The pixels of one band, read when they are indexed."""

    def __init__(self, path: Path, band: int, shape: tuple[int, int], dtype: str) -> None:
        self.path, self.band, self.shape, self.dtype = path, band, shape, np.dtype(dtype)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[int | slice, ...]) -> np.ndarray:
        spans = [
            range(length)[part if isinstance(part, slice) else slice(part, part + 1)]
            for part, length in zip(key, self.shape, strict=True)
        ]
        block = self._block(*spans) if all(spans) else np.empty([len(span) for span in spans], self.dtype)
        return block[tuple(slice(None) if isinstance(part, slice) else 0 for part in key)]

    def _block(self, rows: range, columns: range) -> np.ndarray:
        """The pixels (rows, columns), of the smallest window that holds them."""
        top, left = min(rows), min(columns)
        with opened(self.path) as tiff:
            window = Window.from_slices((top, max(rows) + 1), (left, max(columns) + 1))
            return tiff.read(self.band, window=window)[np.ix_(np.array(rows) - top, np.array(columns) - left)]
