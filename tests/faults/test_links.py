"""Malformed links: the page is drawn, and a sentence says what of the link could not be had."""

from __future__ import annotations

import re

import pytest

from core.ui.messages import UNEXPECTED
from tests.faults import links
from tests.faults.bench import SITE, Bench
from tests.faults.conftest import sample
from tests.pages.app import Open, sentences, words

ROWS = {f"{page}?{parameter}={value}": (parameter, value, page) for parameter, value, page in links.rows()}
SENTENCE = re.compile(r"[A-Z][^\n]*\.")


@pytest.mark.parametrize("name", sample(ROWS, every=15))
def test_a_malformed_link(name: str, bench: Bench, open_page: Open) -> None:
    parameter, value, page = ROWS[name]
    value = value.format(run=bench.run)
    app = open_page(bench.workspace, page, **({"site": SITE} | {parameter: value}))
    said = sentences(app)
    assert not app.exception
    assert UNEXPECTED not in words(app)
    assert app.title[0].value.endswith("?")
    assert any(value[:100] in sentence for sentence in said)
    assert all(SENTENCE.fullmatch(sentence) for sentence in said)
    assert app.query_params.get(parameter) != value
