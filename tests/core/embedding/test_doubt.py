import numpy as np
import xarray as xr

from core.embedding.doubt import Limits, doubtful

NAN = np.nan


def trust(**layers: list[float]) -> xr.Dataset:
    """One row of pixels on one date."""
    return xr.Dataset({name: (("time", "y", "x"), np.array([[values]])) for name, values in layers.items()})


def of(cube: xr.Dataset, **limits: float) -> list[bool]:
    return doubtful(cube, Limits(**limits))[0, 0].tolist()


def test_a_little_seen_context_is_doubted() -> None:
    assert of(trust(context_share=[0.1, 0.25, 0.9]), context_share=0.25) == [True, False, False]


def test_a_long_time_under_cloud_is_doubted_but_not_a_first_view() -> None:
    assert of(trust(days_since_clear=[41, 40, NAN]), days_since_clear=40) == [True, False, False]


def test_radar_from_another_time_or_none_is_doubted() -> None:
    assert of(trust(sensor_gap=[7, 6, NAN]), sensor_gap=6) == [True, False, True]


def test_a_cube_made_without_radar_is_not_doubted_for_it() -> None:
    assert of(trust(sensor_gap=[NAN, NAN])) == [False, False]


def test_any_limit_that_is_broken_counts() -> None:
    cube = trust(context_share=[0.1, 0.9, 0.9], days_since_clear=[5, 99, 5])
    assert of(cube) == [True, True, False]


def test_without_trust_layers_nothing_is_doubted() -> None:
    assert of(trust(error_s2=[9.0, 9.0])) == [False, False]
