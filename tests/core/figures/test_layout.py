import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures import CONFIG
from core.figures.layout import assemble, broken_at_gaps, span_of
from core.palette import LIGHT


def days(*numbers: int) -> np.ndarray:
    return np.datetime64("2021-01-01", "D") + np.array(numbers, int)


def test_a_long_gap_breaks_the_line_and_a_short_one_does_not() -> None:
    times, values = broken_at_gaps(days(0, 10, 50, 55), np.array([1.0, 2.0, 3.0, 4.0]), longest_days=30)
    np.testing.assert_array_equal(values, [1, 2, np.nan, 3, 4])
    assert (times == days(0, 10, 11, 50, 55)).all()


def test_missing_values_are_gaps() -> None:
    _, values = broken_at_gaps(days(0, 20, 40), np.array([1.0, np.nan, 3.0]), longest_days=30)
    np.testing.assert_array_equal(values, [1, np.nan, 3])


@given(st.lists(st.integers(0, 400), unique=True, max_size=30))
def test_no_value_is_lost_and_times_keep_their_order(numbers: list[int]) -> None:
    times, values = broken_at_gaps(days(*sorted(numbers)), np.arange(len(numbers), dtype=float), longest_days=30)
    assert values[np.isfinite(values)].tolist() == list(range(len(numbers)))
    assert (np.diff(times) > np.timedelta64(0, "D")).all()


def test_the_span_covers_all_series() -> None:
    assert span_of(days(5, 9), days(2, 7)) == ("2021-01-03", "2021-01-10")


def test_no_logo() -> None:
    assert CONFIG["displaylogo"] is False


def test_what_plotly_does_not_know_fails_in_tests() -> None:
    with pytest.raises(ValueError, match="colour"):
        assemble([{"type": "scatter", "colour": "red"}], axes={}, theme=LIGHT, height=100)
