"""The usual year, and what a year does otherwise: learnt from other years, carried to new ones, never to new towers."""

from dataclasses import replace

import numpy as np
import pytest

from core.gpp.judge import judge
from core.gpp.regressors import get_entry, usual_model
from core.gpp.regressors.unusual import YEAR, against_others, usual_year
from core.gpp.windows import make_samples
from tests.core.gpp.conftest import made_up


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr("core.gpp.regressors.classic.TREES", 40)
    monkeypatch.setattr("core.gpp.regressors.classic.JOBS", 1)


@pytest.fixture(scope="module")
def several():
    return make_samples(made_up(every=4), 10)


def made(samples, rows):
    return get_entry("unusual").make(get_entry("unusual").grid[0], 0).fit(samples.design.take(rows), samples.y[rows])


def test_a_usual_year_follows_the_season_around_the_turn_of_the_year() -> None:
    doy = np.arange(0, 365, 5)
    wave = np.cos(2 * np.pi * doy / 365)
    curve = usual_year(doy, np.column_stack([wave, np.ones(len(doy))]))
    assert curve.shape == (YEAR, 2)
    assert np.abs(curve[:365, 0] - np.cos(2 * np.pi * np.arange(365) / 365)).max() < 0.08
    assert curve[:, 1] == pytest.approx(1)
    assert abs(curve[0, 0] - curve[-1, 0]) < 0.01


def test_a_held_out_year_is_told_better_than_by_its_climatology_at_every_tower(several) -> None:
    found = judge(several, model="unusual", split="leave-year-out")
    assert all(part.skill > 0 for part in found.parts()["site"].values())
    assert found.scores.skill > 0.2
    assert found.coverage == pytest.approx(0.9, abs=0.05)


def test_a_year_is_held_against_other_years_alone(several) -> None:
    """Its own targets never reach what it is held against: else the trees would learn that nothing is left."""
    own = np.flatnonzero(several.sites == "T0")
    first = several.years == 2019
    usual = []
    for lift in (0.0, 50.0):
        both = np.column_stack([several.y + lift * first, several.y])
        found = np.full(both.shape, np.nan)
        assert against_others(both, own, several.doy, several.years, found)
        usual.append(found[:, 0])
    np.testing.assert_array_equal(usual[0][own][first[own]], usual[1][own][first[own]])
    assert (usual[1][own][~first[own]] > usual[0][own][~first[own]] + 10).all()
    assert np.isnan(usual[0][several.sites != "T0"]).all()


def test_a_gap_counts_for_nothing_in_a_usual_year() -> None:
    doy = np.arange(0, 365, 5)
    wave = np.cos(2 * np.pi * doy / 365)
    holed = np.where(doy % 10 == 0, np.nan, wave)
    curve = usual_year(doy, np.column_stack([wave, holed, np.full(len(doy), np.nan)]))
    assert np.abs(curve[:, 0] - curve[:, 1]).max() < 0.05
    assert np.isnan(curve[:, 2]).all()


def test_a_feature_that_was_not_seen_is_as_usual_at_its_tower(several) -> None:
    model = made(several, np.flatnonzero(several.years < 2021)).pipeline_[-1]
    test = several.take((several.years == 2021) & (several.sites == "T3"))  # the greenest
    beside = {"sites": test.sites, "days": test.days}
    gap = test.design.flat.copy()
    gap[:, 0] = np.nan
    usual, middle = gap.copy(), gap.copy()
    usual[:, 0] = model.curves_[list(model.towers_).index("T3"), test.doy, 1]
    middle[:, 0] = np.nanmedian(several.design.flat[:, 0])
    np.testing.assert_allclose(model.predict(gap, **beside), model.predict(usual, **beside), atol=1e-6)
    assert np.abs(model.predict(gap, **beside) - model.predict(middle, **beside)).max() > 0.1


def test_a_feature_that_a_tower_never_sees_is_the_middle_of_the_others(several) -> None:
    flat = several.design.flat.copy()
    flat[several.sites == "T0", 0] = np.nan
    holed = replace(several, design=replace(several.design, flat=flat))
    found = judge(holed, model="unusual", split="leave-year-out")
    assert np.isfinite(found.predicted).all()
    assert found.parts()["site"]["T0"].skill > 0


def test_a_tower_that_never_trained_is_predicted_without_any_tower(several) -> None:
    rows = np.flatnonzero(several.sites != "T3")
    test = several.design.take(several.sites == "T3")
    model = made(several, rows)
    plain = model.pipeline_[-1].plain_
    filled = model.pipeline_[:-1].transform(test.flat.astype(np.float32))
    np.testing.assert_allclose(model.predict(test), plain.predict(filled), rtol=1e-6)


def test_a_tower_of_a_single_year_has_no_usual_one(several) -> None:
    rows = np.flatnonzero((several.years < 2020) | (several.sites != "T0"))
    towers = made(several, rows).pipeline_[-1].towers_
    assert list(towers) == ["T1", "T2", "T3"]


@pytest.mark.parametrize("split", ["leave-year-out", "blocked", "fixed-years"])
def test_known_towers_take_the_usual_year_and_new_ones_do_not(split) -> None:
    assert usual_model(split) == "unusual"
    assert usual_model("leave-site-out") == "blend"
