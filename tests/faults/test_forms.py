"""Malformed form values: the page stands, and says in a sentence what it cannot take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.ui.messages import UNEXPECTED
from tests.faults import forms
from tests.faults.bench import SITE, Bench
from tests.faults.conftest import sample
from tests.pages.app import Open, sentences, words

ROWS = dict(forms.rows())


@pytest.mark.parametrize("name", sample(ROWS, every=8))
def test_a_malformed_form(name: str, bench: Bench, open_page: Open, tmp_path: Path) -> None:
    entry = ROWS[name]
    own = bench.copy(tmp_path)
    app = open_page(own.workspace, entry.page, site=SITE)
    for kind, key, value in entry.acts:
        app = forms.act(app, kind, key, value)
    said = sentences(app)
    assert not app.exception
    assert UNEXPECTED not in words(app)
    assert not [sentence for sentence in said if "Traceback" in sentence or not sentence.endswith(".")]
    assert not entry.says or any(re.search(entry.says, sentence) for sentence in said)
    assert "<script" not in words(app)
