"""Scores against their definitions, and intervals that know that neighbours resemble each other."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score

from core.gpp.scores import blocks_of, intervals, score


def test_scores_are_what_they_are_called() -> None:
    rng = np.random.default_rng(0)
    y = rng.gamma(2, 2, 300)
    p, usual = y + rng.normal(0.3, 1, 300), np.full(300, y.mean())
    found = score(y, p, usual)
    assert found.r2 == pytest.approx(r2_score(y, p))
    assert found.mae == pytest.approx(mean_absolute_error(y, p))
    assert found.rmse == pytest.approx(np.sqrt(np.mean((p - y) ** 2)))
    assert found.nrmse == pytest.approx(found.rmse / (y.max() - y.min()))
    assert found.bias == pytest.approx((p - y).mean())
    assert found.skill == pytest.approx(found.r2)  # against the mean, skill is R2
    r = np.corrcoef(y, p)[0, 1]
    assert found.kge == pytest.approx(1 - np.hypot(np.hypot(r - 1, p.std() / y.std() - 1), p.mean() / y.mean() - 1))


def test_a_perfect_and_a_constant_prediction() -> None:
    y = np.arange(20.0)
    assert score(y, y, y * 0).skill == 1
    flat = score(y, np.full(20, y.mean()), np.full(20, y.mean()))
    assert (flat.r2, flat.skill) == (pytest.approx(0), pytest.approx(0))


def test_too_few_samples_have_no_r2() -> None:
    found = score(np.arange(5.0), np.arange(5.0), np.zeros(5))
    assert (found.r2, found.skill, found.n) == (None, None, 5)


def test_blocks_widen_intervals_where_errors_last() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=3000)
    p = y + np.repeat(rng.normal(size=100), 30)  # an error lasts 30 days
    each = intervals(y, p, y * 0, np.arange(3000).astype(str))
    lasting = intervals(y, p, y * 0, np.repeat(np.arange(100), 30).astype(str))
    assert np.ptp(lasting["bias"]) > 3 * np.ptp(each["bias"])
    assert lasting["r2"][0] < score(y, p).r2 < lasting["r2"][1]


def test_blocks_are_towers_where_towers_are_held_out() -> None:
    sites, days = np.array(["A", "A", "B"]), np.array(["2020-01-01", "2020-06-01", "2020-01-01"], "datetime64[D]")
    assert len(set(blocks_of(sites, days, whole_sites=True))) == 2
    assert len(set(blocks_of(sites, days, whole_sites=False))) == 3
