"""Fluxscape without a browser: `python -m core COMMAND`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import core
from core.cli import COMMANDS, stop
from core.cli.command import Command, shared_arguments
from core.schema import FluxscapeError

WRONG_INPUT = 2
INTERRUPTED = 130  # as a shell reports a program ended by Ctrl-C


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong, instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        raise FluxscapeError(f"{message[:1].upper()}{message[1:]}; see '{self.prog} --help'.")


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    first = [command.examples[0] for command in COMMANDS.values()]
    top: argparse.ArgumentParser = _Parser(
        prog="python -m core",
        description="Fluxscape without a browser.",
        epilog=_examples(first),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"Fluxscape {core.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        _add(commands, name, command)
    return top


def _add(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, command: Command) -> None:
    own = commands.add_parser(
        name,
        help=command.summary,
        description=f"{command.summary[:1].upper()}{command.summary[1:]}.",
        epilog=_examples(command.examples),
        parents=[shared_arguments()],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(own)
    own.set_defaults(run=command.run)


def _examples(lines: Sequence[str]) -> str:
    return "\n".join(["examples:", *(f"  python -m core {line}" for line in lines)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        options = parser().parse_args(arguments)
        options.run(options)
        sys.stdout.flush()
    except FluxscapeError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    stop.listen()
    # Threads of GNU's OpenMP that wait in circles for long take each other's core where other programs run too: beside
    # four of them, on 2 cores, a site-year took over 70 s to embed, and 24 s so; alone 6 s both ways.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    sys.exit(main())
