"""What the documents say can be done: commands marked `sh` are run, all others are at least understood."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.__main__ import parser
from models.training import parser as training_parser

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)")
RUN = "sh"  # the language of blocks that are run, in order
PATIENCE_S = 600


def blocks(document: Path, language: str | None = None) -> list[str]:
    """The fenced blocks of a document; of one language, if it is named."""
    found = FENCE.findall(document.read_text(encoding="utf-8"))
    return [block for said, block in found if language in (None, said)]


def commands(document: Path) -> Iterator[list[str]]:
    """The words of each line that calls Python, in blocks that are not run."""
    for said, block in FENCE.findall(document.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines() if said != RUN else ():
            words = shlex.split(line.partition(" > ")[0], comments=True)
            if len(words) > 2 and words[0].endswith("python") and words[1] == "-m":
                yield words[2:]


RUNNABLE = [document for document in DOCS if blocks(document, RUN)]


@pytest.mark.parametrize("document", RUNNABLE, ids=lambda document: document.stem)
def test_the_commands_of_a_tutorial_run(document: Path, tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + "\n".join(blocks(document, RUN))
    (tmp_path / "models").symlink_to(ROOT / "models")
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ
        | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        | {"FLUXSCAPE_WORKSPACE": str(tmp_path / "workspace"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for promised in PROMISED[document.stem]:
        assert any(tmp_path.glob(promised)), f"{promised} was not written"


PROMISED = {
    "tutorial_command_line": [
        "july/*.tif",
        "pixels.parquet",
        "clusters/*.tif",
        "clusters/*.gpkg",
        "clusters/*.csv",
        "paths.csv",
        "fit/predictions.csv",
        "fit/report.html",
        "july.nc",
    ],
    "training": [f"{out}/weights/model.safetensors" for out in ("s1", "s2", "fused", "mine")],
}


def test_both_tutorials_are_among_them() -> None:
    assert {document.stem for document in RUNNABLE} == set(PROMISED)


@pytest.mark.parametrize("document", DOCS, ids=lambda document: document.stem)
def test_every_other_command_is_understood(document: Path) -> None:
    known = {"core": parser(), "models.training": training_parser()}
    for module, *words in commands(document):
        if module in known:
            known[module].parse_args(words)  # exits where it does not understand


@pytest.mark.parametrize("document", DOCS, ids=lambda document: document.stem)
def test_every_link_leads_to_something(document: Path) -> None:
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        target = (document.parent / link).resolve()
        assert "://" in link or target.exists(), f"{link} leads nowhere"
