from __future__ import annotations

import numpy as np
import pytest

from core.clustering.assign import NONE
from core.clustering.legend import Entry
from core.clustering.methods import NOISE
from core.clustering.suggest import Candidate, Suggestion
from core.figures import clusters as module
from core.figures.clusters import chosen_rows, cluster_areas, cluster_scatter, drawn, number_of_clusters
from core.palette import MISSING, QUALITATIVE

ENTRIES = [
    Entry(1, "forest", QUALITATIVE[0], 60, 0.6, 0.6),
    Entry(2, "<b>wet</b>", QUALITATIVE[1], 30, 0.3, 0.3),
    Entry(NOISE, "noise", MISSING, 10, None, 0.005),
    Entry(NONE, "not seen well enough", MISSING, 10, 0.1, 0.1),
]
SCORES = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
LABELS = np.repeat([1, 2, NOISE], (60, 30, 10)).astype(np.int16)
EXPLAINED = np.array([0.5, 0.2, 0.1, 0.05])


def test_every_pixel_is_a_point_of_its_cluster_that_knows_its_row() -> None:
    figure = cluster_scatter(SCORES, LABELS, ENTRIES, explained=EXPLAINED)
    assert [trace.name for trace in figure.data] == ["forest", "&lt;b&gt;wet&lt;/b&gt;", "noise"]
    rows = np.concatenate([trace.customdata for trace in figure.data])
    np.testing.assert_array_equal(np.sort(rows), np.arange(100))
    for trace in figure.data:
        np.testing.assert_array_equal(trace.x, SCORES[trace.customdata, 0])
        np.testing.assert_array_equal(trace.y, SCORES[trace.customdata, 1])
    assert figure.data[0].marker.color == QUALITATIVE[0]
    assert figure.layout.xaxis.title.text == "component 1 (50 % of the variance)"


def test_chosen_pixels_stand_out() -> None:
    chosen = LABELS == 2
    figure = cluster_scatter(SCORES, LABELS, ENTRIES, explained=EXPLAINED, chosen=chosen)
    assert set(figure.data[1].marker.opacity) == {1.0}
    assert max(figure.data[0].marker.opacity) < 0.5


def test_of_many_pixels_some_are_drawn_and_the_chosen_among_them(monkeypatch) -> None:
    monkeypatch.setattr(module, "POINTS", 100)
    chosen = np.zeros(10_000, bool)
    chosen[[17, 4000, 9999]] = True
    found = drawn(10_000, chosen)
    assert len(found) == 100
    assert {17, 4000, 9999} <= set(found.tolist())
    assert len(np.unique(found)) == len(found)
    assert len(drawn(10_000)) == 100
    assert len(drawn(10_000, np.ones(10_000, bool))) <= 100


def test_a_space_of_one_component_is_drawn_too() -> None:
    figure = cluster_scatter(SCORES[:, :1], LABELS, ENTRIES, explained=EXPLAINED[:1])
    assert set(np.concatenate([trace.y for trace in figure.data])) == {0}


def test_a_lasso_marks_the_rows_it_returned() -> None:
    found = chosen_rows([3, [5], 99, 100, -1, "x", None], 100)
    assert np.flatnonzero(found).tolist() == [3, 5, 99]


def test_bars_say_area_and_share() -> None:
    (bars,) = cluster_areas(ENTRIES, chosen=2).data
    assert list(bars.text) == ["0.6 ha · 60 %", "0.3 ha · 30 %", "10 px · < 1 %", "0.1 ha · 10 %"]
    assert list(bars.customdata) == [1, 2, NOISE, NONE]
    assert list(bars.marker.opacity) == [0.35, 1, 0.35, 0.35]


@pytest.mark.parametrize("used", [None, 5])
def test_the_number_in_use_is_marked(used) -> None:
    tried = tuple(Candidate(k=k, silhouette=1 / k, stability=0.95, recovered=0.9) for k in range(2, 8))
    figure = number_of_clusters(Suggestion(k=3, candidates=tried, words=""), used=used)
    assert [trace.name for trace in figure.data] == ["stability", "silhouette"]
    assert figure.layout.shapes[-1].x0 == (used or 3)
