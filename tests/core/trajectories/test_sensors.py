"""What the sensors saw at a place: the right pixels, the right mean, nothing where too little was seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from core.frames import Grid
from core.trajectories.places import Place, pixel_place
from core.trajectories.season_sources import seasons_by_source, stepped, tower_gpp
from core.trajectories.sensors import Seen, backscatter_of, index_of, usual_backscatter
from core.trajectories.vigour import VigourAxis
from tests.core.trajectories.made_paths import made_path

NORTH, WEST = 5_538_115.0, 535_825.0


def grid_of(rows: int, cols: int, *, down: int = 0, right: int = 0) -> dict[str, np.ndarray]:
    return {"y": NORTH - 10.0 * (down + np.arange(rows)), "x": WEST + 10.0 * (right + np.arange(cols))}


def images() -> xr.Dataset:
    """6 x 5 pixels on three dates: red 0.1, near infrared by row; one pixel is cloudy on the second date."""
    days = pd.date_range("2021-05-01", periods=3, freq="5D", unit="ns")
    near = np.broadcast_to(0.1 * (2 + np.arange(6.0))[:, None], (3, 6, 5)).copy()
    near[1, 2, 2] = np.nan
    power = np.full((2, 6, 5), 0.01)
    power[:, 2, 3] = 0.03
    bands = {"B04": (("time", "y", "x"), np.full((3, 6, 5), 0.1)), "B08": (("time", "y", "x"), near)}
    radar = {"VH": (("s1_time", "y", "x"), 10 * np.log10(power))}
    return xr.Dataset(bands | radar, coords={"time": days, "s1_time": days[:2]} | grid_of(6, 5))


def embedding() -> xr.Dataset:
    """The inner 3 x 3 pixels of the images."""
    coords = grid_of(3, 3, down=1, right=1)
    return xr.Dataset({"features": (("y", "x"), np.zeros((3, 3)))}, coords=coords, attrs={"crs": "EPSG:32632"})


def area(*pixels: tuple[int, int]) -> Place:
    mask = np.zeros((3, 3))
    for row, col in pixels:
        mask[row, col] = 1
    return Place(kind="area", label="here", weights=mask / mask.sum())


def test_an_index_is_that_of_the_pixels_of_the_place() -> None:
    seen = index_of(images(), embedding(), area((0, 0)), "NDVI")
    near = 0.3  # of row 1 of the images
    assert seen.values == pytest.approx([(near - 0.1) / (near + 0.1)] * 3)
    assert str(seen.days[1]) == "2021-05-06"


def test_a_cloudy_pixel_counts_for_nothing_and_a_place_that_was_hardly_seen_has_no_value() -> None:
    both = index_of(images(), embedding(), area((1, 1), (0, 1)), "NDVI")
    assert both.values[1] == pytest.approx(0.5)  # the clear one alone
    assert both.values[0] == pytest.approx((0.5 + 0.6) / 2)
    alone = index_of(images(), embedding(), area((1, 1)), "NDVI")
    assert np.isnan(alone.values[1])
    assert np.isfinite(alone.values[[0, 2]]).all()


def test_backscatter_is_averaged_as_power() -> None:
    seen = backscatter_of(images(), embedding(), area((1, 1), (1, 2)))
    assert seen.values == pytest.approx([10 * np.log10(0.02)] * 2)
    assert backscatter_of(images().drop_vars("VH"), embedding(), area((1, 1))) is None
    usual = usual_backscatter(images(), embedding())
    assert usual.shape == (3, 3)
    assert usual[1, 2] == pytest.approx(10 * np.log10(0.03))
    assert usual[0, 0] == pytest.approx(-20)


def test_images_on_other_pixels_tell_nothing() -> None:
    moved = images().assign_coords(x=images()["x"] + 4)
    assert index_of(moved, embedding(), area((0, 0)), "NDVI") is None
    assert backscatter_of(moved, embedding(), area((0, 0))) is None
    assert usual_backscatter(moved, embedding()) is None
    grid = Grid.of(embedding())
    assert index_of(images(), embedding(), pixel_place(grid, grid.x, grid.y), "NDVI") is not None


def test_filled_days_of_a_tower_are_missing_and_a_step_of_few_days_has_no_mean() -> None:
    days = pd.date_range("2021-01-05", periods=20, freq="D")
    tower = pd.DataFrame({"gpp": np.arange(20.0), "filled": [False] * 14 + [True] * 6}, index=days)
    gpp = tower_gpp(tower)
    assert np.isnan(gpp.values[14:]).all()
    means = stepped(gpp)
    known = np.isfinite(means.values)
    assert 1 <= known.sum() < len(means.values)
    assert tower_gpp(None) is None


def test_every_source_tells_its_own_season() -> None:
    path = made_path(years=(2020, 2021))
    axis = VigourAxis(weights=np.array([-1.0, 0, 0]), offset=0.0, r2=None)  # highest in early July
    later = Seen(path.days + 20, -path.values[:, 0])
    few = Seen(path.days[:5], np.ones(5, np.float32))
    days = np.arange("2019-12-28", "2022-01-03", dtype="datetime64[D]")  # a little more than the path's years
    phase = 2 * np.pi * (days - days.astype("datetime64[Y]")).astype(float) / 365
    told, remarks = seasons_by_source(path, axis, {"NDVI": later, "NIRv": few}, Seen(days, -np.cos(phase)))
    starts = {(one.source, one.year): np.datetime64(one.start.date) for one in told if one.start}
    shift = (starts["NDVI", 2021] - starts["embedding", 2021]).astype(int)
    assert shift == pytest.approx(20, abs=2)
    assert abs((starts["tower GPP", 2020] - starts["embedding", 2020]).astype(int)) <= 10
    assert not any("tower" in remark for remark in remarks)
    assert any("NIRv" in remark and "too few" in remark for remark in remarks)
