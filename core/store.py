"""The workspace on disk: immutable folders, each published whole by one atomic rename.

    <workspace>/sites/<site id>/      a site: site.json, cube.zarr, weather.parquet, tower.parquet, truth/
    <workspace>/runs/<run id>/        a result: run.json and what its kind stores
    <workspace>/jobs/                 progress of background work

A folder is written as a draft (`.<name>.partial`, beside its final place) under a lock that the system releases when
the writer dies. Publishing writes a manifest of every file, flushes all to disk and renames the draft: a crash at any
moment leaves nothing or a whole folder. A draft whose lock is free is stale: it can be resumed or discarded.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import filelock
import platformdirs

from core.schema import BusyError, InputError, NotFoundError, RunSpec, SiteInfo, WorkspaceError

ENVIRONMENT_VARIABLE = "FLUXSCAPE_WORKSPACE"
MANIFEST = "manifest.json"
SITE_FILE = "site.json"
RUN_FILE = "run.json"
LABELS, LAND_COVER = "labels", "landcover"  # folders of what a reader adds to a site, which itself never changes
FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")  # safe as a folder name on every system, and in a URL

Shelf = Literal["sites", "runs"]
Item = TypeVar("Item")


def default_root() -> Path:
    """FLUXSCAPE_WORKSPACE, else the system's place for a user's data."""
    named = os.environ.get(ENVIRONMENT_VARIABLE, "").strip()
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("fluxscape", appauthor=False))


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A folder on its way to being published under its name."""

    shelf: Shelf
    name: str
    path: Path
    modified: datetime  # UTC
    size_bytes: int
    live: bool  # somebody is writing it now; else stale


@dataclass(frozen=True, kw_only=True)
class Run:
    """A published result."""

    spec: RunSpec
    path: Path
    made: datetime  # UTC
    notes: Mapping[str, Any]  # how it was made: seconds, memory, ...

    @property
    def id(self) -> str:
        return self.path.name


