"""The trust layers, on cases whose answer is plain."""

import numpy as np

from core.embedding.trust import context_share, days_since_clear, sensor_gap

NAN = np.nan


def test_the_share_of_a_window_that_was_seen() -> None:
    seen = np.zeros((3, 3, 4), dtype=bool)  # one window of 3 dates and 3 x 3 pixels, and its right neighbour
    seen[1, :, 0] = True
    assert context_share(seen, frames=3, size=3).tolist() == [[[np.float32(3 / 27), 0.0]]]
    assert context_share(np.ones((5, 4, 4), dtype=bool), frames=3, size=3).min() == 1.0
    assert context_share(np.ones((5, 4, 4), dtype=bool), frames=1, size=1).shape == (5, 4, 4)


def test_days_count_from_the_last_view_before_the_date_itself() -> None:
    seen = np.array([True, False, True, True])[:, None, None]
    days = np.array([100, 105, 110, 125])
    assert days_since_clear(seen, days, slice(1, 4)).ravel().tolist() == [5, 10, 15]
    np.testing.assert_array_equal(days_since_clear(seen, days, slice(0, 1)).ravel(), [NAN])


def test_a_date_knows_its_history_whichever_block_it_is_in() -> None:
    dice = np.random.default_rng(0)
    seen, days = dice.random((20, 3, 3)) < 0.2, np.arange(20) * 3
    whole = days_since_clear(seen, days, slice(0, 20))
    np.testing.assert_array_equal(days_since_clear(seen, days, slice(13, 17)), whole[13:17])


def test_the_gap_of_the_sensors_has_no_sign_and_needs_a_radar_value() -> None:
    seen = np.array([[[True, False]], [[True, True]]])
    gap = sensor_gap(seen, np.array([98, 107]), np.array([100, 105]))
    np.testing.assert_array_equal(gap, [[[2, NAN]], [[2, 2]]])
