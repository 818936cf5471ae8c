"""What the command line makes of an input, and whether that is how a wrong one is answered."""

from __future__ import annotations

import contextlib
import io
import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.__main__ import WRONG_INPUT, main

SENTENCE = re.compile(r"[^\n]+\.\n")
LONGEST = 700  # characters a sentence may have


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one call returned and printed."""

    code: int | None  # None: it ended by an exception
    out: str
    err: str


def ask(arguments: Sequence[object]) -> Answer:
    """Run a command as `python -m core` does, in this process."""
    out, err, code = io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except BaseException:  # whatever it is, a user would see it
            err.write(traceback.format_exc())
    return Answer(code=code, out=out.getvalue(), err=err.getvalue())


def faults(answer: Answer, *, names: str = "") -> list[str]:
    """Why this is not how a wrong input is answered: exit code 2 and one sentence that matches `names`."""
    found = []
    if answer.code != WRONG_INPUT:
        found.append(f"exit code {answer.code}, not {WRONG_INPUT}")
    if "Traceback" in answer.err:
        found.append(f"a traceback: {answer.err}")
    elif not SENTENCE.fullmatch(answer.err) or len(answer.err) > LONGEST:
        found.append(f"no single sentence: {answer.err!r}")
    elif not re.search(names, answer.err):
        found.append(f"says nothing of {names!r}: {answer.err!r}")
    if answer.out:
        found.append(f"printed a result: {answer.out[:200]!r}")
    return found


def contents(*folders: Path) -> dict[str, tuple[int, int]]:
    """Every file below, with its size and time; the empty files that locks leave aside."""
    files = [path for folder in folders for path in folder.rglob("*") if not path.name.endswith(".lock")]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files if path.is_file()}
