"""Results at an address: the same blocks and marks as on disk, and a description that is stored last.

    <address>/runs/<run id>/embedding.zarr/    as in a workspace
                            done/              the marks of finished blocks, while it is unfinished
                            manifest.json      every file's size and SHA-256, as in a workspace
                            run.json           stored last: without it the folder is a draft, whatever else it holds

A finished folder, copied into the runs of a workspace, is a run like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.embedding.draft import DONE, EMBEDDING, Done, EmbeddingDraft
from core.schema import BusyError, NotFoundError, RunSpec, WorkspaceError
from core.sources.grids import read_zarr
from core.storage import at_address, reached, sizes_in, verified
from core.store import MANIFEST, RUN_FILE, Run, read_json

if TYPE_CHECKING:
    import xarray as xr

AT_ONCE = 64  # files that are read together while a result is published


class RemoteRuns:
    """The runs at an address: what the engine asks of a workspace. One writer at a time: there are no locks."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.root = at_address(self.url, argument="store")

    def find(self, run_id: str) -> Run | None:
        """A whole run, or None."""
        folder = self.root / "runs" / run_id
        with reached(folder, argument="store"):
            if not (folder / RUN_FILE).is_file():
                return None
            said = read_json(folder / RUN_FILE)
        verified(folder)
        made = datetime.fromisoformat(said["made"])
        return Run(spec=RunSpec.from_json(said["spec"]), path=folder, made=made, notes=said["notes"])

    def run(self, run_id: str) -> Run:
        found = self.find(run_id)
        if found is None:
            raise NotFoundError("run", run_id, f"is not whole at {self.url}", "embed its site, or choose another")
        return found

    @contextmanager
    def draft_run(self, spec: RunSpec, notes: dict[str, Any]) -> Iterator[Path]:
        """A draft for the run of `spec`, published when the block ends well; it stays when the block fails."""
        folder = self.root / "runs" / spec.id
        with reached(folder, argument="store"):
            yield folder
            made = datetime.now(UTC).isoformat()
            run = json.dumps({"spec": spec.to_json(), "made": made, "notes": notes}, indent=1, sort_keys=True)
            files = _manifest(folder) | {RUN_FILE: _told(run.encode())}
            _put(folder / MANIFEST, json.dumps({"made": made, "files": files}, indent=1, sort_keys=True))
            _put(folder / RUN_FILE, run)
            _remove(folder / DONE)


class RemoteDraft(EmbeddingDraft):
    """The draft at an address. Storing a file there is atomic, and what is stored is kept."""

    def done(self) -> dict[str, Done]:
        marks = self._fs.cat(self._fs.find(self._path(DONE)), on_error="omit")
        found = {}
        for path, text in marks.items():
            with suppress(ValueError, KeyError, TypeError):  # spoilt: not done
                said = json.loads(text)
                found[path.rpartition("/")[2].removesuffix(".json")] = Done(said["pixel_dates"], said["seconds"])
        return {block.name: found[block.name] for block in self.layout.blocks() if block.name in found}

    def finish(self) -> None:
        """The marks go after the result is published; until then they must all be there."""
        if len(self.done()) < sum(1 for _ in self.layout.blocks()):
            problem = "was changed by another process meanwhile"
            raise BusyError("draft", str(self.folder), problem, "let one work on it at a time, and run it again")

    def _store(self, name: str, data: Mapping[str, Any]) -> None:
        _put(self.folder / DONE / name, json.dumps(data))

    def _tidy(self) -> None:
        pass

    def _clear(self) -> None:
        for name in (DONE, EMBEDDING):
            _remove(self.folder / name)

    def _flush(self, block: Any) -> None:
        pass

    @property
    def _fs(self) -> Any:
        return self.folder.fs  # type: ignore[attr-defined]

    def _path(self, name: str) -> str:
        return str((self.folder / name).path)  # type: ignore[attr-defined]


def open_remote(url: str) -> xr.Dataset:
    """The embedding cube of a whole run at an address, read as it is indexed."""
    folder = at_address(url, argument="run")
    if not (folder / RUN_FILE).is_file():
        raise WorkspaceError("run", url, "is unfinished: it has no run.json", "let it be finished, or give another")
    return read_zarr(verified(folder) / EMBEDDING)


# ---------------------------------------------------------------- inside
def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _remove(folder: Any) -> None:
    with suppress(FileNotFoundError):
        folder.fs.rm(folder.path, recursive=True)


def _told(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _manifest(folder: Any) -> dict[str, dict[str, Any]]:
    names = [name for name in sizes_in(folder) if name.startswith(f"{EMBEDDING}/")]
    files: dict[str, dict[str, Any]] = {}
    for first in range(0, len(names), AT_ONCE):
        contents = folder.fs.cat([f"{folder.path}/{name}" for name in names[first : first + AT_ONCE]])
        files |= {path[len(folder.path) + 1 :]: _told(content) for path, content in contents.items()}
    return files
