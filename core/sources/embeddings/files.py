"""Which files are meant by what a user gives, and of what kind they are: an allow-list, nothing else is opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from core.embedding.draft import EMBEDDING
from core.schema import FormatError, NotFoundError
from core.sources.formats import GRID_ENDINGS, ZARR_METADATA, FileFormat, reading, recognise
from core.store import MANIFEST, RUN_FILE, SITE_FILE

NPY = ".npy"
SCALES = "_scales.npy"  # how the second file of a TESSERA pair ends
LANDMASKS = ("global_0.1_degree_tiff_all", "landmasks")  # folders of TESSERA's tiles of land, which place the pairs
SUFFIXES = (NPY, *GRID_ENDINGS)
FILES_AT_MOST = 2_000


class Kind(StrEnum):
    RUN = "Fluxscape run"
    ZARR = "Zarr"
    NETCDF = "NetCDF"
    GEOTIFF = "GeoTIFF"
    NUMPY = "NumPy array"


KINDS = {
    FileFormat.ZARR: Kind.ZARR,
    FileFormat.HDF5: Kind.NETCDF,
    FileFormat.NETCDF3: Kind.NETCDF,
    FileFormat.GEOTIFF: Kind.GEOTIFF,
}


class Found(NamedTuple):
    """A file, or a folder that is one thing."""

    path: Path
    kind: Kind


def find(paths: Sequence[Path | str]) -> list[Found]:
    """Every file of embeddings that is given or lies in a folder that is given, all of one kind."""
    given = [Path(path).expanduser() for path in paths]
    found = [item for path in given for item in _within(path)]
    unique = list(dict.fromkeys(found))
    kinds = sorted({item.kind for item in unique})
    shown = ", ".join(str(path) for path in given)
    if not unique:
        remedy = f"give a run, a .zarr folder or files ending in {', '.join(SUFFIXES)}"
        raise FormatError("path", shown, "holds no embedding that Fluxscape opens", remedy)
    if len(kinds) > 1:
        raise FormatError("path", shown, f"holds {' and '.join(kinds)} files", "give files of one kind at a time")
    if len(unique) > 1 and kinds == [Kind.RUN]:
        raise FormatError("path", shown, "holds several runs", "give one run at a time")
    return unique


def digest(paths: Sequence[Path]) -> str:
    """One digest for the content of files and folders, wherever they lie."""
    total = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                with reading(file, "a file"), file.open("rb") as stream:
                    content = hashlib.file_digest(stream, "sha256").hexdigest()
                total.update(f"{file.relative_to(path.parent).as_posix()} {content}\n".encode())
    return total.hexdigest()[:16]


def _within(path: Path) -> Iterator[Found]:
    with reading(path, "a file"):
        if not path.exists():
            raise NotFoundError("path", str(path), "does not exist", "check its spelling")
        if not path.is_dir():
            if not path.name.endswith(SCALES):
                yield _file(path)
            return
    one = _folder(path)
    if one:
        yield one
        return
    for count, inner in enumerate(_walk(path), start=1):
        if count > FILES_AT_MOST:
            raise FormatError("path", str(path), f"holds more than {FILES_AT_MOST} files", "give fewer at a time")
        yield inner


def _folder(path: Path) -> Found | None:
    """The folder as one thing, if it is one."""
    if (path / SITE_FILE).is_file():
        raise FormatError(
            "path", str(path), "is a site, which holds images", "make its embedding: python -m core embed"
        )
    if (path / RUN_FILE).is_file() and (path / EMBEDDING).is_dir():
        return Found(path, Kind.RUN)
    if (path / MANIFEST).is_file() or (path / RUN_FILE).is_file():
        raise FormatError("path", str(path), "is a run that holds no embedding", "give one of embeddings")
    if any((path / name).is_file() for name in ZARR_METADATA) or path.suffix.lower() == ".zarr":
        return Found(path, KINDS[recognise(path)])
    return None


def _walk(folder: Path) -> Iterator[Found]:
    """Every file or Zarr folder under a folder, in order of their names; hidden ones and tiles of land are left out."""
    for top, folders, names in os.walk(folder):
        here = Path(top)
        kept = []
        for name in sorted(folders):
            if name.startswith(".") or name in LANDMASKS:
                continue
            one = _folder(here / name)
            if one:
                yield one
            else:
                kept.append(name)
        folders[:] = kept
        for name in sorted(names):
            if _is_meant(here, name):
                yield _file(here / name)


def _is_meant(folder: Path, name: str) -> bool:
    if name.startswith(".") or name.endswith(SCALES) or Path(name).suffix.lower() not in SUFFIXES:
        return False
    is_land = Path(name).suffix.lower() in (".tif", ".tiff") and (folder / f"{Path(name).stem}{NPY}").is_file()
    return not is_land


def _file(path: Path) -> Found:
    if path.suffix.lower() == NPY:
        return Found(path, Kind.NUMPY)
    form = recognise(path)
    if form not in KINDS:
        raise FormatError("path", str(path), f"is {form}, which holds no embedding", "give a raster or a cube")
    return Found(path, KINDS[form])
