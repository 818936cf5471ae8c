"""The days fetched so far, in the draft of a site: an interrupted fetch goes on where it stopped.

asked.json                 what was asked for; a draft that was asked otherwise is not taken up
days/<sensor>-<day>.npy    values (band, y, x), float32
days/<sensor>-<day>.json   {"scenes": [...], "seen": true}, written after the values: the day is done
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.schema import WorkspaceError
from core.store import read_json, write_json

ASKED, DAYS = "asked.json", "days"
OPTICAL, RADAR = "s2", "s1"  # sensors


class Parts:
    """The days in `folder`, as they were left if they belong to what is asked, else none."""

    def __init__(self, folder: Path, asked: Mapping[str, Any]) -> None:
        self.folder = folder
        if not self._was_asked(asked):
            for left in folder.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            write_json(folder / ASKED, asked)
        (folder / DAYS).mkdir(exist_ok=True)

    def done(self, sensor: str, day: np.datetime64, scenes: Sequence[str]) -> bool | None:
        """Whether anything was seen on a day that is done with these scenes; None of a day that is not."""
        with suppress(WorkspaceError, KeyError):
            said = read_json(self._path(sensor, day, ".json"))
            if said["scenes"] == list(scenes) and (not said["seen"] or self._path(sensor, day, ".npy").is_file()):
                return bool(said["seen"])
        return None

    def keep(self, sensor: str, day: np.datetime64, scenes: Sequence[str], values: NDArray[np.float32] | None) -> None:
        """Store a day, None for one on which nothing was seen."""
        target = self._path(sensor, day, ".npy")
        if values is not None:
            draft = target.with_suffix(".part")
            with draft.open("wb") as stream:
                np.save(stream, values, allow_pickle=False)
            draft.replace(target)
        write_json(self._path(sensor, day, ".json"), {"scenes": list(scenes), "seen": values is not None})

    def image(self, sensor: str, day: np.datetime64, band: int) -> NDArray[np.float32]:
        values = np.load(self._path(sensor, day, ".npy"), mmap_mode="r", allow_pickle=False)
        return np.asarray(values[band])

    def finish(self) -> None:
        """Leave nothing but the site."""
        shutil.rmtree(self.folder / DAYS)
        (self.folder / ASKED).unlink()

    # ------------------------------------------------------------ inside
    def _path(self, sensor: str, day: np.datetime64, suffix: str) -> Path:
        return self.folder / DAYS / f"{sensor}-{day}{suffix}"

    def _was_asked(self, asked: Mapping[str, Any]) -> bool:
        try:
            return read_json(self.folder / ASKED) == dict(asked)
        except WorkspaceError:
            return False
