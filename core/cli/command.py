"""What every command of the command line has, and what they all print with. Imports nothing heavy."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.schema import InputError
from core.store import ENVIRONMENT_VARIABLE, Workspace

LARGEST_SEED = 2**32 - 1  # that NumPy and scikit-learn both take


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command: `run` does the work and raises FluxscapeError for whatever the user can put right."""

    summary: str
    examples: tuple[str, ...]  # what follows `python -m core`
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]


def shared_arguments() -> argparse.ArgumentParser:
    """The options of every command."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--json", action="store_true", help="print JSON for other programs")
    parser.add_argument(
        "--workspace",
        metavar="PATH",
        help=f"folder of your sites and results (else {ENVIRONMENT_VARIABLE}, else your user data folder)",
    )
    return parser


def box_option(parser: argparse.ArgumentParser, *, of: str = "the site") -> None:
    """The option that leaves out what lies outside a box."""
    parser.add_argument(
        "--bbox",
        type=float,
        nargs=4,
        metavar=("WEST", "SOUTH", "EAST", "NORTH"),
        help=f"only pixels whose centre lies in this box, in metres of {of}'s CRS",
    )


def make_folder(folder: Path) -> Path:
    """A folder to write results into; asked for before the work is done."""
    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--out", str(folder), "is no folder that can be written", "name another") from error
    return folder


def seed(text: str) -> int:
    """For argparse: a seed of a random draw."""
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to {LARGEST_SEED}")
    return int(text)


def share(text: str) -> float:
    """For argparse: a share of a whole."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 1")
    return found


def workspace_of(options: argparse.Namespace) -> Workspace:
    return Workspace(options.workspace)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Tell a person what is odd, without disturbing a program that reads the output."""
    sys.stderr.write(f"{text}\n")


def say_json(data: Any) -> None:
    say(json.dumps(data, indent=2))


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equal length as aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
