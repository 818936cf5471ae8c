"""Which files are taken in: an allow-list of formats, with limits on how many and how large they may be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from core.schema import FormatError, InputError, NotFoundError
from core.sources.formats import GRID_ENDINGS, ZARR_METADATA, FileFormat, reading, recognise
from core.store import MANIFEST

FILES_AT_MOST = 5_000
FILE_BYTES = 8_000_000_000  # of one file or Zarr folder: more than any site of 5 km and ten years needs
TOTAL_BYTES = 20_000_000_000


class Found(NamedTuple):
    """A file, or a folder that is one thing."""

    path: Path
    form: FileFormat


def gather(paths: Sequence[Path]) -> tuple[list[Found], list[Path]]:
    """Every raster and cube that is given or lies in a folder that is given, and the files that are left out."""
    found: dict[Path, Found] = {}
    left: list[Path] = []
    for path in paths:
        for item in _within(path, left):
            found.setdefault(item.path.resolve(), item)
            if len(found) > FILES_AT_MOST:
                raise InputError("path", str(path), f"holds more than {FILES_AT_MOST} files", "give fewer at a time")
    if not found:
        shown = ", ".join(str(path) for path in paths)
        remedy = f"give a .zarr folder, a .zip or files ending in {', '.join(GRID_ENDINGS)}"
        raise FormatError("path", shown, "holds no raster or cube that Fluxscape opens", remedy)
    _check_sizes(list(found.values()))
    return list(found.values()), left


def _within(path: Path, left: list[Path]) -> Iterator[Found]:
    with reading(path, "a file"):
        if not path.exists():
            raise NotFoundError("path", str(path), "does not exist", "check its spelling")
        if path.is_file() or _is_one_thing(path):
            yield Found(path, _format(path))
            return
    for top, folders, names in os.walk(path):
        here = Path(top)
        whole = [name for name in sorted(folders) if not name.startswith(".") and _is_one_thing(here / name)]
        for name in whole:
            yield Found(here / name, _format(here / name))
        folders[:] = [name for name in sorted(folders) if not name.startswith(".") and name not in whole]
        for name in sorted(names):
            if (here / name).suffix.lower() in GRID_ENDINGS and not name.startswith("."):
                yield Found(here / name, _format(here / name))
            else:
                left.append(here / name)


def _is_one_thing(path: Path) -> bool:
    """Whether a folder is Zarr, or something of Fluxscape's own."""
    if not path.is_dir():
        return False
    named = path.suffix.lower() == ".zarr"
    return named or (path / MANIFEST).is_file() or any((path / name).is_file() for name in ZARR_METADATA)


def _format(path: Path) -> FileFormat:
    form = recognise(path)
    if form is FileFormat.SITE:
        raise FormatError("path", str(path), "is a site or result of Fluxscape already", "open it where it lies")
    if form in (FileFormat.CSV, FileFormat.PARQUET):
        raise FormatError("path", str(path), "is a table, no raster or cube", "use 'python -m core tower' for towers")
    return form


# ---------------------------------------------------------------- limits
def _check_sizes(found: Sequence[Found]) -> None:
    total = 0
    for item in found:
        size = size_of(item.path)
        total += size
        if size > FILE_BYTES:
            problem = f"is {size / 1e9:.1f} GB, more than the {FILE_BYTES / 1e9:.0f} GB that one file may have"
            raise InputError(
                "path", str(item.path), problem, "cut it to the site first, for example with gdal_translate"
            )
    if total > TOTAL_BYTES:
        problem = f"are {total / 1e9:.1f} GB, more than the {TOTAL_BYTES / 1e9:.0f} GB taken in at a time"
        raise InputError("path", f"{len(found)} files", problem, "cut them to the site first, or give fewer dates")


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum((Path(top) / name).stat().st_size for top, _, names in os.walk(path) for name in names)
