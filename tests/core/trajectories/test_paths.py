"""Places, their paths, the axes they share, and two of them compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ortho_group

from core.clustering.result import cluster_run
from core.frames import Grid
from core.schema import InputError
from core.store import Workspace
from core.trajectories.basis import KIND, basis_for, fit, scores
from core.trajectories.compare import compare
from core.trajectories.paths import daily, read_path, read_paths
from core.trajectories.places import area_place, box_place, pixel_place, place_of, site_place
from core.trajectories.table import tidy, write_table
from tests.core.made_embedding import NORTH, WEST, made_cube
from tests.core.made_land import made, publish
from tests.core.trajectories.made_paths import made_path


def test_a_pixel_s_path_is_its_embedding_and_the_site_s_the_mean_of_what_was_seen() -> None:
    cube = made_cube()
    grid = Grid.of(cube)
    pixel = pixel_place(grid, float(cube["x"][4]) + 4.9, float(cube["y"][7]) - 4.9)
    own, whole = read_paths(cube, [pixel, site_place(grid)])
    np.testing.assert_allclose(own.values, cube["features"].values[:, :, 7, 4].T)
    np.testing.assert_allclose(whole.values, np.nanmean(cube["features"].values, axis=(2, 3)).T, rtol=1e-5)
    assert whole.seen[1] == pytest.approx(0.5)
    assert whole.days.astype(str).tolist() == ["2021-05-01", "2021-05-06", "2021-05-11", "2021-05-16"]


def test_a_date_hardly_seen_has_no_value_and_one_half_seen_is_of_low_trust() -> None:
    cube = made_cube()
    upper = box_place(Grid.of(cube), WEST, NORTH - 70, WEST + 100, NORTH)  # 7 rows, 6 of them cloudy on date 1
    path = read_path(cube, upper)
    assert path.known.tolist() == [True, True, True, True]
    assert path.low_trust.tolist() == [True, True, False, False]  # no radar on date 0
    corner = read_path(cube, box_place(Grid.of(cube), WEST, NORTH - 60, WEST + 100, NORTH))
    assert not corner.known[1]
    cube["context_share"][2] = 0.1
    assert read_path(cube, upper).low_trust.tolist() == [True, True, True, False]


def test_a_drawn_area_holds_the_pixels_whose_centre_lies_in_it() -> None:
    grid = Grid.of(made_cube())
    west, north = grid.x, grid.y
    triangle = area_place(grid, [(west - 1, north + 1), (west + 31, north + 1), (west - 1, north - 31)])
    assert np.argwhere(triangle.weights).tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [2, 0]]
    assert triangle.weights.sum() == pytest.approx(1)


@pytest.fixture
def run(workspace: Workspace):
    return publish(workspace, made(dates=24))


def test_places_in_words(workspace, run) -> None:
    cube = made(dates=24)
    clusters = cluster_run(workspace, run.id)
    found = place_of(workspace, cube, f"cluster:{clusters.run.id}:1")
    assert (found.weights > 0).sum() == (clusters.clusters.labels == 1).sum()
    assert place_of(workspace, cube, "site").pixels == 18 * 18
    x, y = float(cube["x"][0]), float(cube["y"][0])
    assert place_of(workspace, cube, f"pixel:{x},{y}").pixels == 1
    assert place_of(workspace, cube, f"polygon:{x - 5} {y + 5},{x + 25} {y + 5},{x + 25} {y - 25}").pixels >= 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("moon", "is no place"),
        ("pixel:1,2", "lies outside the embedding"),
        ("pixel:1", "does not hold 2 numbers"),
        ("pixel:a,b", "does not hold 2 numbers"),
        ("box:3,2,1,0", "is no box"),
        ("box:0,0,1,1", "holds no pixel centre"),
        ("polygon:1 2,3 4", "is no area"),
        ("cluster:x", "names no cluster"),
        ("cluster:no-such-run:1", "is not in the workspace"),
    ],
)
def test_places_that_are_none_are_one_sentence(workspace, run, words, said) -> None:
    with pytest.raises(InputError, match=said):
        place_of(workspace, made(dates=24), words)


def test_a_place_always_under_cloud_is_one_sentence() -> None:
    cube = made_cube()
    with pytest.raises(InputError, match="was never seen between 2021-05-01 and 2021-05-16, always under cloud"):
        read_path(cube, pixel_place(Grid.of(cube), float(cube["x"][0]), float(cube["y"][0])))


def test_sites_and_years_of_one_model_share_their_axes(workspace) -> None:
    first = publish(workspace, made(dates=24, site="ONE"))
    axes = basis_for(workspace, first.id)
    second = publish(workspace, made(dates=24, seed=3, year=2022, site="TWO"))
    again = basis_for(workspace, second.id)
    np.testing.assert_array_equal(axes.axes, again.axes)
    assert again.fitted_on == (first.id,)
    assert len(workspace.runs(kind=KIND)) == 1
    both = basis_for(workspace, second.id, refit=True)
    assert set(both.fitted_on) == {first.id, second.id}
    assert basis_for(workspace, first.id).fitted_on == both.fitted_on


def test_axes_are_orthonormal_and_hold_most_of_what_varies() -> None:
    cube = made(dates=24, cloud=0.2)
    basis = fit([cube], ["x"])
    np.testing.assert_allclose(basis.axes.T @ basis.axes, np.eye(3), atol=1e-9)
    assert (np.diff(basis.explained) <= 0).all()
    assert basis.explained.sum() > 0.9
    path = read_path(cube, site_place(Grid.of(cube)))
    np.testing.assert_allclose(scores(basis, path), (path.values - basis.centre) @ basis.axes, rtol=1e-5, atol=1e-6)


def test_another_model_is_not_drawn_on_these_axes() -> None:
    basis = fit([made(dates=24)], ["x"])
    with pytest.raises(InputError, match="has axes of its own and cannot be drawn on those of hand-4"):
        scores(basis, made_path())


def test_two_models_compare_only_when_aligned() -> None:
    here = made_path()
    turned = (here.values * 3) @ ortho_group.rvs(3, random_state=1).astype(np.float32) + 2
    there = made_path(model="other", weights="w2")
    there.values[:] = turned
    with pytest.raises(InputError, match=r"models 'hand-3 and other' have axes of their own.*align them first"):
        compare(here, there)
    found = compare(here, there, align=True)
    np.testing.assert_allclose(found.first, found.second, atol=1e-3)
    assert found.agreement == pytest.approx(1, abs=1e-5)


def test_two_sites_compare_on_common_days_without_turning() -> None:
    here, there = made_path(), made_path(seed=4, site="THERE")
    there.days[:] = there.days + 2
    found = compare(here, there)
    assert found.alignment is None
    assert len(found.times) > 90
    assert found.agreement > 0.9


def test_the_table_says_what_is_clear_doubtful_or_filled(tmp_path) -> None:
    path = made_path(years=(2020,))
    path.low_trust[3] = True
    path.values[10] = np.nan
    table = tidy([path], fill="linear")
    seen = tidy([path])
    assert len(seen) == len(path.days) - 1
    assert (seen["trust"] == "low").sum() == 1
    filled = table[table["trust"] == "filled"]
    assert len(filled) == (path.days[-1] - path.days[0]).astype(int) + 1 - len(seen)
    assert (filled["sd_1"] > 0).all()
    assert set(table["run"]) == {"HAND-embedding-0"}
    for name in ("t.csv", "t.parquet"):
        file = write_table(seen, tmp_path / name)
        back = pd.read_csv(file) if name.endswith("csv") else pd.read_parquet(file)
        np.testing.assert_allclose(back["value_2"], seen["value_2"], rtol=1e-6)
    with pytest.raises(InputError, match="is there already"):
        write_table(seen, tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"is neither .csv nor .parquet"):
        write_table(seen, tmp_path / "t.xlsx")


def test_filled_days_of_a_path_are_marked_in_every_value() -> None:
    path = made_path(years=(2020,))
    series = daily(path)
    assert len(series) == 3
    assert (series[0].filled == series[2].filled).all()
    assert series[0].filled.mean() == pytest.approx(0.8, abs=0.01)
