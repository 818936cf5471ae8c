"""Whole numbers back to values, at known points and over all that can be stored."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.sources.embeddings.quantised import alphaearth, tessera

STORED = arrays(np.int8, st.tuples(st.integers(1, 4), st.integers(1, 5)))


@pytest.mark.parametrize(
    ("stored", "value"),
    [(127, (127 / 127.5) ** 2), (-127, -((127 / 127.5) ** 2)), (0, 0), (64, (64 / 127.5) ** 2), (1, (1 / 127.5) ** 2)],
)
def test_alphaearth_at_known_points(stored, value) -> None:
    assert alphaearth(np.array([stored], np.int8))[0] == pytest.approx(value, rel=1e-6)


def test_alphaearth_minus_128_is_missing() -> None:
    assert np.isnan(alphaearth(np.array([-128], np.int8))[0])


@given(STORED)
def test_alphaearth_keeps_sign_and_order_and_stays_within_one(stored) -> None:
    values = alphaearth(stored)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(values), stored == -128)
    known = stored != -128
    np.testing.assert_array_equal(np.sign(values[known]), np.sign(stored[known]))
    assert (np.abs(values[known]) < 1).all()
    order = np.argsort(stored[known], kind="stable")
    assert (np.diff(values[known][order]) >= 0).all()


@given(STORED)
def test_alphaearth_can_be_stored_again_without_loss(stored) -> None:
    values = alphaearth(stored)
    again = np.where(np.isnan(values), -128, np.sign(values) * np.rint(np.sqrt(np.abs(values)) * 127.5))
    np.testing.assert_array_equal(again.astype(np.int8), stored)


@given(STORED, st.floats(0.0078125, 4, width=32))
def test_tessera_is_number_times_scale(stored, scale) -> None:
    values = tessera(stored, np.full(stored.shape[:1], scale, np.float32))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, stored.astype(float) * scale, rtol=1e-6)
    per_value = tessera(stored, np.full(stored.shape, scale, np.float32))
    np.testing.assert_array_equal(per_value, values)


@pytest.mark.parametrize("scale", [np.nan, np.inf, 0, -0.1])
def test_tessera_without_a_scale_is_missing(scale) -> None:
    values = tessera(np.full((2, 3), 5, np.int8), np.array([scale, 0.5], np.float32))
    assert np.isnan(values[0]).all()
    assert (values[1] == 2.5).all()
