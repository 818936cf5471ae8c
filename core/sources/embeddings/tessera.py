"""TESSERA as it is distributed: for each tile and year a pair of NumPy arrays, placed by a GeoTIFF of the land in it.

<year>/grid_<lon>_<lat>/grid_<lon>_<lat>.npy          whole numbers (rows, columns, 128), 8 bits
                        grid_<lon>_<lat>_scales.npy   float32 (rows, columns) or (rows, columns, 128)
global_0.1_degree_tiff_all/grid_<lon>_<lat>.tiff      its CRS and place; may lie beside the pair instead
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.schema import FormatError, InputError, NotFoundError, WorkspaceError
from core.sources.embeddings import dates, quantised
from core.sources.embeddings.files import LANDMASKS, NPY, SCALES
from core.sources.embeddings.rasters import LICENCES, TESSERA, version_in
from core.sources.embeddings.stack import Floats, Maker, Stack
from core.sources.formats import reading
from core.sources.geotiff import opened
from core.store import read_json

MAGIC = b"\x93NUMPY"
SIDECAR = "tessera_metadata.json"  # beside the tiles, says of which dataset they are
FOLDERS_UP = 4  # how far above a pair the land and the sidecar may lie


def read_tile(path: Path, *, moment: dates.Moment | None) -> Stack:
    """The pair of arrays whose first is `path`; neither is read before its pixels are asked for."""
    stored, scales = _array(path), _array(scales_of(path))
    if stored.dtype != np.int8 or stored.ndim != 3:
        problem = f"holds {stored.dtype} of shape {stored.shape}, not 8-bit numbers (rows, columns, values)"
        raise FormatError("path", path.name, problem, "give TESSERA's pairs of .npy files")
    if scales.dtype.kind != "f" or scales.shape not in {stored.shape[:2], stored.shape}:
        problem = f"holds {scales.dtype} of shape {scales.shape}, no scale for each pixel of {path.name}"
        raise FormatError("path", scales_of(path).name, problem, "get the pair again")
    when = moment or dates.in_name(path)
    if when is None:
        raise InputError(
            "path", path.name, "does not say of which year it is", "keep its folder <year>, or give --date"
        )
    crs, y, x = _place(path, stored.shape[:2])
    licence, provenance = LICENCES[TESSERA]
    return Stack(
        name=path.name,
        maker=Maker(model=TESSERA, version=_version(path)),
        times=np.array([when.time]),
        y=y,
        x=x,
        crs=crs,
        size=stored.shape[2],
        read=lambda _, rows, cols: _read(stored, scales, rows, cols),
        attrs={"licence": licence, "provenance": provenance},
        years=when.year,
    )


def scales_of(path: Path) -> Path:
    """The second file of the pair."""
    return path.with_name(path.name.removesuffix(NPY) + SCALES)


def land_of(path: Path) -> Path:
    """The GeoTIFF that places a pair: beside it, or in a folder of such above it."""
    name = path.name.removesuffix(NPY)
    above = list(path.parents)[:FOLDERS_UP]
    folders = [path.parent, *(folder / kind for folder in above for kind in LANDMASKS)]
    for folder in folders:
        for ending in (".tiff", ".tif"):
            if (folder / f"{name}{ending}").is_file():
                return folder / f"{name}{ending}"
    remedy = f"put the tile {name}.tiff of the land beside it, or keep the folder {LANDMASKS[0]}"
    raise NotFoundError("path", path.name, "has nothing that says where it lies", remedy)


def _array(path: Path) -> NDArray[Any]:
    """An array on disk, by its header alone; one that holds objects is refused, as they could run code."""
    if not path.is_file():
        remedy = "keep both files of the pair together"
        raise NotFoundError("path", path.name, "is missing beside its embeddings", remedy)
    with reading(path, "NumPy array"):
        with path.open("rb") as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                raise FormatError("path", path.name, "is no NumPy array", "check what the file really is")
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        return array


def _read(stored: NDArray[Any], scales: NDArray[Any], rows: slice, cols: slice) -> Floats:
    values = quantised.tessera(np.asarray(stored[rows, cols]), np.asarray(scales[rows, cols]))
    return np.moveaxis(values, -1, 0)[:, None]


def _place(path: Path, shape: tuple[int, ...]) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    """CRS and pixel centres."""
    land = land_of(path)
    with reading(land, "GeoTIFF"), opened(land) as tiff:
        if tiff.shape != shape:
            problem = f"is {tiff.height} x {tiff.width} pixels, its embeddings {shape[0]} x {shape[1]}"
            raise FormatError("path", land.name, problem, "get the tile and its land again")
        place, crs = tiff.transform, tiff.crs.to_wkt() if tiff.crs else ""
    return crs, place.f + place.e * (np.arange(shape[0]) + 0.5), place.c + place.a * (np.arange(shape[1]) + 0.5)


def _version(path: Path) -> str:
    """Of the dataset: by the sidecar, else by a folder named after it."""
    for folder in list(path.parents)[:FOLDERS_UP]:
        if (folder / SIDECAR).is_file():
            try:
                said = read_json(folder / SIDECAR)
            except WorkspaceError as error:
                raise FormatError("path", str(folder / SIDECAR), "cannot be read", "get it again") from error
            parts = [str(said.get(key) or "") for key in ("dataset_version", "dataset_variant")]
            return re.sub(r"\s+", " ", " ".join(parts)).strip()
    return version_in(path)
