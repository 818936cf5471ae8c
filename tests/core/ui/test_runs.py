"""What an embedding is called: in a word for a narrow column, and by its dates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.schema import RunSpec
from core.store import Run
from core.ui.runs import label, period


def embedding(**notes: str) -> Run:
    spec = RunSpec(kind="embedding", site="SMALL", input_digest="0", parameters={}, version="0")
    return Run(spec=spec, path=Path(), made=datetime(2026, 1, 1, tzinfo=UTC), notes=notes)


@pytest.mark.parametrize(
    ("start", "end", "in_a_word", "dates"),
    [
        ("2021-01-03", "2021-12-29", "compact-7 · 2021", "2021"),
        ("2021-05-01", "2021-09-26", "compact-7 · 2021", "2021-05 to 2021-09"),
        ("2021-05-01", "2021-05-26", "compact-7 · 2021", "2021-05"),
        ("2019-01-05", "2022-12-30", "compact-7 · 2019–22", "2019-01 to 2022-12"),
    ],
)
def test_a_run_is_called_by_its_model_and_years(start: str, end: str, in_a_word: str, dates: str) -> None:
    run = embedding(model="compact-7", start=start, end=end)
    assert (label(run), period(run)) == (in_a_word, dates)


def test_an_embedding_made_elsewhere_has_a_name_too() -> None:
    assert label(embedding(source="AlphaEarth", start="2021-01-01", end="2021-01-01")) == "AlphaEarth · 2021"
    assert label(embedding(start="2021-01-01", end="2021-01-01")) == "embedding · 2021"
