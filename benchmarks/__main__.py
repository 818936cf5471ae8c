"""Every benchmark, one after the other, and a table of their figures: `python -m benchmarks [NAME ...] [--to FILE]`.

A benchmark is a module of this folder with a function `main`. With names, only those are measured, and the sections of
the others stay in the table as they are.
"""

from __future__ import annotations

import argparse
import ast
import datetime as dt
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import HEAD, KEEP_IN, read

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
SECTION = re.compile(r"^## (\w+)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
TITLE = """# What was measured

Made by `make benchmarks`. The first lines of each benchmark say what it compares with what; baselines are measured in
the same run.
"""


def main() -> int:
    """Measure and write; returns how many benchmarks did not come to their end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(benchmarks())}; else all")
    parser.add_argument("--workspace", type=Path, help="with sites and embeddings that need not be made again")
    parser.add_argument("--to", type=Path, default=RESULTS, metavar="FILE")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(benchmarks()))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(benchmarks())}")
    sections = earlier(options.to) if options.names else {}
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in options.names or benchmarks():
            print(f"\n{name}", flush=True)
            sections[name], code = measure(name, Path(folder), options.workspace or Path(folder) / "workspace")
            failed += code != 0
            options.to.write_text(TITLE + "".join(f"\n{sections[key]}" for key in sorted(sections)), encoding="utf-8")
    return failed


def benchmarks() -> list[str]:
    """The modules of this folder that measure something."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__main__" and "main" in functions(path))


def functions(path: Path) -> set[str]:
    """The functions at the top of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def measure(name: str, folder: Path, workspace: Path) -> tuple[str, int]:
    """A benchmark in a process of its own: its section of the table, and its exit code.

    All have the same workspace, so that sites and embeddings are made once.
    """
    kept = folder / f"{name}.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{name}"],
        cwd=HERE.parent,
        env=os.environ | {KEEP_IN: str(kept), "FLUXSCAPE_WORKSPACE": str(workspace)},
        stdout=subprocess.PIPE,
        text=True,
    )
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        said.append(line.rstrip())
    code, figures = process.wait(), read(kept)
    shown = {figure.line() for figure in figures}
    rest = "\n".join(line for line in said if line not in shown).strip("\n")
    parts = [f"## {name}", "", summary(name), "", f"{machine()}.", ""]
    if figures:
        parts += [HEAD, *(figure.row() for figure in figures), ""]
    if rest:
        parts += ["```", rest, "```", ""]
    if code:
        parts += [f"**It did not come to its end** (exit code {code}).", ""]
    return "\n".join(parts), code


def summary(name: str) -> str:
    """The first line of a benchmark's docstring."""
    words = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or ""
    return words.partition("\n")[0]


def machine() -> str:
    """Where and when, as far as it matters."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, Python {platform.python_version()}, {dt.date.today().isoformat()}"


def earlier(path: Path) -> dict[str, str]:
    """The sections of a table that stands, by the benchmark's name."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {found[1]: found[0].rstrip("\n") + "\n" for found in SECTION.finditer(text)}


if __name__ == "__main__":
    sys.exit(main())
