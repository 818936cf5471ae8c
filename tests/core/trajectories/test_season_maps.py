"""Maps of season dates: which pixels have one, and by how much a year was late."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from core.figures.trajectories_seasons import date_map, difference_map
from core.schema import InputError
from core.trajectories.season_maps import later_than_usual, season_maps
from core.trajectories.vigour import VigourAxis

AXIS = VigourAxis(weights=np.array([1.0]), offset=0.0, r2=None)
LATE = 18  # days by which the right half of 2021 is late


def land() -> xr.Dataset:
    """4 x 4 pixels through three years; the lowest row hardly changes, one pixel is always under cloud."""
    days = np.arange("2019-01-05", "2022-01-01", 5, "datetime64[D]")
    year = days.astype("datetime64[Y]")
    of_year = (days - year).astype(float)
    late = np.where(year == np.datetime64("2021"), LATE, 0)[:, None] * (np.arange(4) >= 2)
    wave = -np.cos(2 * np.pi * (of_year[:, None] - late) / 365.25)[:, None, :]
    values = np.broadcast_to(wave, (len(days), 4, 4)).copy()
    values[:, 3] *= 0.02
    values[:, 0, 0] = np.nan
    coords = {"time": days.astype("datetime64[ns]"), "y": -10.0 * np.arange(4), "x": 10.0 * np.arange(4)}
    return xr.Dataset({"features": (("feature", "time", "y", "x"), values[None].astype(np.float32))}, coords=coords)


def test_a_late_half_is_late_on_the_map_and_flat_or_cloudy_land_has_no_date() -> None:
    maps = season_maps(land(), AXIS)
    assert sorted(maps) == [2019, 2020, 2021]
    later = later_than_usual(maps, 2021)
    assert later.peak[1, 2:] == pytest.approx([LATE] * 2, abs=6)
    assert later.peak[1, :2] == pytest.approx([0, 0], abs=6)
    for layer in (*maps[2021], *later):
        assert np.isnan(layer[3]).all()
        assert np.isnan(layer[0, 0])
    assert later_than_usual({2021: maps[2021]}, 2021) is None


def test_the_maps_say_dates_and_days() -> None:
    maps = season_maps(land(), AXIS)
    (image,) = date_map(maps[2020].peak, 2020, title="peak").data
    assert image.customdata[1][1][:7] in ("2020-06", "2020-07")
    assert image.customdata[3][1] == ""
    (difference,) = difference_map(later_than_usual(maps, 2021).peak, title="x").data
    assert difference.zmin == -difference.zmax
    assert difference.zmax >= LATE - 6


def test_land_that_was_hardly_seen_is_one_sentence() -> None:
    with pytest.raises(InputError, match="has no pixel seen on 8 dates"):
        season_maps(land().isel(time=slice(0, 5)), AXIS)
    with pytest.raises(InputError, match="has no year with 8 clear dates"):
        season_maps(land().isel(time=slice(0, None, 12)), AXIS)
