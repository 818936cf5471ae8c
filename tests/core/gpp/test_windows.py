"""Windows: what of the days up to the target is seen, and nothing of those after it."""

import numpy as np
import pytest

from core.gpp.lags import EMPTY, latest, spans
from core.gpp.windows import Design, make_design, make_samples, usual_window
from core.schema import InputError
from tests.core.gpp.conftest import made_up


def design(values: list[list[float]], row: int, window: int) -> Design:
    columns = {f"c{turn}": "bands" for turn in range(len(values[0]))}
    return make_design(np.array(values, float), np.array([row]), columns, window=window)


def test_the_latest_value_is_no_older_than_the_window() -> None:
    values = np.array([[1.0], [np.nan], [np.nan], [np.nan]])
    assert latest(values, np.array([2]), 3)[0, 0] == 1.0
    assert np.isnan(latest(values, np.array([3]), 3)[0, 0])


def test_means_are_over_what_was_seen_in_the_window() -> None:
    values = [[float(day)] if day % 2 else [np.nan] for day in range(40)]
    found = design(values, 39, 20)
    assert spans(20) == (5, 20)
    assert dict(zip(found.lags, found.flat[0], strict=True)) == {
        "latest": 39,
        "mean of 5 days": np.mean([35, 37, 39]),
        "mean of 20 days": np.mean(np.arange(21, 40, 2)),
    }


def test_nothing_after_the_target_or_before_the_window_changes_a_sample() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 3))
    other = values.copy()
    other[41:] = 99  # later
    other[:11] = -99  # 30 days end on day 40: the first is day 11
    groups = dict.fromkeys("abc", "bands")
    one, two = (make_design(v, np.array([40]), groups, window=30) for v in (values, other))
    np.testing.assert_allclose(one.flat, two.flat)
    np.testing.assert_array_equal(one.tokens, two.tokens)
    np.testing.assert_array_equal(one.positions, two.positions)
    other[11] = 7  # the first day of the window counts
    assert not np.allclose(make_design(other, np.array([40]), groups, window=30).flat, one.flat)


def test_tokens_stand_at_the_day_they_were_seen() -> None:
    values = np.full((30, 2), np.nan)
    values[:, 1] = 1.0  # weather, on every day
    values[[12, 27], 0] = 0.5  # the satellite, on two
    found = make_design(values, np.array([29]), {"a": "bands", "b": "weather"}, window=20)
    assert found.tokens.shape == (1, 4, 2)
    # the window is days 10 to 29; its spans 10-14, 15-19, 20-24, 25-29
    assert found.positions.tolist() == [[2, 9, 14, 17]]
    np.testing.assert_array_equal(found.tokens[0, :, 0], np.array([0.5, np.nan, np.nan, 0.5], np.float32))


def test_a_span_in_which_nothing_was_seen_is_empty() -> None:
    values = np.full((30, 1), np.nan)
    values[29] = 1.0
    found = make_design(values, np.array([29]), {"a": "bands"}, window=20)
    assert found.positions.tolist() == [[EMPTY, EMPTY, EMPTY, 19]]


def test_a_window_of_one_day_is_the_row_itself() -> None:
    found = design([[1.0, 2.0], [3.0, 4.0]], 1, 1)
    assert found.flat.tolist() == [[3.0, 4.0]]
    assert found.tokens.shape == (1, 1, 2)


def test_greenness_times_radiation_is_added(frames) -> None:
    samples = make_samples(frames, 1)
    names = samples.design.names
    product = samples.design.flat[:, names.index("NIRv x radiation")]
    np.testing.assert_allclose(
        product, samples.design.flat[:, names.index("NIRv")] * samples.design.flat[:, names.index("radiation")]
    )


def test_pixels_are_samples_like_any_other() -> None:
    values = np.random.default_rng(1).normal(size=(20, 2, 3))
    groups = {"a": "bands", "b": "bands"}
    whole = make_design(values, np.array([19]), groups, window=12)
    one = make_design(values[:, :, 1], np.array([19]), groups, window=12)
    np.testing.assert_allclose(whole.flat[1], one.flat[0])
    np.testing.assert_array_equal(whole.tokens[1], one.tokens[0])


def test_the_usual_window_is_one_day_where_rows_are_far_apart() -> None:
    assert usual_window(made_up(sites=1, years=1)) > 1
    rare = made_up(sites=1, years=1)
    features = rare.frames[0].features
    features.loc[np.arange(len(features)) % 20 != 0] = np.nan
    assert usual_window(rare) == 1


@pytest.mark.parametrize("window", [0, 121, -3])
def test_a_window_is_1_to_120_days(window, frames) -> None:
    with pytest.raises(InputError, match=f"--window '{window}' is no window; give 1 to 120 days"):
        make_samples(frames, window)


def test_greenness_and_embeddings_are_multiplied_by_radiation() -> None:
    groups = {"embedding 1": "embedding", "NDVI": "indices", "NIRv": "indices", "radiation": "weather"}
    values = np.arange(1.0, 9.0).reshape(2, 4)
    found = make_design(values, np.array([1]), groups, window=1, radiation="radiation")
    made = dict(zip(found.names, zip(found.groups, found.flat[0], strict=True), strict=True))
    assert made["NIRv x radiation"] == ("light use", 56)
    assert made["embedding 1 x radiation"] == ("embedding", 40)
    assert found.names[found.groups.index("light use")] == "NIRv x radiation"
