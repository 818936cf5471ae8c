"""How figures are told, and that every benchmark of the folder has its place in the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import __main__ as everything
from benchmarks.report import KEEP_IN, Figure, read, show

FAST = Figure(name="fast", value=250.0, unit="ms", at_most=300, baseline=125.0)
SLOW = Figure(name="slow", value=2.0, unit="px/s", at_least=4)
PLAIN = Figure(name="plain", value=12_345.0)


@pytest.mark.parametrize(
    ("figure", "met", "row"),
    [
        (FAST, True, "| fast | 250 ms | <= 300 | met | 2.0 x 125 ms |"),
        (SLOW, False, "| slow | 2 px/s | >= 4 | NOT MET |  |"),
        (PLAIN, None, "| plain | 12,345 |  |  |  |"),
    ],
    ids=lambda value: value.name if isinstance(value, Figure) else None,
)
def test_a_figure_stands_beside_its_target(figure: Figure, met: bool | None, row: str) -> None:
    assert figure.met is met
    assert figure.row() == row
    assert ("NOT MET" in figure.line()) is (met is False)


def test_a_target_reached_exactly_is_met() -> None:
    assert Figure(name="same", value=4.0, at_least=4).met
    assert Figure(name="same", value=4.0, at_most=4).met


def test_what_is_shown_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv(KEEP_IN, str(tmp_path / "figures"))
    show([FAST, SLOW])
    show([PLAIN])
    assert read(tmp_path / "figures") == [FAST, SLOW, PLAIN]
    assert capsys.readouterr().out.splitlines() == [figure.line() for figure in (FAST, SLOW, PLAIN)]


def test_one_benchmark_leaves_the_others_in_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With real modules, in a folder of their own: one that shows a figure, one that prints, one that fails."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    source = Path(everything.__file__).parent / "report.py"
    (folder / "report.py").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    begin = '"""{}"""\nfrom benchmarks.report import Figure, show\n\ndef main():\n    {}\n\nmain()\n'
    figure = 'show([Figure(name="rate", value=7, at_least=5)])'
    (folder / "first.py").write_text(begin.format("How fast.", figure), encoding="utf-8")
    (folder / "second.py").write_text(begin.format("How many.", 'print("eleven")'), encoding="utf-8")
    (folder / "third.py").write_text(begin.format("How sad.", "raise SystemExit(3)"), encoding="utf-8")
    table = tmp_path / "RESULTS.md"
    monkeypatch.setattr(everything, "HERE", folder)
    assert everything.benchmarks() == ["first", "second", "third"]

    monkeypatch.setattr("sys.argv", ["benchmarks", "--to", str(table)])
    assert everything.main() == 1
    sections = everything.earlier(table)
    assert "How fast." in sections["first"]
    assert "| rate | 7 | >= 5 | met |  |" in sections["first"]
    assert "```\neleven\n```" in sections["second"]
    assert "did not come to its end** (exit code 3)" in sections["third"]

    (folder / "second.py").write_text(begin.format("How many.", 'print("twelve")'), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["benchmarks", "second", "--to", str(table)])
    assert everything.main() == 0
    again = everything.earlier(table)
    assert "twelve" in again.pop("second")
    sections.pop("second")
    assert again == sections


def test_the_project_has_these_benchmarks() -> None:
    assert {"app", "embed", "clusters", "own_site"} <= set(everything.benchmarks())
    assert all(everything.summary(name) for name in everything.benchmarks())
