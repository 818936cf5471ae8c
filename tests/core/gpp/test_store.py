"""Models and fits on disk: what comes back predicts the same, and nothing is opened on trust."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from core.gpp.annual import annual_sums
from core.gpp.export import export, recipe
from core.gpp.judge import judge
from core.gpp.model import every_day, final_model
from core.gpp.regressors import REGRESSORS
from core.gpp.splits import Options
from core.gpp.store import load_model, save_model
from core.gpp.windows import make_samples
from core.schema import FluxscapeError, FormatError
from tests.core.gpp.conftest import made_up


@pytest.fixture(scope="module")
def small():
    frames = made_up(sites=2, years=2, every=12)
    return frames, make_samples(frames, 10)


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr("models.gpp.STEPS", (20, 20))
    monkeypatch.setattr("core.gpp.regressors.classic.TREES", 8)
    monkeypatch.setattr("core.gpp.regressors.classic.JOBS", 1)


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_model_comes_back_as_it_was(name, small, tmp_path) -> None:
    frames, samples = small
    judged = judge(samples, model=name, split="leave-site-out")
    model = final_model(judged, frames, seed=0)
    save_model(model, tmp_path / "model")
    again = load_model(tmp_path / "model")
    for column, values in model.predict(samples.design).items():
        np.testing.assert_allclose(again.predict(samples.design)[column], values, rtol=1e-5, atol=1e-5)
    assert (again.window, again.groups, again.radiation) == (10, dict(frames.groups), "radiation")


def test_a_model_stored_before_gaps_were_as_usual_still_opens(small, tmp_path) -> None:
    """Its fillers came first, and it knew no middle of all towers."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    frames, samples = small
    model = final_model(judge(samples, model="unusual", split="leave-year-out"), frames, seed=0)
    readout, unusual = (step for _, step in model.regressor.pipeline_.steps)
    del unusual.middle_
    filler = SimpleImputer(strategy="median").fit(samples.design.flat)
    model.regressor.pipeline_ = make_pipeline(filler, readout, unusual)
    save_model(model, tmp_path)
    found = load_model(tmp_path).predict(samples.design)["gpp"]
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, model.predict(samples.design)["gpp"], rtol=1e-5, atol=1e-5)


@pytest.fixture
def judged(small):
    frames, samples = small
    found = judge(samples, model="ridge", split="leave-year-out")
    return frames, found, final_model(found, frames, seed=0)


def test_a_model_of_foreign_types_is_refused(judged, tmp_path) -> None:
    import skops.io
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    save_model(judged[2], tmp_path)
    skops.io.dump(make_pipeline(FunctionTransformer(pd.eval)), tmp_path / "regressor.skops")
    with pytest.raises(FormatError, match="holds types that a GPP model has no use for"):
        load_model(tmp_path)


def test_a_damaged_model_is_one_sentence(judged, tmp_path) -> None:
    save_model(judged[2], tmp_path)
    (tmp_path / "arrays.safetensors").write_bytes(b"damaged")
    with pytest.raises(FluxscapeError, match="cannot be read as a GPP model"):
        load_model(tmp_path)


def test_every_day_is_predicted_and_years_are_summed(judged) -> None:
    frames, found, model = judged
    daily = every_day(model, frames.frames[0])
    assert len(daily) == 730
    sums = annual_sums(found, model, frames)
    assert sums[["site", "year"]].to_numpy().tolist() == [["T0", 2019], ["T0", 2020], ["T1", 2019]] + (
        [["T1", 2020]] if len(sums) == 4 else []
    )
    assert (sums["low"] < sums["high"]).all()
    year = daily[daily.index.year == 2019]["gpp"].sum()
    assert sums["gpp"].iloc[0] == pytest.approx(year, abs=0.1)
    off = (sums["predicted_mean_same_days"] - sums["measured_mean"]).abs()
    assert (off < 0.15 * sums["measured_mean"]).all()


def test_files_for_other_programs(judged, tmp_path) -> None:
    frames, found, model = judged
    told = found.to_json() | {"seed": 0, "shuffled": False, "notes": []}
    source = {"arguments": ["--table", "my table.csv", "--target", "GPP"]}
    names = export(tmp_path / "out", found, model, told, frames, source)
    assert {"predictions.csv", "predictions.parquet", "predictions.nc", "scores.json", "report.html"} <= set(names)
    table = pd.read_csv(tmp_path / "out" / "predictions.csv")
    assert len(table) == told["n"]
    assert {"site", "time", "fold", "observed", "predicted", "low", "high", "climatology"} <= set(table)
    with xr.open_dataset(tmp_path / "out" / "predictions.nc", engine="h5netcdf") as cube:
        assert cube["predicted"].attrs["units"] == "g m-2 d-1"
        assert cube["observed"].attrs["standard_name"].startswith("gross_primary_productivity")
        assert int(np.isfinite(cube["predicted"]).sum()) == told["n"]
    assert json.loads((tmp_path / "out" / "scores.json").read_text())["r2"] == told["r2"]
    report = (tmp_path / "out" / "report.html").read_text()
    for words in ("Skill over climatology", "leave-year-out", "NIRv x radiation", "nothing of places without a tower"):
        assert words in report
    assert recipe(told, source).startswith("python -m core gpp fit --table 'my table.csv' --target GPP --split leave-y")


def test_the_paper_years_are_a_choice_like_any_other(small) -> None:
    _, samples = small
    found = judge(samples, model="ridge", split="fixed-years", options=Options(train_years=(2019,), test_years=(2020,)))
    assert found.to_json()["folds"] == 1
    assert np.isfinite(found.low).all()
