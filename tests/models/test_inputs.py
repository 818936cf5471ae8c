"""The preparation, by numbers one can work out by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.checks import InputError
from models.compact_fusion import CompactFusion
from models.inputs import (
    OPTICAL,
    RADAR,
    Frames,
    despeckle,
    nearest_in_time,
    prepare,
    remarks,
    scale_backscatter,
    scale_reflectance,
    window_days,
)
from models.presets import COMPACT


def column(*values: float) -> np.ndarray:
    """A series (T, 1, 1, 1) at one pixel of one band."""
    return np.array(values, np.float32).reshape(-1, 1, 1, 1)


def test_reflectance_is_clipped_and_gaps_stay() -> None:
    assert np.array_equal(scale_reflectance(column(-0.1, 0.3, 1.4, np.nan)), column(0, 0.3, 1, np.nan), equal_nan=True)


def test_decibels_are_scaled_as_in_the_paper() -> None:
    assert scale_backscatter(column(-40, -30, -12.5, 5, 9)).ravel() == pytest.approx([0, 0, 0.5, 1, 1])


def test_speckle_is_averaged_in_power_not_in_decibels() -> None:
    series = despeckle(column(-10, -20, -20))  # powers 0.1, 0.01, 0.01
    assert series.ravel() == pytest.approx(10 * np.log10([0.055, 0.04, 0.01]), abs=1e-5)


def test_a_missing_acquisition_is_neither_filled_nor_averaged_in() -> None:
    series = despeckle(column(-10, np.nan, -20, -20)).ravel()
    assert np.isnan(series[1])
    assert series[[0, 2, 3]] == pytest.approx([-10, -20, -20], abs=1e-5)


def test_the_nearest_acquisition_is_taken_and_the_earlier_of_two_equal_ones() -> None:
    assert nearest_in_time(np.array([0, 3, 6, 10, 99]), np.array([0, 6, 12])).tolist() == [0, 0, 1, 2, 2]
    assert nearest_in_time(np.array([5, 9]), np.array([7])).tolist() == [0, 0]


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=30),
    st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True),
)
def test_no_other_acquisition_is_nearer(days: list[int], candidates: list[int]) -> None:
    sorted_candidates = np.array(sorted(candidates))
    chosen = sorted_candidates[nearest_in_time(np.array(days), sorted_candidates)]
    best = np.abs(np.array(days)[:, None] - sorted_candidates).min(axis=1)
    assert np.array_equal(np.abs(np.array(days) - chosen), best)


def test_frames_are_the_optical_dates_with_any_valid_pixel() -> None:
    optical = np.full((3, 10, 2, 2), 0.2, np.float32)
    optical[1] = np.nan
    optical[2, 1:] = np.nan
    radar = np.full((2, 2, 2, 2), -12.5, np.float32)
    frames = prepare(optical, np.array([100, 105, 110]), radar, np.array([99, 111]))
    assert frames[OPTICAL].days.tolist() == [100, 110]
    assert frames[RADAR].days.tolist() == [99, 111]
    assert frames[RADAR].values == pytest.approx(0.5)
    assert list(prepare(optical, np.array([100, 105, 110]), None, None)) == [OPTICAL]


def test_a_cube_without_any_valid_pixel_is_refused() -> None:
    with pytest.raises(InputError, match="no valid pixel"):
        prepare(np.full((2, 10, 2, 2), np.nan, np.float32), np.array([1, 2]), None, None)


def test_dates_that_span_too_long_become_one_day_steps_around_the_centre() -> None:
    near, far = np.array([0, 10, 199]), np.array([0, 10, 200])
    assert window_days(near, near).tolist() == [0, 10, 199]
    assert window_days(far, far).tolist() == [9, 10, 11]


def test_the_optical_dates_decide_for_every_sensor() -> None:
    near, far = np.array([0, 10, 199]), np.array([0, 10, 200])
    assert window_days(far, near).tolist() == [0, 10, 200]
    assert window_days(np.array([1, 12, 198]), far).tolist() == [11, 12, 13]


# ---------------------------------------------------------------- what is missing is said
SENSORS = COMPACT.modalities  # s1 and s2, windows of 11 dates


def frames(dates: int, *, valid: int | None = None) -> Frames:
    """10 bands of 2 x 2 px every 5 days, of which the first `valid` dates hold values."""
    values = np.full((dates, 10, 2, 2), 0.3, np.float32)
    values[dates if valid is None else valid :] = np.nan
    return Frames(values, np.arange(dates) * 5)


def test_complete_frames_need_no_remark() -> None:
    assert remarks({"s1": frames(11), "s2": frames(20)}, SENSORS) == []


def test_an_absent_sensor_is_said_and_so_is_one_that_never_saw_anything() -> None:
    assert remarks({"s2": frames(20)}, SENSORS) == ["s1 is absent: the embedding comes from s2 alone."]
    assert remarks({"s1": frames(20), "s2": frames(20, valid=0)}, SENSORS) == [
        "s2 has no valid value: the embedding comes from s1 alone."
    ]


def test_few_dates_are_said() -> None:
    assert remarks({"s1": frames(20, valid=4), "s2": frames(20, valid=1)}, SENSORS) == [
        "s1 holds 4 valid dates: its windows have room for 11.",
        "s2 holds one valid date: its windows have room for 11.",
    ]


@pytest.mark.parametrize("given", [{}, {"s9": frames(11)}, {"s1": frames(11, valid=0), "s2": frames(11, valid=0)}])
def test_nothing_valid_at_all_is_refused(given: dict[str, Frames]) -> None:
    with pytest.raises(InputError, match="none of the sensors s1, s2 holds a valid value"):
        remarks(given, SENSORS)


def test_a_single_valid_date_is_embedded() -> None:
    """As the only frame, and as the only valid one of many: it stands at its date either way."""
    optical = np.full((13, 10, 3, 3), np.nan, np.float32)
    optical[6] = 0.3
    alone = prepare(optical, np.arange(13) * 5, None, None)
    assert alone[OPTICAL].days.tolist() == [30]
    torch.manual_seed(0)
    model = CompactFusion(COMPACT).eval()
    with torch.inference_mode():
        embedding = model.embed_cube(
            {OPTICAL: torch.tensor(alone[OPTICAL].values)}, {OPTICAL: torch.tensor(alone[OPTICAL].days)}
        )
    assert embedding.shape == (1, COMPACT.bottleneck, 3, 3)
    assert embedding.isfinite().all()
    assert remarks(alone, SENSORS) == [
        "s1 is absent: the embedding comes from s2 alone.",
        "s2 holds one valid date: its windows have room for 11.",
    ]
