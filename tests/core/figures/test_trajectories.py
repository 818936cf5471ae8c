"""Figures of paths and years: what is drawn, and that doubt and filling look different."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.trajectories import latent_paths, path_series
from core.figures.trajectories_years import season_dates, unusual_series, year_matrix
from core.palette import DARK, LIGHT
from core.trajectories.basis import Basis
from core.trajectories.distance import year_distances
from core.trajectories.paths import daily
from core.trajectories.season import season
from tests.core.trajectories.made_paths import made_path

BASIS = Basis(
    weights="w1",
    model="hand-3",
    centre=np.zeros(3),
    axes=np.eye(3),
    explained=np.array([0.6, 0.3, 0.1]),
    fitted_on=("x",),
)


@pytest.mark.parametrize(("axes", "kind"), [((0, 1), "scatter"), ((0, 1, 2), "scatter3d")])
@pytest.mark.parametrize("colour", ["season", "year", "place"])
def test_every_view_is_drawn_once_and_doubtful_ones_as_rings(axes, kind, colour) -> None:
    path = made_path()
    path.low_trust[5:8] = True
    path.values[20] = np.nan
    figure = latent_paths([path, made_path(seed=2, label="<there>")], BASIS, colour=colour, axes=axes, theme=DARK)
    points = [trace for trace in figure.data if trace.mode == "markers" and trace.customdata is not None]
    mine = [
        trace
        for trace in points
        if "here" in trace.hovertemplate.split("<extra>")[1] and "there" not in trace.hovertemplate
    ]
    assert sorted(np.concatenate([trace.customdata for trace in mine])) == [n for n in range(len(path.days)) if n != 20]
    rings = [trace for trace in mine if trace.marker.symbol == "circle-open"]
    assert np.concatenate([trace.customdata for trace in rings]).tolist() == [5, 6, 7]
    assert all(trace.type == kind for trace in figure.data)
    assert not any("<there>" in (trace.name or "") for trace in figure.data)


def test_two_hundred_paths_are_made_in_time() -> None:
    import time

    paths = [made_path(seed=seed, label=f"pixel {seed}") for seed in range(200)]
    began = time.process_time()
    latent_paths(paths, BASIS, colour="place")
    assert time.process_time() - began < 4  # 0.2 s alone; the limit is for a busy machine


def test_filled_days_are_dashed_in_a_band_and_series_share_their_places_with_the_path() -> None:
    path = made_path(years=(2020,))
    path.low_trust[2] = True
    extra = ("NDVI", path.days, path.values[:, 0])
    figure = path_series(path, rows=[extra], filled=daily(path), dims=(0, 2), cursor="2020-05-01")
    dashed = [trace for trace in figure.data if trace.line and trace.line.dash == "dash"]
    assert len(dashed) == 2
    assert np.isnan(np.asarray(dashed[0].y, float)).sum() == len(path.days)
    places = np.concatenate(
        [trace.customdata for trace in figure.data if trace.yaxis == "y" and trace.customdata is not None]
    )
    assert sorted(places) == list(range(len(path.days)))
    assert figure.layout.yaxis3.title.text == "NDVI"
    assert figure.layout.shapes[0].x0 == "2020-05-01"


def test_the_matrix_leaves_out_a_year_against_itself() -> None:
    found = year_distances([made_path(noise=0.2)])
    cells = year_matrix(found, measure="area").data[0]
    assert list(cells.x) == ["2019", "2020", "2021"]
    assert np.isnan(np.diag(np.asarray(cells.z, float))).all()
    assert cells.z[0][1] == pytest.approx(found.area[0, 1])


def test_season_dates_carry_the_gap_they_lie_in() -> None:
    path = made_path()
    found = [season(-path.values[:, 0], path.days, year, source="embedding") for year in (2019, 2020)]
    figure = season_dates(found)
    start = next(trace for trace in figure.data if "start" in trace.hovertemplate)
    assert list(start.y) == ["2019", "2020"]
    assert list(start.customdata) == [one.start.date for one in found]
    assert (np.array(start.error_x.array) >= 0).all()
    assert (np.array(start.error_x.arrayminus) >= 0).all()


def test_what_is_unusual_stands_out_and_known_events_are_named() -> None:
    days = made_path(years=(2020,)).days
    distance = np.ones(len(days))
    distance[[3, 4]] = 5
    figure = unusual_series(distance, days, known=[("drought", "2020-04-01", "2020-10-01")], theme=LIGHT)
    assert list(figure.data[1].y) == [5, 5]
    assert figure.layout.annotations[0].text == "drought"
    assert figure.layout.shapes[1].x1 == "2020-10-01"
