from __future__ import annotations

import numpy as np
import pytest

from core.clustering import features as module
from core.clustering.basis import FeatureSpec
from core.clustering.features import read_features
from core.schema import InputError


def test_the_path_through_a_year_has_every_value_on_every_common_day(embedding) -> None:
    found = read_features(embedding)
    assert found.spec.basis == "year"
    assert (found.spec.start, found.spec.end) == ("2021-01-01", "2021-12-31")
    assert found.values.shape == (18 * 18, 4 * len(found.days))
    assert len(found.days) > 30
    assert np.isfinite(found.values).all()
    assert found.where.all()
    assert found.source == {"model": "hand-4", "weights": "w1", "version": "1", "site": "HAND", "simulated": "yes"}
    assert "never counted as data" in found.remarks[0]


def test_standardised_values_have_mean_0_and_spread_1_and_can_be_undone(embedding) -> None:
    whole, raw = read_features(embedding), read_features(embedding, FeatureSpec(standardise=False))
    by_dim = whole.values.reshape(whole.count, whole.dims, -1)
    np.testing.assert_allclose(by_dim.mean(axis=(0, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(by_dim.std(axis=(0, 2)), 1, atol=1e-4)
    undone = by_dim * whole.scale[:, None] + whole.shift[:, None]
    np.testing.assert_allclose(undone.reshape(whole.count, -1), raw.values, atol=1e-4)


def test_one_date_takes_the_nearest_and_only_what_was_seen_on_it(embedding) -> None:
    found = read_features(embedding, FeatureSpec(basis="date", date="2021-06-20", standardise=False))
    (date,) = found.days
    assert found.spec.date == str(date)
    there = embedding["features"].sel(time=date.astype("datetime64[ns]")).values
    np.testing.assert_array_equal(found.where, np.isfinite(there[0]))
    np.testing.assert_array_equal(found.values, there[:, found.where].T)
    assert f"{(~found.where).sum()} of 324 pixels" in found.remarks[-1]


def test_without_a_date_the_clearest_is_taken(embedding) -> None:
    found = read_features(embedding, FeatureSpec(basis="date"))
    shares = np.isfinite(embedding["features"][0].values).mean(axis=(1, 2))
    assert found.days[0] == embedding["time"].values[shares.argmax()].astype("datetime64[D]")


def test_a_mean_is_over_what_was_seen(embedding) -> None:
    spec = FeatureSpec(basis="mean", start="2021-04-01", end="2021-07-31", standardise=False)
    found = read_features(embedding, spec)
    inside = embedding["features"].sel(time=slice("2021-04-01", "2021-07-31"))
    expected = np.nanmean(inside.values, axis=1)
    np.testing.assert_allclose(found.on_map(found.values[:, 0], np.nan), expected[0], rtol=1e-4, atol=1e-6)
    assert len(found.days) == inside.sizes["time"]


def test_of_several_years_the_best_seen_is_taken(make_embedding) -> None:
    import xarray as xr

    cloudy, clear = make_embedding(cloud=0.7, year=2020), make_embedding(cloud=0.1, year=2021)
    both = xr.concat([cloudy, clear, make_embedding(cloud=0.7, year=2022)], "time").assign_attrs(clear.attrs)
    assert read_features(both).spec.start == "2021-01-01"


def test_a_pixel_under_cloud_for_most_of_the_year_is_left_out_not_guessed(make_embedding) -> None:
    cube = make_embedding(cloud=0.0)
    cube["features"][:, 4:, 3, 5] = np.nan
    found = read_features(cube)
    assert not found.where[3, 5]
    assert found.where.sum() == 18 * 18 - 1
    assert found.own_share[3, 5] < 0.5
    assert np.isnan(found.on_map(found.values[:, 0], np.nan)[3, 5])


def test_days_that_most_pixels_did_not_see_are_no_common_days(make_embedding) -> None:
    cube = make_embedding(cloud=0.0)
    cube["features"][:, :8, 1:, :] = np.nan  # winter: one row alone
    found = read_features(cube)
    assert found.days.min() > np.datetime64("2021-03-01")
    assert found.where.all()


def test_clouds_alone_do_not_set_pixels_apart(make_embedding) -> None:
    clear, cloudy = make_embedding(cloud=0.0, noise=0.0), make_embedding(cloud=0.5, noise=0.0)
    spec = FeatureSpec(standardise=False)
    one, other = read_features(clear, spec), read_features(cloudy, spec)
    both = one.where & other.where
    first, second = (f.on_map(np.arange(f.count), 0)[both] for f in (one, other))
    days = np.isin(one.days, other.days)
    same = one.values.reshape(one.count, 4, -1)[first][:, :, days]
    same = same - other.values.reshape(other.count, 4, -1)[second][:, :, np.isin(other.days, one.days)]
    swing = one.values.std()
    assert np.abs(same).mean() < 0.2 * swing


def test_read_in_strips_or_whole_it_is_the_same(embedding, monkeypatch) -> None:
    whole = {basis: read_features(embedding, FeatureSpec(basis=basis)) for basis in ("date", "mean", "year")}
    monkeypatch.setattr(module, "VALUES_AT_ONCE", 4 * 24 * 18 * 5)  # 5 rows
    for basis, expected in whole.items():
        found = read_features(embedding, FeatureSpec(basis=basis))
        np.testing.assert_allclose(found.values, expected.values, atol=1e-6)
        np.testing.assert_array_equal(found.own_share, expected.own_share)


WRONG = {
    "unknown basis": (FeatureSpec(basis="month"), "basis 'month' is not known"),  # type: ignore[arg-type]
    "no date": (FeatureSpec(basis="mean", start="May"), "start 'May' is no date"),
    "swapped": (FeatureSpec(basis="mean", start="2021-06-01", end="2021-05-01"), "lies after the end"),
    "elsewhere": (FeatureSpec(basis="mean", start="2030-01-01", end="2030-12-31"), "holds no date of the embedding"),
    "too short": (FeatureSpec(start="2021-06-01", end="2021-06-20"), "too few for a path through time"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_choice_is_one_sentence(kind, embedding) -> None:
    spec, words = WRONG[kind]
    with pytest.raises(InputError, match=words):
        read_features(embedding, spec)


@pytest.mark.parametrize("basis", ["date", "mean", "year"])
def test_an_area_that_was_never_seen_is_said(basis, embedding) -> None:
    nothing = embedding.copy(deep=True)
    nothing["features"][:] = np.nan
    with pytest.raises(InputError, match="no pixel that was seen well enough"):
        read_features(nothing, FeatureSpec(basis=basis))


def test_the_embedding_is_not_changed(embedding) -> None:
    before = embedding["features"].values.copy()
    for basis in ("date", "mean", "year"):
        read_features(embedding, FeatureSpec(basis=basis))
    np.testing.assert_array_equal(embedding["features"].values, before)


@pytest.mark.parametrize("basis", ["date", "mean", "year"])
def test_reading_tells_how_far_it_is_and_can_be_ended(embedding, monkeypatch, basis) -> None:
    monkeypatch.setattr(module, "VALUES_AT_ONCE", 1)  # a row at a time
    spec, told = FeatureSpec(basis=basis), []
    read_features(embedding, spec, report=told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.9 < told[-1] < 1
    assert len(told) == 18 * (2 if basis == "year" else 1)

    def end(share: float) -> None:
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        read_features(embedding, spec, report=end)