class Workspace:
    """Everything Fluxscape keeps. Reading works on a read-only disk; writing says in a sentence why it cannot."""

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = Path(root).expanduser().absolute() if root else default_root().absolute()
        with explained(self.root):
            is_file = self.root.exists() and not self.root.is_dir()
        if is_file:
            raise WorkspaceError("workspace", str(self.root), "is a file", f"set {ENVIRONMENT_VARIABLE} to a folder")

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    # ------------------------------------------------------------ sites
    def sites(self) -> list[SiteInfo]:
        """Every whole site, by id. A folder whose description cannot be read is left out; `problems` names it."""
        return self._readable("sites", self._read_site)

    def site_path(self, site_id: str) -> Path:
        return self._path("sites", site_id, argument="site")

    def site(self, site_id: str) -> SiteInfo:
        return self._read_site(self.site_path(site_id))

    def remove_site(self, site_id: str, *, again: bool = False) -> None:
        """Delete a site, whole or damaged, with what a reader added to it, unless it is to be made `again`."""
        path = self.root / "sites" / check_name(site_id, argument="site")
        self._remove(path if path.is_dir() else self.site_path(site_id))
        if again:
            return
        with explained(self.root):
            (self.root / LABELS / f"{site_id}.geojson").unlink(missing_ok=True)
            shutil.rmtree(self.root / LAND_COVER / site_id, ignore_errors=True)

    # ------------------------------------------------------------ runs
    def runs(self, *, kind: str | None = None, site: str | None = None) -> list[Run]:
        """Every whole run, newest first."""
        found = self._readable("runs", self._read_run)
        wanted = [run for run in found if kind in (None, run.spec.kind) and site in (None, run.spec.site)]
        return sorted(wanted, key=lambda run: run.made, reverse=True)

    def run(self, run_id: str) -> Run:
        return self._read_run(self._path("runs", run_id, argument="run"))

    def remove_run(self, run_id: str) -> None:
        self._remove(self._path("runs", run_id, argument="run"))

    @contextmanager
    def draft_run(self, spec: RunSpec, notes: dict[str, Any], *, resume: bool = True) -> Iterator[Path]:
        """A draft for the run of `spec`; `notes` may be filled until the block ends."""
        with self.draft("runs", spec.id, resume=resume) as folder:
            yield folder
            write_json(folder / RUN_FILE, {"spec": spec.to_json(), "made": _now().isoformat(), "notes": notes})

    # ------------------------------------------------------------ drafts
    @contextmanager
    def draft(self, shelf: Shelf, name: str, *, resume: bool = False) -> Iterator[Path]:
        """A folder to write into; published under `name` when the block ends well.

        When the block fails, the draft stays if `resume`, to be taken up by the next call, and is deleted otherwise.
        If somebody published the same name meanwhile, theirs stays and ours is dropped: equal names are equal content.
        """
        final = self._shelf(shelf) / check_name(name)
        partial = final.with_name(f".{name}.partial")
        with explained(self.root), self._lock(shelf, name):
            if not resume:
                shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True, exist_ok=True)
            try:
                yield partial
                _publish(partial, final)
            except BaseException:
                if not resume:
                    shutil.rmtree(partial, ignore_errors=True)
                raise

    def drafts(self) -> list[Draft]:
        """Every unfinished folder: being written, or left behind by a crash."""
        shelves: tuple[Shelf, ...] = ("sites", "runs")
        return [
            self._describe(shelf, path) for shelf in shelves for path in sorted((self.root / shelf).glob(".*.partial"))
        ]

    def discard(self, draft: Draft) -> None:
        """Delete a stale draft; one that is being written is refused."""
        with explained(self.root), self._lock(draft.shelf, draft.name):
            shutil.rmtree(draft.path, ignore_errors=True)

    def problems(self) -> list[WorkspaceError]:
        """What stands in the shelves under a final name and yet is no whole site or run."""
        found: list[WorkspaceError] = []
        for shelf, read in (("sites", self._read_site), ("runs", self._read_run)):
            for path in self._folders(shelf):
                try:
                    read(path)
                except WorkspaceError as error:
                    found.append(error)
        return found

    # ------------------------------------------------------------ inside
    def _shelf(self, shelf: str) -> Path:
        try:
            with explained(self.root):
                (self.root / shelf).mkdir(parents=True, exist_ok=True)
        except OSError as error:  # a name too long, a place that is no disk
            remedy = f"set {ENVIRONMENT_VARIABLE} to a folder of yours"
            reason = error.strerror or type(error).__name__
            raise WorkspaceError("workspace", str(self.root), f"cannot be written to ({reason})", remedy) from error
        return self.root / shelf

    def _lock(self, shelf: str, name: str) -> _HeldLock:
        return _HeldLock(self.root / shelf / f".{name}.lock", name)

    def _describe(self, shelf: Shelf, path: Path) -> Draft:
        name = path.name.removeprefix(".").removesuffix(".partial")
        files = [file.stat() for file in path.rglob("*") if file.is_file()]
        newest = max([path.stat().st_mtime, *(file.st_mtime for file in files)])
        return Draft(
            shelf=shelf,
            name=name,
            path=path,
            modified=datetime.fromtimestamp(newest, UTC),
            size_bytes=sum(file.st_size for file in files),
            live=self._lock(shelf, name).is_held(),
        )

    def _folders(self, shelf: str) -> list[Path]:
        folder = self.root / shelf
        with explained(self.root):
            return sorted(path for path in folder.glob("*") if path.is_dir() and not path.name.startswith("."))

    def _readable(self, shelf: str, read: Callable[[Path], Item]) -> list[Item]:
        """What can be read of a shelf; `problems` reports the rest."""
        found = []
        for path in self._folders(shelf):
            with suppress(WorkspaceError):
                found.append(read(path))
        return found

    def _path(self, shelf: Shelf, name: str, *, argument: str) -> Path:
        path = self.root / shelf / check_name(name, argument=argument)
        if not (path / MANIFEST).is_file():
            there = ", ".join(folder.name for folder in self._folders(shelf)) or "none yet"
            raise NotFoundError(argument, name, f"is not in the workspace {self.root}", f"choose one of: {there}")
        return path

    def _read_site(self, path: Path) -> SiteInfo:
        return _described(path / SITE_FILE, SiteInfo.from_json)

    def _read_run(self, path: Path) -> Run:
        def parse(data: Mapping[str, Any]) -> Run:
            spec = RunSpec.from_json(data["spec"])
            return Run(spec=spec, path=path, made=datetime.fromisoformat(data["made"]), notes=data["notes"])

        return _described(path / RUN_FILE, parse)

    def _remove(self, path: Path) -> None:
        """Rename out of the way first, so that a crash while deleting leaves no half folder under a final name."""
        with explained(self.root), self._lock(path.parent.name, path.name):
            doomed = path.with_name(f".{path.name}.partial")
            shutil.rmtree(doomed, ignore_errors=True)
            path.rename(doomed)
            shutil.rmtree(doomed)


