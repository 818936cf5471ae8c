"""One bench for all rows; a sample of each table, or the whole of it where the environment asks for that."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

import pytest

from tests.core.sources.stac.conftest import service  # noqa: F401
from tests.faults.bench import Bench, make_bench
from tests.pages.conftest import begun, open_page, work  # noqa: F401

WHOLE_CAMPAIGN = "FLUXSCAPE_FAULTS"  # set by `python -m tests.faults`
Row = TypeVar("Row")


def sample(rows: Iterable[Row], *, every: int) -> list[Row]:
    """Every so many of the rows; all of them in the whole campaign."""
    return list(islice(rows, 0, None, 1 if os.environ.get(WHOLE_CAMPAIGN) else every))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return make_bench(tmp_path_factory.mktemp("bench"))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that does not answer is asked again after moments, not seconds."""
    monkeypatch.setattr("core.sources.stac.patience.FIRST_PAUSE", 0.02)
