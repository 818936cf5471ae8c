"""What a long command tells of itself: to a file that another program watches."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.cli.progress import WAITING, Reporter
from core.schema import InputError
from core.turns import FEWEST, TURNS, cores, turn


def told(file: Path) -> tuple[float, str]:
    said = json.loads(file.read_text(encoding="utf-8"))
    return said["fraction"], said["message"]


def test_the_file_says_how_far_it_is_until_it_is_done(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    with Reporter(file) as report:
        assert told(file) == (0.0, "Starting")
        report.part(1, 2, "SITE")(0.5, "growing leaves")
        assert told(file) == (0.75, "SITE: growing leaves")
    assert told(file) == (1.0, "Done")


def test_work_that_fails_is_not_done(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    report = Reporter(file).__enter__()
    report(0.5, "dividing")
    report.__exit__(ZeroDivisionError)
    assert told(file) == (0.5, "dividing")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"--progress .*none/progress\.json' cannot be written"),
        Reporter(tmp_path / "none" / "progress.json"),
    ):
        pass


def test_work_in_the_background_says_that_it_waits_for_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TURNS, str(tmp_path / "turns"))
    file = tmp_path / "progress.json"
    said: list[tuple[float, str]] = []

    def work() -> None:
        with Reporter(file):
            said.append(told(file))

    with ExitStack() as others:
        for _ in range(max(FEWEST, cores())):
            others.enter_context(turn(lambda: None))
        late = threading.Thread(target=work)
        late.start()
        while not file.exists():
            pass
        assert told(file) == (0.0, WAITING)
        with Reporter(tmp_path / "light.json", computes=False):
            assert told(tmp_path / "light.json") == (0.0, "Starting")
    late.join()
    assert said == [(0.0, "Starting")]
