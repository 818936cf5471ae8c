"""What is written for other programs: beside its final place first, then renamed, so that it is never there by half."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.schema import FluxscapeError, InputError
from core.store import FULL_DISK


@contextmanager
def aside(path: Path, *, overwrite: bool, ours: Callable[[Path], bool]) -> Iterator[Path]:
    """A path to write to; renamed to `path` when the block ends well, and gone otherwise.

    What stands at `path` is replaced only on request, and only if `ours` says that it is what such an export leaves.
    """
    path = path.expanduser().absolute()
    _check_place(path, overwrite, ours)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            yield draft
            if path.exists():
                path.rename(Path(folder) / "replaced")
            draft.rename(path)
    except FluxscapeError:
        raise
    except OSError as error:
        if error.errno in FULL_DISK:
            free = shutil.disk_usage(path.parent).free / 1e6
            problem = f"lies on a full disk ({free:.0f} MB free); nothing was stored"
            raise InputError("path", str(path), problem, "free some space or choose another place") from error
        reason = error.strerror or str(error).partition("\n")[0]
        raise InputError("path", str(path), f"cannot be written ({reason})", "choose another place") from error


def _check_place(path: Path, overwrite: bool, ours: Callable[[Path], bool]) -> None:
    if not path.parent.is_dir():
        raise InputError("path", str(path), "lies in a folder that does not exist", "make the folder first")
    if not path.exists():
        return
    if not overwrite:
        raise InputError("path", str(path), "exists already", "choose another name, or ask to overwrite it")
    if not ours(path):
        raise InputError("path", str(path), "is not what such an export leaves", "choose another name")
