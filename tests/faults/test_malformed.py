"""Malformed files and arguments: one sentence, exit code 2, and nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import arguments, files
from tests.faults.answers import ask, contents, faults
from tests.faults.bench import Bench
from tests.faults.conftest import sample

FILES = {name: (reader, spoil) for name, reader, spoil in files.rows()}


@pytest.mark.parametrize("name", sample(FILES, every=5))
def test_a_malformed_file(name: str, bench: Bench, tmp_path: Path) -> None:
    reader, spoil = FILES[name]
    typed = files.spoilt(bench, reader, spoil, tmp_path)
    before = contents(bench.workspace.root, tmp_path)
    answer = ask([*typed, "--workspace", bench.workspace.root])
    assert not faults(answer, names=reader.names or Path(reader.file).name.partition(".")[0])
    assert contents(bench.workspace.root, tmp_path) == before


@pytest.mark.parametrize("name", sample(files.READERS | files.ZARR_READERS, every=5))
def test_the_file_before_it_was_spoilt_is_not_what_is_complained_about(name: str, bench: Bench, tmp_path: Path) -> None:
    """Else a row could be answered for a reason of its own, and prove nothing."""
    reader = (files.READERS | files.ZARR_READERS)[name]
    own = bench.copy(tmp_path)
    typed = files.spoilt(own, reader, lambda path: None, tmp_path)
    answer = ask([*typed, "--workspace", own.workspace.root])
    assert answer.code == 0 or reader.fails in answer.err


ARGUMENTS = {words: (kind, said) for kind, words, said in arguments.rows()}


@pytest.mark.parametrize("words", sample(ARGUMENTS, every=5))
def test_a_malformed_argument(words: str, bench: Bench, tmp_path: Path) -> None:
    before = contents(bench.workspace.root, bench.good, tmp_path)
    typed = arguments.typed(words, bench, str(tmp_path))
    space = [] if "--workspace" in words else ["--workspace", bench.workspace.root]
    answer = ask([*typed, *space])
    assert not faults(answer, names=ARGUMENTS[words][1])
    assert contents(bench.workspace.root, bench.good, tmp_path) == before
