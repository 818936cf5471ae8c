from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.clustering.agreement import Agreement
from core.clustering.legend import Entry
from core.clustering.profiles import Curve, EmbeddingProfile, Spectrum
from core.figures.clusters_profiles import cluster_spectra, confusion_table, embedding_heat, season_curves
from core.palette import QUALITATIVE
from core.schema import NotFoundError

ENTRIES = [Entry(cluster, f"cluster {cluster}", QUALITATIVE[cluster - 1], 10, 0.1, 0.5) for cluster in (1, 2)]
TIMES = np.datetime64("2021-01-05", "D") + np.arange(30) * 10
MIDDLE = np.linspace(0.2, 0.8, 30, dtype=np.float32)


def spectrum(level: float, views: int = 9) -> Spectrum:
    mean = np.full(10, level, np.float32)
    return Spectrum(mean, mean * 0.5, mean * 1.5, views)


def curve(values=MIDDLE, unit: str = "1") -> Curve:
    return Curve(TIMES, values, values - 0.1, values + 0.1, unit)


def test_spectra_are_lines_and_the_chosen_one_has_its_spread() -> None:
    figure = cluster_spectra({1: spectrum(0.1), 2: spectrum(0.3)}, ENTRIES, chosen=2)
    lines = [trace for trace in figure.data if trace.name]
    assert {trace.name for trace in lines} == {"cluster 1", "cluster 2"}
    spread = [trace for trace in figure.data if trace.fill == "tonexty"]
    assert len(spread) == 2  # one a panel
    np.testing.assert_allclose(spread[0].y, 0.15)
    assert figure.layout.yaxis.range[1] > 0.45


def test_a_cluster_without_a_view_has_no_line() -> None:
    assert not cluster_spectra({1: spectrum(np.nan, views=0)}, ENTRIES).data


def test_seasons_break_at_gaps_and_stand_in_rows() -> None:
    gap = MIDDLE.copy()
    gap[10:20] = np.nan
    rows = {"NDVI": {1: curve(gap), 2: curve()}, "VH": {1: curve(MIDDLE - 15, "dB")}}
    figure = season_curves(rows, ENTRIES, chosen=1)
    first = next(trace for trace in figure.data if trace.name == "cluster 1")
    assert np.isnan(first.y).sum() == 1
    assert figure.layout.yaxis2.title.text == "VH (dB)"
    assert figure.layout.yaxis.title.text == "NDVI"
    assert sum(bool(trace.fill) for trace in figure.data) == 2
    assert [trace.name for trace in figure.data if trace.showlegend] == ["cluster 1", "cluster 2"]


def test_nothing_to_show_is_said() -> None:
    empty = Curve(TIMES[:0], *[MIDDLE[:0]] * 3, "1")
    assert season_curves({"NDVI": {1: empty}}, ENTRIES).layout.annotations[0].text == "no view in this period"
    blank = np.full((3, 30), np.nan, np.float32)
    assert embedding_heat(EmbeddingProfile(TIMES, blank, blank)).layout.annotations[0].text == "no view in this period"


def test_the_embedding_has_a_row_a_value_and_white_at_zero() -> None:
    values = np.random.default_rng(0).normal(size=(7, 30)).astype(np.float32)
    values[:, 4] = np.nan
    (heat,) = embedding_heat(EmbeddingProfile(TIMES, values, values)).data
    assert np.shape(heat.z) == (7, 29)
    assert heat.zmin == -heat.zmax
    assert list(heat.y) == ["1", "2", "3", "4", "5", "6", "7"]  # as the Trajectories page counts them


@pytest.mark.parametrize("dims", [1, 32, 128])
def test_any_size_of_embedding_fits(dims) -> None:
    values = np.ones((dims, 30), np.float32)
    assert 90 <= embedding_heat(EmbeddingProfile(TIMES, values, values)).layout.height <= 460


def test_a_table_counts_and_shades_by_share() -> None:
    table = pd.DataFrame({"forest": [30, 0], "crop": [10, 20]}, index=[1, 2])
    (heat,) = confusion_table(Agreement(0.5, table, 60, ""), ENTRIES).data
    np.testing.assert_allclose(heat.z, [[75, 25], [0, 100]])
    assert heat.text == (["30", "10"], ["", "20"]) or [list(row) for row in heat.text] == [["30", "10"], ["", "20"]]
    assert list(heat.y) == ["cluster 1", "cluster 2"]


def test_a_cluster_that_vanished_is_said() -> None:
    with pytest.raises(NotFoundError, match="cluster '9' holds no pixel now"):
        cluster_spectra({9: spectrum(0.1)}, ENTRIES)
