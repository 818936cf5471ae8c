"""Steadiness: nothing moves where nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from models.evaluation.steadiness import Series, collect, hidden_dates, summary


def series(embedding: np.ndarray, gapped: np.ndarray, bands: np.ndarray) -> Series:
    return Series(embedding, gapped, bands, 5 * np.arange(len(bands)))


def test_a_wave_is_counted_in_its_own_standard_deviations() -> None:
    wave = np.where(np.arange(40) % 2, 1.0, -1.0)[:, None, None].astype(np.float32)  # up and down, deviation 1
    said = summary([series(wave, wave + 0.5, 10 * wave)])
    assert said["step"] == pytest.approx(2, rel=1e-3)
    assert said["step_of_bands"] == pytest.approx(2, rel=1e-3)
    assert said["moved_when_hidden"] == pytest.approx(0.5, rel=1e-3)


def test_bands_are_filled_from_the_last_view() -> None:
    ramp = np.arange(40, dtype=np.float32)[:, None, None]
    said = summary([series(ramp, ramp, ramp)])
    assert said["bands_filled_from_last_view"] == pytest.approx(1 / ramp.std(), rel=1e-3)


def test_hidden_dates_change_nothing_else(model, make_place) -> None:
    found = collect(model, make_place(cloudy=0.0))
    reach = 2
    far = [date for date in range(12) if np.abs(hidden_dates(12) - date).min() > reach]
    np.testing.assert_allclose(found.gapped[far], found.embedding[far], atol=1e-6)
    assert np.abs(found.gapped - found.embedding)[hidden_dates(12)].max() > 1e-3
