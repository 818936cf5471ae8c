import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulate.arrays import autoregressive, logistic, ramp, ramp_at

NUMBERS = st.floats(-100, 100)


def test_a_ramp_rises_from_0_to_1_and_falls_where_its_end_lies_below_its_start() -> None:
    assert ramp(np.array([-1.0, 0, 5, 10, 11]), 0, 10).tolist() == [0, 0, 0.5, 1, 1]
    assert ramp(np.array([-1.0, 0, 5, 10, 11]), 10, 0).tolist() == [1, 1, 0.5, 0, 0]


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_ramp_of_one_number_is_the_ramp_of_many(value: float, start: float, width: float) -> None:
    end = start + width + (0.1 if width >= 0 else -0.1)
    assert ramp_at(value, start, end) == pytest.approx(float(ramp(value, start, end)))


def test_a_logistic_curve_is_halfway_at_its_middle_and_never_overflows() -> None:
    assert logistic(120, 120, 5) == 0.5
    assert logistic(np.array([-1e9, 1e9]), 0, 1) == pytest.approx([0, 1])


def test_autoregressive_noise_keeps_its_variance_and_remembers_as_asked() -> None:
    series = autoregressive(np.random.default_rng(0).normal(size=50_000), memory=0.8)
    assert series.std() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(series[1:], series[:-1])[0, 1] == pytest.approx(0.8, abs=0.01)
