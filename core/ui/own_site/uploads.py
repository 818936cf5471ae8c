"""Uploaded files in the workspace: an allow-list of kinds, limits, and names that are safe.

<workspace>/uploads/<a name of ours>/<the file's own name, of letters, digits, '.', '_' and '-'>

A file's own name is kept as far as it is safe, because it often tells date and band. The folder goes when its site is
stored, or after two days.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from core.flux.text import TEXT_ENDINGS
from core.schema import FormatError, InputError
from core.sources.formats import GRID_ENDINGS
from core.sources.ingest.unpack import ZIP
from core.store import Workspace, explained

UPLOADS = "uploads"
FILE_MB = 500  # of one file, uploaded through the browser: the server holds it in memory meanwhile
TOTAL_BYTES = 1_000_000_000  # of all files together
IMAGES = (*GRID_ENDINGS, ZIP)
WEATHER = (*TEXT_ENDINGS, *GRID_ENDINGS, ZIP)
ODD = re.compile(r"[^A-Za-z0-9._-]+")
NAME_LENGTH = 120
KEPT_S = 2 * 86_400  # s


class Uploaded(Protocol):
    """What a browser sent."""

    name: str
    size: int
    file_id: str

    def getbuffer(self) -> memoryview: ...


def keep(workspace: Workspace, files: Sequence[Uploaded], *, kinds: Sequence[str] = IMAGES) -> Path:
    """The folder of these files, written if it is not there yet."""
    _check(files, kinds)
    ids = "\n".join(sorted(file.file_id for file in files))
    folder = workspace.root / UPLOADS / hashlib.sha256(ids.encode()).hexdigest()[:16]
    if folder.is_dir():
        return folder
    _sweep(workspace)
    draft = folder.with_suffix(".partial")
    with explained(workspace.root):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            for turn, file in enumerate(files):
                name = safe_name(file.name)
                target = draft / (f"{turn}-{name}" if (draft / name).exists() else name)
                target.write_bytes(file.getbuffer())
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    return folder


def safe_name(name: str) -> str:
    """A file's own name without anything that could lead elsewhere; its ending stays."""
    own = Path(name.replace("\\", "/").rpartition("/")[2])
    stem = ODD.sub("-", own.stem).strip(".-")[-NAME_LENGTH:].lstrip(".-")
    return (stem or "file") + ODD.sub("", own.suffix)


def forget(workspace: Workspace, paths: Sequence[str]) -> None:
    """Remove the folders of uploads among `paths`."""
    root = workspace.root / UPLOADS
    for path in map(Path, paths):
        if path.is_absolute() and root in path.parents:
            shutil.rmtree(root / path.relative_to(root).parts[0], ignore_errors=True)


def _check(files: Sequence[Uploaded], kinds: Sequence[str]) -> None:
    for file in files:
        if Path(file.name).suffix.lower() not in kinds:
            remedy = f"give files ending in {', '.join(kinds)}"
            raise FormatError("file", file.name, "is of a kind that is not taken in", remedy)
        if file.size > FILE_MB * 1_000_000:
            problem = f"is {file.size / 1e6:,.0f} MB, more than the {FILE_MB} MB that can be uploaded"
            raise InputError("file", file.name, problem, "give its path on this computer instead")
    total = sum(file.size for file in files)
    if total > TOTAL_BYTES:
        problem = f"are {total / 1e9:.1f} GB, more than the {TOTAL_BYTES / 1e9:.0f} GB that can be uploaded at a time"
        raise InputError("files", f"{len(files)} files", problem, "give their path on this computer instead")


def _sweep(workspace: Workspace) -> None:
    """Drop what was uploaded long ago and never became a site."""
    with suppress(OSError):
        for folder in (workspace.root / UPLOADS).glob("*"):
            if time.time() - folder.stat().st_mtime > KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)
