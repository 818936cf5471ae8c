"""Progress of a long command: a bar where somebody watches, and a file for a program that does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Self

from core.cli import stop
from core.progress import Progress
from core.schema import InputError
from core.store import write_json
from core.turns import turn

BAR_WIDTH = 30  # characters
WAITING = "Waiting for other work to end"


class Reporter:
    """Reports to stderr if that is a terminal, and to `file` if one is given: {"fraction": 0.4, "message": "..."}.

    The file is replaced whole each time, so that a reader never sees half of it. Work in the background waits for its
    turn first, unless it hardly `computes`.
    """

    def __init__(self, file: Path | None = None, *, computes: bool = True) -> None:
        self.file = file.expanduser() if file else None
        self.watched = sys.stderr.isatty()
        self._turn = turn(lambda: self(0.0, WAITING)) if computes else nullcontext()

    def __enter__(self) -> Self:
        self._turn.__enter__()
        self(0.0, "Starting")
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        self._turn.__exit__(None, None, None)
        if failure is None:
            self._tell(1.0, "Done")  # a stop that comes so late changes nothing
        if self.watched:
            sys.stderr.write("\n")

    def __call__(self, fraction: float, message: str) -> None:
        stop.check()
        self._tell(fraction, message)

    def part(self, index: int, count: int, name: str) -> Progress:
        """Progress of one of `count` equal parts."""

        def report(fraction: float, message: str) -> None:
            self((index + fraction) / count, f"{name}: {message}")

        return report

    def _tell(self, fraction: float, message: str) -> None:
        if self.watched:
            done = round(fraction * BAR_WIDTH)
            sys.stderr.write(f"\r\033[K[{'#' * done}{'.' * (BAR_WIDTH - done)}] {fraction:4.0%} {message}")
            sys.stderr.flush()
        if self.file:
            save_json(self.file, {"fraction": round(fraction, 4), "message": message}, option="--progress")


def progress_option(parser: argparse._ActionsContainer) -> None:
    """The option of every long command whose progress another program watches."""
    parser.add_argument("--progress", type=Path, metavar="FILE", help="keep the progress in this file, as JSON")


def save_json(file: Path, data: Mapping[str, Any], *, option: str = "--save") -> None:
    """Write a file that the user named by `option`, whole or not at all."""
    try:
        write_json(file.expanduser(), data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(option, str(file), f"cannot be written ({reason})", "name another file") from error
