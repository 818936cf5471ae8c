"""Figures of paths and years: what is drawn, and that doubt and filling look different."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.trajectories import MANY, latent_paths
from core.figures.trajectories_events import event_map
from core.figures.trajectories_series import path_series
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
    drawn = np.concatenate([trace.customdata for trace in points]).tolist()
    dates = [str(day) for day in path.days]
    assert sorted(drawn) == sorted([*dates, *dates[:20], *dates[21:]])
    rings = [trace for trace in points if trace.marker.symbol.endswith("-open")]
    assert np.concatenate([trace.customdata for trace in rings]).tolist() == dates[5:8]
    assert all(trace.type == kind for trace in figure.data)
    assert not any("<there>" in (trace.name or "") for trace in figure.data)


def test_lines_break_between_paths_at_long_gaps_and_by_year_at_new_year() -> None:
    path = made_path(years=(2020, 2021))
    path.values[10:40] = np.nan
    breaks = {
        colour: [
            int(np.isnan(np.asarray(trace.x, float)).sum())
            for trace in latent_paths([path, made_path(), made_path()], BASIS, colour=colour).data
            if trace.mode == "lines"
        ]
        for colour in ("season", "year")
    }
    assert breaks["season"] == [1, 1]  # a gap; from the one other path to the next
    assert breaks["year"] == [2, 5]  # one New Year more, and two of each other path


def test_the_first_path_s_line_tells_its_dates_so_that_a_mark_can_follow_it() -> None:
    path = made_path(years=(2020, 2021))
    path.values[10:40] = np.nan
    for axes in ((0, 1), (0, 1, 2)):
        (trail,) = (t for t in latent_paths([path, made_path()], BASIS, axes=axes).data if t.meta == "trail")
        dates = [str(day) for day in path.days[path.known]]
        assert [date for date in trail.customdata if date] == dates
        place = list(trail.customdata).index(dates[12])
        assert trail.y[place] == pytest.approx(path.values[path.known][12, 1])


def test_the_view_nearest_to_the_date_is_ringed_and_none_far_away() -> None:
    path = made_path(years=(2020,))
    nearest = int(np.abs(path.days - np.datetime64("2020-07-01")).argmin())
    (ring,) = latent_paths([path], BASIS, date="2020-07-01").layout.shapes
    assert (ring.xanchor, ring.yanchor) == pytest.approx(path.values[nearest, :2])
    assert ring.visible
    (hidden,) = latent_paths([path], BASIS, date="2023-07-01").layout.shapes
    assert not hidden.visible
    (ring,) = (t for t in latent_paths([path], BASIS, axes=(0, 1, 2), date="2020-07-01").data if t.meta == "here")
    assert (ring.x[0], ring.y[0], ring.z[0]) == pytest.approx(path.values[nearest])
    (nowhere,) = (t for t in latent_paths([path], BASIS, axes=(0, 1, 2)).data if t.meta == "here")
    assert np.isnan(nowhere.x).all()


def test_snow_far_away_does_not_squeeze_the_loop_and_is_told() -> None:
    path = made_path()
    path.values[[3, 4]] = 40.0
    layout = latent_paths([path], BASIS).layout
    assert max(layout.xaxis.range) < 2
    assert "2 views far outside" in layout.annotations[0].text
    shown = latent_paths([path], BASIS, date=str(path.days[3])).layout
    assert max(shown.xaxis.range) > 40


def test_doubtful_views_do_not_set_the_scale_unless_there_is_little_else() -> None:
    path = made_path(years=(2020,))
    away = np.arange(0, len(path.days), 3)
    path.values[away] += 40.0
    path.low_trust[away] = True
    layout = latent_paths([path], BASIS).layout
    assert max(layout.xaxis.range) < 2
    assert f"{len(away)} views far outside" in layout.annotations[0].text
    path.low_trust[:] = True
    path.low_trust[away[:3]] = False
    assert max(latent_paths([path], BASIS).layout.xaxis.range) > 40


@pytest.mark.parametrize("colour", ["season", "year", "place"])
def test_two_hundred_paths_are_a_few_traces(colour) -> None:
    paths = [made_path(seed=seed, label=f"pixel {seed}") for seed in range(200)]
    figure = latent_paths(paths, BASIS, colour=colour)
    assert len(figure.data) < 30
    drawn = sum(len(trace.x) for trace in figure.data if trace.mode == "markers" and len(trace.x) > 1)
    assert drawn == len(paths[0].days) + MANY
    assert f"{drawn:,} of {sum(len(path.days) for path in paths):,} views" in figure.layout.annotations[0].text


def test_events_are_coloured_where_they_lie_and_known_ones_outlined() -> None:
    struck = np.zeros((4, 5), bool)
    struck[1:3, 2] = True
    cells, outline = event_map([struck], [struck], ["fire, 2020-07-01"]).data
    assert (np.isfinite(np.asarray(cells.z, float)) == struck).all()
    assert cells.text[1][2] == "fire, 2020-07-01"
    x, y = np.asarray(outline.x, float), np.asarray(outline.y, float)
    assert np.isnan(x).sum() == 6  # edges around two pixels
    assert (np.nanmin(x), np.nanmax(x), np.nanmin(y), np.nanmax(y)) == (1.5, 2.5, 0.5, 2.5)


def test_filled_days_are_dashed_in_a_band_and_series_share_their_places_with_the_path() -> None:
    path = made_path(years=(2020,))
    path.low_trust[2] = True
    extra = ("NDVI", path.days, path.values[:, 0])
    figure = path_series(path, rows=[extra], filled=dict(enumerate(daily(path))), dims=(0, 2), cursor="2020-05-01")
    dashed = [trace for trace in figure.data if trace.line and trace.line.dash == "dash"]
    assert len(dashed) == 2
    assert np.isnan(np.asarray(dashed[0].y, float)).sum() == len(path.days)
    places = np.concatenate(
        [trace.customdata for trace in figure.data if trace.yaxis == "y" and trace.customdata is not None]
    )
    assert sorted(places) == [str(day) for day in path.days]
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
    assert list(start.y) == [0, 1]
    assert list(figure.layout.yaxis.ticktext) == ["2019", "2020"]
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
