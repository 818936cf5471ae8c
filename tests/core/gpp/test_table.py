"""A table of one's own: what it becomes, and each wrong one in one sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.gpp.baselines import nirv
from core.gpp.judge import judge
from core.gpp.scores import score
from core.gpp.splits import make_folds
from core.gpp.table import TableColumns, open_table
from core.gpp.windows import make_samples
from core.schema import FluxscapeError

HLS = ("b2", "b3", "b4", "b5", "b6", "b7", "T2MIN", "T2MAX", "T2MEAN", "TSMDEWMEAN", "GWETROOT", "LHLAND", "SHLAND")
HLS += ("SWLAND", "PARDFLAND", "PRECTOTLAND")


def table(**columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    days = np.tile(pd.date_range("2019-01-01", periods=40, freq="16D").strftime("%Y-%m-%d"), 3)
    base = {
        "SITE": np.repeat(["A", "B", "C"], 40),
        "date": days,
        "GPP": rng.gamma(2, 2, 120),
        "b2": 0.05,
        "b3": 0.08,
        "b4": rng.uniform(0.03, 0.1, 120),
        "b5": rng.uniform(0.2, 0.4, 120),
        "b6": rng.uniform(0.1, 0.3, 120),
        "b7": rng.uniform(0.1, 0.2, 120),
        "rain": rng.uniform(0, 5, 120),
    }
    return pd.DataFrame(base | columns)


def opened(folder: Path, data: pd.DataFrame, **wanted: object):
    data.to_csv(folder / "t.csv", index=False)
    usual = {"target": "GPP", "features": ("b4", "b5", "b6", "rain"), "group": "SITE", "time": "date"}
    return open_table(folder / "t.csv", TableColumns(**(usual | wanted)))


def test_a_table_becomes_towers_and_days(tmp_path) -> None:
    frames = opened(tmp_path, table())
    assert [frame.site for frame in frames.frames] == ["A", "B", "C"]
    assert frames.valid_days == 120
    first = frames.frames[0]
    assert len(first.target) == 39 * 16 + 1
    assert first.target.iloc[16] == pytest.approx(table()["GPP"].iloc[1])


def test_indices_come_from_the_bands_that_are_features(tmp_path) -> None:
    data = table()
    frames = opened(tmp_path, data)
    ndvi = (data["b5"] - data["b4"]) / (data["b5"] + data["b4"])
    np.testing.assert_allclose(frames.frames[0].features["NDVI"].dropna(), ndvi[:40], rtol=1e-6)
    assert frames.groups["NDMI"] == "indices"  # near infrared b5 and shortwave b6, as Landsat numbers them
    assert "NDVI" not in opened(tmp_path, data, derive=False).groups
    assert opened(tmp_path, data, features=("rain",)).nirv == "NIRv"  # for the baseline, and no feature
    assert set(opened(tmp_path, data, features=("rain",)).groups) == {"rain"}


def test_a_wrong_index_and_bright_rows_are_told(tmp_path) -> None:
    blue = np.where(np.arange(120) % 10 == 0, 0.5, 0.05)
    frames = opened(tmp_path, table(NDVI=-0.3, b2=blue), features=("b2", "b4", "b5", "rain"))
    assert any("bright in blue" in note for note in frames.notes)
    data = table(b2=blue)
    data["NDVI"] = np.linspace(-0.5, -0.1, 120)
    frames = opened(tmp_path, data, features=("b4", "b5", "NDVI"))
    assert any(note.startswith("NDVI of the table is not what its bands give") for note in frames.notes)


def test_filled_and_poor_days_neither_train_nor_count(tmp_path) -> None:
    assert opened(tmp_path, table(filled=[True] * 10 + [False] * 110)).valid_days == 110
    quality = [40] * 20 + [95] * 100
    assert opened(tmp_path, table(qc=quality), quality="qc", min_quality=0.7).valid_days == 100


def test_parquet_is_read_too(tmp_path) -> None:
    table().assign(date=lambda rows: pd.to_datetime(rows["date"])).to_parquet(tmp_path / "t.parquet")
    wanted = TableColumns(target="GPP", features=("b4", "b5"), group="SITE", time="date")
    assert open_table(tmp_path / "t.parquet", wanted).valid_days == 120


def twice(**changes: object) -> pd.DataFrame:
    return pd.concat([table(), table().head(5).assign(**changes)])


def hours_too() -> pd.DataFrame:
    times = pd.date_range("2019-01-01", periods=48, freq="30min").strftime("%Y-%m-%d %H:%M")
    hours = pd.concat([table().head(1)] * 48).assign(date=times, GPP=np.linspace(0, 20, 48))
    return pd.concat([table().iloc[1:], hours])


WRONG = {
    "target unknown": (table(), {"target": "GPPP"}, "--target 'GPPP' is no column of t.csv; choose one of: GPP"),
    "target missing": (table(GPP=np.nan), {}, "--target 'GPP' has no value in any row"),
    "target -9999": (table(GPP=-9999), {}, "--target 'GPP' has no value in any row"),
    "target constant": (table(GPP=3.0), {}, "is the same in all rows"),
    "target a feature": (table(), {"features": ("GPP", "rain")}, "is the target itself"),
    "feature unknown": (table(), {"features": ("b4", "rainn")}, "--features 'rainn' is no column of t.csv"),
    "feature constant": (table(rain=1), {}, "--features 'rain' is the same in all rows and tells nothing; leave it"),
    "feature text": (table(rain="wet"), {}, "--features 'rain' holds text, no numbers"),
    "feature empty": (table(rain=np.nan), {}, "--features 'rain' is empty"),
    "no features": (table(), {"features": ()}, "--features '' names no column"),
    "few days": (table().head(50), {}, "holds 50 valid days; give at least 60"),
    "two sites, one code": (twice(GPP=1.0), {}, "two sites, one code?; give every tower a code of its own"),
    "hours among days": (hours_too(), {}, "has 48 rows on 2019-01-01 and one on most days: hourly and daily records"),
    "no time": (table(), {"time": None}, "--time '' is not given"),
    "bad time": (table(date="spring"), {}, "--time 'date' holds no date that can be read"),
    "all filled": (table(filled=True), {}, "is poor or filled on all days"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_table_is_one_sentence_with_a_way_forward(kind, tmp_path) -> None:
    data, wanted, words = WRONG[kind]
    with pytest.raises(FluxscapeError) as raised:
        opened(tmp_path, data, **wanted)
    assert words in str(raised.value)
    assert str(raised.value).count(";") >= 1
    assert "\n" not in str(raised.value)


def test_the_same_day_twice_is_no_harm_where_it_says_the_same(tmp_path) -> None:
    assert opened(tmp_path, twice(rain=0.0)).valid_days == 120


# ---------------------------------------------------------------- real towers
@pytest.fixture(scope="module")
def hls(shared_data):
    path = shared_data / "hls_gpp" / "hls_gpp.csv"
    return open_table(path, TableColumns(target="GPP", features=HLS, group="SITE_ID", time="date"))


def test_nirv_of_real_towers_explains_what_is_known_of_it(hls) -> None:
    samples = make_samples(hls)
    folds = make_folds(samples, "leave-group-out")
    assert (len(samples), len(folds), samples.design.window) == (665, 13, 1)
    rows = np.concatenate([fold.test for fold in folds])
    found = np.concatenate([nirv(samples, fold.train, fold.test) for fold in folds])
    assert score(samples.y[rows], found).r2 == pytest.approx(0.655, abs=0.01)


def test_the_best_regressor_beats_it_on_real_towers_held_out(hls, monkeypatch) -> None:
    monkeypatch.setattr("core.gpp.regressors.classic.TREES", 100)
    found = judge(make_samples(hls), model="light_use", split="leave-group-out")
    assert found.scores.r2 > 0.71
    assert found.scores.skill > 0.6
