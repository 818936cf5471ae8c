"""The choices of the Clusters page as words of its link."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.ui.clusters.atlas import Mark
from core.ui.clusters.choices import CLUSTERS, LABEL, SIMILAR, Choices
from core.ui.clusters.link import from_words, to_words

FIRST = Choices(site="HERE")
VIEWS = {
    "as at first": FIRST,
    "another number": replace(FIRST, k=9, axes="neighbours", marks={CLUSTERS: Mark(kind="pixel", pixel=(3, 40))}),
    "dense cores of a date": replace(FIRST, method="hdbscan", smallest=2.5, basis="date", standardise=False),
    "a year": replace(FIRST, year="2020", method="gmm"),
    "a mean": replace(FIRST, basis="mean", span=("2021-03-01", "2021-06-30")),
    "similar": replace(
        FIRST, part=SIMILAR, measure="euclidean", threshold=0.35, marks={SIMILAR: Mark(kind="pixel", pixel=(0, 7))}
    ),
    "labels": replace(FIRST, part=LABEL, classifier="forest"),
}


@pytest.mark.parametrize("kind", VIEWS)
def test_a_view_survives_the_way_through_its_words(kind: str) -> None:
    words = to_words(VIEWS[kind])
    assert (words == "") is (kind == "as at first")
    assert from_words(words, FIRST) == (VIEWS[kind], [])


def test_what_a_reader_made_is_no_part_of_a_link() -> None:
    own = replace(FIRST, edits=FIRST.edits.rename(1, "wet"), marks={CLUSTERS: Mark(seq=4, kind="area", path=((0, 0),))})
    assert to_words(own) == ""


WRONG = {
    "k 1": "'k 1' in the link is not understood; give a number from 2 to 24",
    "k many": "give a number from 2 to 24",
    "k": "'k' in the link",
    "threshold nan": "give a number from 0 to 1",
    "method magic": "use one of kmeans, gmm, hdbscan",
    "pixel 3,4": "write it as 12.40",
    "pixel -1.4": "write it as 12.40",
    "colour red": "'colour red' in the link is not understood",
    "by mean from 2021-01-01": "names one end of a period",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_a_sentence_and_the_rest_is_taken(text: str) -> None:
    chosen, problems = from_words(f"year 2020 {text}", FIRST)
    assert chosen.year == "2020"
    assert len(problems) == 1
    assert WRONG[text] in problems[0]
