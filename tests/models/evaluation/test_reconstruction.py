"""Reconstruction errors, on values whose errors are known."""

from __future__ import annotations

import numpy as np
import pytest

from models.evaluation.reconstruction import Rows, collect, join, mae, principal, spectral_angle, spread_dates, summary
from models.inputs import OPTICAL, RADAR


def test_spectral_angle_sees_shape_and_not_brightness() -> None:
    spectrum = np.array([[0.1, 0.2, 0.4]])
    assert spectral_angle(spectrum, 3 * spectrum) == pytest.approx(0, abs=1e-5)
    assert spectral_angle(np.array([[1.0, 0, 0]]), np.array([[0, 1.0, 0]])) == pytest.approx(90)
    assert spectral_angle(np.array([[1.0, 0]]), np.array([[1.0, 1.0]])) == pytest.approx(45)


def test_components_hold_what_lies_in_so_many_directions() -> None:
    dice = np.random.default_rng(0)
    values = dice.normal(size=(500, 3)) @ dice.normal(size=(3, 12)) + 5
    np.testing.assert_allclose(principal(values, 3), values, atol=1e-5)
    errors = [mae(principal(values, k), values) for k in (1, 2, 3)]
    assert errors[0] > errors[1] > errors[2]


def test_a_perfect_memory_has_no_error_and_the_noise_of_what_it_saw() -> None:
    dice = np.random.default_rng(1)
    truth = dice.random((300, 2))
    seen = truth + 0.05
    rows = {"s1": Rows(seen, seen, {"s2": seen + 0.1}, truth, truth + 0.2)}
    said = summary(rows, {"s1": ("VV", "VH")}, 2)["s1"]
    assert said["mae"] == 0
    assert said["mae_without"]["s2"] == pytest.approx(0.1)
    assert said["against_truth"]["rebuilt"] == pytest.approx(0.05)
    assert said["against_truth"]["input"] == pytest.approx(0.05)
    assert said["against_truth"]["single_acquisition"] == pytest.approx(0.2)
    assert set(said["bands"]) == {"VV", "VH"}


def test_only_pixels_seen_by_all_sensors_are_counted(model, make_place) -> None:
    rows = collect(model, make_place(cloudy=0.4))
    assert np.isfinite(rows[OPTICAL].observed).all()
    assert len(rows[OPTICAL].observed) == len(rows[RADAR].observed) > 100
    assert set(rows[OPTICAL].without) == {"s1", "s2"}


def test_a_place_under_clouds_gives_no_rows(model, make_place) -> None:
    assert spread_dates(make_place(cloudy=1.0)) == []
    assert join([collect(model, make_place(cloudy=1.0))]) == {}
