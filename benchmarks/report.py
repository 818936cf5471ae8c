"""How a measured figure is told: one shape for all benchmarks, as a line on the screen and as a row of RESULTS.md."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

KEEP_IN = "FLUXSCAPE_FIGURES"  # environment variable: a file that figures are added to, a line of JSON each


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured figure, what it should be at least or at most, and the baseline of the same run if there is one."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    baseline: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most

    @property
    def target(self) -> str:
        """In words; empty where there is none."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"

    @property
    def verdict(self) -> str:
        return {True: "met", False: "NOT MET", None: ""}[self.met]

    @property
    def beside_baseline(self) -> str:
        """How many times its baseline; empty where there is none."""
        return f"{self.value / self.baseline:.1f} x {number(self.baseline)} {self.unit}" if self.baseline else ""

    def line(self) -> str:
        """As a line on the screen."""
        parts = f"{self.name:<58}{number(self.value):>9} {self.unit:<6}{self.target:<10}{self.verdict:<9}"
        return f"{parts}{self.beside_baseline}".rstrip()

    def row(self) -> str:
        """As a row of a Markdown table."""
        value = f"{number(self.value)} {self.unit}".strip()
        return f"| {self.name} | {value} | {self.target} | {self.verdict} | {self.beside_baseline} |"


HEAD = "| figure | value | target | | times its baseline |\n| --- | ---: | ---: | --- | --- |"


def number(value: float) -> str:
    """Three digits that count; whole where it is large."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show(figures: Iterable[Figure]) -> None:
    """Print each figure as soon as it is measured, and keep it for the table of all benchmarks."""
    kept = os.environ.get(KEEP_IN)
    for figure in figures:
        print(figure.line(), flush=True)
        if kept:
            with Path(kept).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(figure)) + "\n")


def read(path: Path) -> list[Figure]:
    """The figures that benchmarks kept in a file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [Figure(**json.loads(line)) for line in lines]