class _HeldLock:
    """A lock the system frees when its holder dies, however it dies."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.path = path

    def __enter__(self) -> None:
        self.lock = filelock.FileLock(self.path)
        try:
            self.lock.acquire(timeout=0)
        except filelock.Timeout:
            raise BusyError(
                "draft", self.name, "is being written by another process", "wait for it to finish"
            ) from None

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def is_held(self) -> bool:
        if not self.path.exists():
            return False
        try:
            with self:
                return False
        except (BusyError, OSError):
            return True


# ---------------------------------------------------------------- publishing and trust
def _publish(partial: Path, final: Path) -> None:
    write_json(partial / MANIFEST, {"made": _now().isoformat(), "files": _manifest(partial)})
    for path in [*partial.rglob("*"), partial]:
        _flush(path)
    try:
        partial.rename(final)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        shutil.rmtree(partial)  # published by somebody else first
    _flush(final.parent)


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)} for path in files
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stored_files(folder: Path) -> dict[str, dict[str, Any]]:
    """What the manifest of a published folder says of each file."""

    def parse(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {name: {"bytes": file["bytes"], "sha256": file["sha256"]} for name, file in dict(data["files"]).items()}

    return _described(folder / MANIFEST, parse)


def content_digest(folder: Path) -> str:
    """One digest for all a published folder holds; runs name their input by it."""
    text = json.dumps(stored_files(folder), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def verify(folder: Path) -> Path:
    """Return a published folder if every file is what the manifest says, else raise WorkspaceError."""
    for relative, expected in stored_files(folder).items():
        path = folder / relative
        if not path.is_file():
            raise WorkspaceError("folder", folder.name, f"lacks its file {relative}", "remove it and make it again")
        if path.stat().st_size != expected["bytes"] or _sha256(path) != expected["sha256"]:
            problem = f"is damaged: {relative} is not what was stored"
            raise WorkspaceError("folder", folder.name, problem, "remove it and make it again")
    return folder


# ---------------------------------------------------------------- small things
def check_name(name: str, *, argument: str = "name") -> str:
    if not NAME.fullmatch(name):
        raise InputError(argument, name, "is no usable name", "use letters, digits, '-' and '_', at most 80")
    return name


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write so that a reader sees the old file or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(data, indent=1, sort_keys=True), encoding="utf-8")
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    return _described(path, dict)


def _described(path: Path, parse: Callable[[Mapping[str, Any]], Item]) -> Item:
    """What the description at `path` says; a lost or spoilt one is a WorkspaceError that names its folder."""
    folder, remedy = path.parent.name, "remove it and make it again"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict):
            return parse(data)
    except FileNotFoundError:
        raise WorkspaceError("folder", folder, f"lacks its file {path.name}", remedy) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WorkspaceError("folder", folder, f"has an unreadable {path.name}", remedy) from error
    raise WorkspaceError("folder", folder, f"has a {path.name} that is no description", remedy)


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Turn what the system says of a full or read-only disk into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            free = shutil.disk_usage(_existing(root)).free / 1e6
            problem = f"is full ({free:.0f} MB free); nothing was stored"
            raise WorkspaceError(
                "workspace", str(root), problem, f"free some space or set {ENVIRONMENT_VARIABLE}"
            ) from error
        if error.errno in READ_ONLY:
            remedy = f"change its permissions or set {ENVIRONMENT_VARIABLE} to a folder of yours"
            raise WorkspaceError("workspace", str(root), "cannot be written to", remedy) from error
        raise


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _now() -> datetime:
    return datetime.now(UTC)
