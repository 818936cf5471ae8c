"""The judging: real structure is found, none is found where there is none, and nothing of the held-out leaks."""

from dataclasses import replace

import numpy as np
import pytest

from core.gpp.intervals import COVERAGE
from core.gpp.judge import fit, judge
from core.gpp.regressors import REGRESSORS, get_entry
from core.gpp.splits import SPLITS, Options, make_folds
from core.gpp.windows import make_samples
from core.schema import InputError
from tests.core.gpp.conftest import made_up

QUICK = [name for name in REGRESSORS if name != "transformer_paper"]
YEARS = {"train_years": (2019, 2021), "test_years": (2020,)}


@pytest.fixture(scope="module")
def few():
    """About 180 days, so that every regressor under every split is quick."""
    return make_samples(made_up(every=24), 10)


@pytest.fixture
def short(monkeypatch):
    """Smaller models of each kind: whether something leaks does not depend on their size."""
    monkeypatch.setattr("models.gpp.STEPS", (30, 30))
    monkeypatch.setattr("core.gpp.regressors.classic.TREES", 15)
    monkeypatch.setattr("core.gpp.regressors.classic.JOBS", 1)


@pytest.fixture
def medium(monkeypatch):
    monkeypatch.setattr("core.gpp.regressors.classic.TREES", 40)
    monkeypatch.setattr("core.gpp.regressors.classic.JOBS", 1)


@pytest.mark.parametrize("split", sorted(SPLITS.keys() - {"leave-group-out"}))
@pytest.mark.parametrize("model", REGRESSORS)
def test_targets_dealt_anew_are_not_explained(model, split, few, short) -> None:
    found = judge(few, model=model, split=split, options=Options(folds=2, **YEARS), shuffled=True)
    assert found.scores.r2 <= 0.05


@pytest.mark.parametrize("model", QUICK)
def test_real_structure_is_found(model, samples, medium) -> None:
    found = judge(samples, model=model, split="leave-site-out", options=Options(folds=2))
    assert found.scores.r2 > 0.75
    assert found.scores.skill > 0


@pytest.mark.parametrize("model", ["ridge", "random_forest", "gru"])
def test_held_out_targets_never_reach_their_predictions(model, few, short) -> None:
    options = Options(train_years=(2019, 2021), test_years=(2020,))
    one = judge(few, model=model, split="fixed-years", options=options)
    changed = few.y.copy()
    changed[one.held_out] = -50.0
    two = judge(replace(few, y=changed), model=model, split="fixed-years", options=options)
    np.testing.assert_array_equal(one.predicted, two.predicted)


def test_features_of_held_out_towers_never_reach_the_model(few) -> None:
    """Scalers, fillers and the search see the training towers only: the rest changes nothing of a fold's model."""
    fold = make_folds(few, "leave-site-out")[0]
    absurd = few.design.flat.copy()
    absurd[fold.test] *= 1e3
    other = replace(few, design=replace(few.design, flat=absurd))
    entry, test = get_entry("ridge"), few.design.take(fold.test)
    one, two = (fit(entry, s, fold.train, "leave-site-out")[0].predict(test) for s in (few, other))
    np.testing.assert_array_equal(one, two)


def test_intervals_cover_what_they_say(samples) -> None:
    found = judge(samples, model="ridge", split="leave-year-out")
    assert found.coverage == pytest.approx(COVERAGE, abs=0.05)
    assert (found.low <= found.predicted).all()
    summer = found.observed > 5
    assert (found.high - found.low)[summer].mean() > (found.high - found.low)[~summer].mean() * 0.9


def test_what_matters_is_found(samples, medium) -> None:
    found = judge(samples, model="light_use", split="leave-site-out", options=Options(folds=2))
    assert next(iter(found.importance["group"])) in ("light use", "weather")
    assert next(iter(found.importance["lag"])) == "latest"


def test_json_has_every_score_and_the_same_for_each_baseline(few) -> None:
    told = judge(few, model="ridge", split="leave-class-out").to_json()
    wanted = {"r2", "rmse", "mae", "bias", "kge", "skill", "n"}
    assert wanted | {"split", "model", "groups"} <= told.keys()
    assert told["baselines"].keys() == {"climatology", "nirv", "nirv_radiation"}
    assert all(wanted <= scores.keys() for scores in told["baselines"].values())
    assert told["baselines"]["climatology"]["skill"] == 0
    assert set(told["by"]) == {"site", "season", "class", "quality", "fold", "applicability"}
    assert set(told["by"]["season"]) == {"winter", "spring", "summer", "autumn"}
    assert sum(part["n"] for part in told["by"]["site"].values()) == told["n"] == len(few)
    assert told["intervals"]["skill"][0] < told["skill"] < told["intervals"]["skill"][1]


def test_the_same_seed_gives_the_same_numbers(few, medium) -> None:
    one, two = (judge(few, model="random_forest", split="blocked", seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.predicted, two.predicted)


def test_progress_rises_to_the_end(few) -> None:
    told: list[float] = []
    judge(few, model="ridge", split="leave-year-out", progress=lambda share, doing: told.append(share))
    assert told == sorted(told)
    assert told[0] == 0


def test_an_unknown_regressor_names_those_there_are(few) -> None:
    with pytest.raises(InputError, match="choose one of: ridge, random_forest"):
        judge(few, model="magic", split="blocked")
