"""A zip archive, unpacked only after every member's path and size was checked, and counted while it is written."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import mkdtemp

from core.schema import FluxscapeError, FormatError, InputError, WorkspaceError
from core.sources.ingest.files import FILE_BYTES, FILES_AT_MOST, TOTAL_BYTES
from core.store import Workspace, explained

ZIP = ".zip"
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
RATIO_AT_MOST = 200  # unpacked to packed; satellite images reach about 10, rasters of one value some 100
SMALL_BYTES = 50_000_000  # below it no ratio is suspicious
BLOCK_BYTES = 1 << 20


@contextmanager
def unpacked(workspace: Workspace, paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The paths with each archive replaced by a folder of what it holds, which goes when the block ends."""
    if not any(_is_archive(path) for path in paths):
        yield list(paths)
        return
    with explained(workspace.root):
        workspace.root.mkdir(parents=True, exist_ok=True)
        scratch = Path(mkdtemp(prefix=".unpacked-", dir=workspace.root))
        try:
            yield [_unpack(path, scratch / str(turn)) if _is_archive(path) else path for turn, path in enumerate(paths)]
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ZIP and path.is_file()


def _unpack(path: Path, folder: Path) -> Path:
    folder.mkdir()
    try:
        with path.open("rb") as stream:
            if not stream.read(4).startswith(SIGNATURES):
                raise FormatError("path", str(path), "is no zip archive", "check what the file really is")
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check(path, members, folder)
            for member in members:
                _write(path, archive, member, folder)
    except FluxscapeError:
        raise
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        remedy = "it seems damaged, incomplete or locked by a password; pack it again"
        raise FormatError("path", str(path), f"cannot be unpacked ({str(error)[:100]})", remedy) from error
    return folder


def _check(path: Path, members: Sequence[zipfile.ZipInfo], folder: Path) -> None:
    if len(members) > FILES_AT_MOST * 20:  # a Zarr folder has many small ones
        raise InputError("path", str(path), f"holds {len(members)} files", "give fewer at a time")
    for member in members:
        _check_place(path, member)
        _check_size(path, member)
    total = sum(member.file_size for member in members)
    if total > TOTAL_BYTES:
        problem = f"would unpack to {total / 1e9:.1f} GB, more than the {TOTAL_BYTES / 1e9:.0f} GB taken in at a time"
        raise InputError("path", str(path), problem, "give fewer dates, or cut the images to the site first")
    free = shutil.disk_usage(folder).free
    if total > free:
        problem = f"would unpack to {total / 1e6:.0f} MB, but {free / 1e6:.0f} MB are free"
        raise WorkspaceError("path", str(path), problem, "free some space")


def _check_place(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    outside = name.startswith("/") or ".." in parts or PureWindowsPath(name).drive or "\0" in name
    link = stat.S_ISLNK(member.external_attr >> 16)
    if outside or link:
        problem = f"holds '{member.filename[:80]}', which {'is a link' if link else 'leads out of its folder'}"
        raise FormatError("path", str(path), problem, "pack it anew, with plain files and paths")


def _check_size(path: Path, member: zipfile.ZipInfo) -> None:
    if member.file_size > FILE_BYTES or bursts(member):
        size = f"{member.file_size / 1e9:.1f} GB from {member.compress_size / 1e6:.1f} MB"
        problem = f"would unpack '{member.filename[:80]}' to {size}"
        raise FormatError("path", str(path), problem, "unpack it yourself if you trust it, and give the folder")


def bursts(member: zipfile.ZipInfo) -> bool:
    """Whether it would unpack to far more than data do."""
    return member.file_size > SMALL_BYTES and member.file_size > RATIO_AT_MOST * max(1, member.compress_size)


def _write(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write one member; what it declares of its size is not believed."""
    target = folder.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("wb") as sink:
        while block := source.read(BLOCK_BYTES):
            written += len(block)
            if written > member.file_size:
                raise FormatError("path", str(path), f"'{member.filename[:80]}' is larger than it says", "pack it anew")
            sink.write(block)
