"""Which files Fluxscape opens, and how one is recognised: by its ending and by its first bytes, both.

An allow-list. A new format is one entry in FORMATS and one reader. Nothing here follows a file to another file or to
an address, and nothing is ever unpickled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.schema import FluxscapeError, FormatError, NotFoundError
from core.store import MANIFEST, SITE_FILE

HEAD_BYTES = 4096  # read of a file to recognise it
REASON_LENGTH = 150  # characters quoted of what a reader says


class FileFormat(StrEnum):
    SITE = "Fluxscape site"
    ZARR = "Zarr"
    HDF5 = "NetCDF"
    NETCDF3 = "NetCDF classic"
    GEOTIFF = "GeoTIFF"
    CSV = "CSV"
    PARQUET = "Parquet"


@dataclass(frozen=True)
class _Rule:
    format: FileFormat
    suffixes: tuple[str, ...]
    signatures: tuple[bytes, ...]  # what the file begins with; none: readable text
    grid: bool = True  # whether it holds rasters or cubes


_NETCDF = (".nc", ".nc4", ".cdf")
FORMATS: tuple[_Rule, ...] = (
    _Rule(FileFormat.GEOTIFF, (".tif", ".tiff"), (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),  # + is BigTIFF
    _Rule(FileFormat.HDF5, (*_NETCDF, ".h5", ".hdf5"), (b"\x89HDF\r\n\x1a\n",)),
    _Rule(FileFormat.NETCDF3, _NETCDF, (b"CDF\x01", b"CDF\x02")),
    _Rule(FileFormat.PARQUET, (".parquet", ".pq"), (b"PAR1",), grid=False),
    _Rule(FileFormat.CSV, (".csv",), (), grid=False),
)
GRID_ENDINGS = tuple(dict.fromkeys(ending for rule in FORMATS if rule.grid for ending in rule.suffixes))
ZARR_METADATA = ("zarr.json", ".zgroup", ".zarray")


def recognise(path: Path) -> FileFormat:
    """The format of a file or folder; FormatError says why it is none that Fluxscape opens."""
    with reading(path, "a file"):
        if not path.exists():
            raise NotFoundError("path", str(path), "does not exist", "check its spelling")
        return _recognise_folder(path) if path.is_dir() else _recognise_file(path)


def _recognise_folder(path: Path) -> FileFormat:
    if (path / SITE_FILE).is_file() or (path / MANIFEST).is_file():
        return FileFormat.SITE
    if any((path / name).is_file() for name in ZARR_METADATA):
        return FileFormat.ZARR
    if path.suffix.lower() == ".zarr":
        raise FormatError("path", str(path), "is a Zarr folder without its metadata", "copy it again, hidden files too")
    raise FormatError("path", str(path), "is a folder, neither a site nor Zarr", "give one of the files in it")


def _recognise_file(path: Path) -> FileFormat:
    suffix = path.suffix.lower()
    rules = [rule for rule in FORMATS if suffix in rule.suffixes]
    if not rules:
        known = sorted({ending for rule in FORMATS for ending in rule.suffixes})
        remedy = f"give a site folder, a .zarr folder or a file ending in {', '.join(known)}"
        raise FormatError("path", str(path), "is of a kind Fluxscape does not open", remedy)
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise FormatError("path", str(path), "is empty", "get it again")
    for rule in rules:
        if head.startswith(rule.signatures) if rule.signatures else b"\0" not in head:
            return rule.format
    content = "binary data" if b"\0" in head else "text"
    raise FormatError("path", str(path), f"is no {rules[0].format} but {content}", "check what the file really is")


@contextmanager
def reading(path: Path, form: str) -> Iterator[None]:
    """Say in one sentence what a reader makes of a damaged file; the readers raise whatever they like."""
    try:
        yield
    except FluxscapeError:
        raise
    except FileNotFoundError as error:
        if path.exists():  # it lacks a part of itself
            raise FormatError("file", str(path), f"cannot be read as {form}", "get it again") from error
        raise NotFoundError("file", str(path), "does not exist", "check its spelling") from error
    except PermissionError as error:
        raise FormatError("file", str(path), "may not be read by you", "change its permissions") from error
    except Exception as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")[:REASON_LENGTH] or type(error).__name__
        remedy = "it seems damaged or incomplete, get it again"
        raise FormatError("file", str(path), f"cannot be read as {form} ({reason})", remedy) from error
