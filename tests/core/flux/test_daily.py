"""Records as days: units, completeness, quality, and the account of what is dropped."""

import numpy as np
import pandas as pd
import pytest

from core.flux.daily import MICROMOL, PER_DAY, UNIT, YEARLY, Rules, to_days
from core.flux.spikes import flag_spikes
from core.schema import InputError


def half_hours(days: int) -> pd.DatetimeIndex:
    return pd.date_range("2021-06-01", periods=48 * days, freq="30min")


def test_a_steady_flux_is_turned_into_grams_of_carbon_a_day() -> None:
    times = half_hours(2)
    found = to_days(times, pd.Series(10.0, times), pd.Series(0, times), unit=MICROMOL, code="HH", rules=Rules())
    # 10e-6 mol m-2 s-1 * 86400 s d-1 * 12.011 g mol-1
    assert found.table["gpp"].tolist() == pytest.approx([10.3775, 10.3775], abs=1e-3)
    assert found.table["valid"].all()


def test_a_day_with_too_few_records_is_dropped_and_counted() -> None:
    times = half_hours(3)
    gpp = pd.Series(5.0, times)
    gpp.iloc[:6] = np.nan  # 42 of 48 left
    gpp.iloc[48:52] = np.nan  # 44 of 48
    found = to_days(times, gpp, pd.Series(0, times), unit=MICROMOL, code="HH", rules=Rules(completeness=0.9))
    assert found.table["valid"].tolist() == [False, True, True]
    assert np.isnan(found.table["gpp"].iloc[0])
    assert found.dropped == {"no value": 0, "incomplete": 1, "low quality": 0}


def test_a_day_is_as_good_as_its_share_of_good_flags() -> None:
    times = half_hours(2)
    quality = pd.Series(0, times)
    quality.iloc[:12], quality.iloc[12:20] = 1, 2  # day 1: 40 of 48 are measured or well filled
    quality.iloc[48:80] = 3  # day 2: 16 of 48
    found = to_days(times, pd.Series(5.0, times), quality, unit=MICROMOL, code="HH", rules=Rules())
    assert found.table["quality"].tolist() == pytest.approx([40 / 48, 16 / 48])
    assert found.table["valid"].tolist() == [True, False]
    assert found.dropped["low quality"] == 1
    assert found.table["gpp"].notna().all()  # a poor day is kept, to be drawn


def test_missing_days_between_records_are_rows_without_a_value() -> None:
    times = pd.DatetimeIndex(["2021-06-01", "2021-06-02", "2021-06-05"])
    found = to_days(times, pd.Series([1.0, 2, 3]), pd.Series([1.0, 1, 1]), unit=UNIT, code="DD", rules=Rules())
    assert len(found.table) == 5
    assert found.dropped["no value"] == 2


def test_percentages_are_shares() -> None:
    times = pd.date_range("2021-06-01", periods=3)
    found = to_days(times, pd.Series([1.0, 2, 3]), pd.Series([100.0, 80, 20]), unit=UNIT, code="DD", rules=Rules())
    assert found.table["quality"].tolist() == [1.0, 0.8, 0.2]


def test_years_are_divided_by_their_days() -> None:
    times = pd.DatetimeIndex(["2019-01-01", "2020-01-01"])
    found = to_days(times, pd.Series([365.0, 732.0]), pd.Series([1.0, 1.0]), unit=YEARLY, code="YY", rules=Rules())
    assert found.table["gpp"].tolist() == [1.0, 2.0]
    assert found.table["days"].tolist() == [365, 366]


def test_negative_gpp_stays_unless_asked() -> None:
    times = pd.date_range("2021-01-01", periods=3)
    values, good = pd.Series([-0.5, 0.2, 0.4]), pd.Series([1.0, 1, 1])
    assert to_days(times, values, good, unit=UNIT, code="DD", rules=Rules()).table["gpp"].min() == -0.5
    clipped = to_days(times, values, good, unit=UNIT, code="DD", rules=Rules(clip_negative=True))
    assert clipped.table["gpp"].min() == 0.0


def test_a_unit_that_cannot_be_is_refused() -> None:
    times = half_hours(3)
    gpp = pd.Series(np.linspace(0, 10, len(times)) * PER_DAY * 48, times)
    with pytest.raises(InputError, match="more than any ecosystem takes up"):
        to_days(times, gpp, None, unit=MICROMOL, code="HH", rules=Rules())


@pytest.mark.parametrize("rule", ["completeness", "min_quality"])
def test_a_rule_is_a_share(rule) -> None:
    with pytest.raises(InputError, match=f"--{rule.replace('_', '-')} '70' is no share"):
        Rules(**{rule: 70})


# ---------------------------------------------------------------- spikes
def test_a_lone_peak_is_a_spike_and_a_season_is_not() -> None:
    days = pd.date_range("2021-01-01", periods=200)
    season = pd.Series(6 - 5 * np.cos(np.arange(200) / 200 * 2 * np.pi), days)
    season += np.random.default_rng(0).normal(0, 0.2, 200)
    assert not flag_spikes(season).any()
    season.iloc[100] += 8
    assert list(np.flatnonzero(flag_spikes(season))) == [100]


def test_spikes_are_flagged_and_dropped_on_request_only() -> None:
    times = pd.date_range("2021-01-01", periods=60)
    values = pd.Series(np.sin(np.arange(60)) * 0.1 + 2)
    values.iloc[30] = 15
    good = pd.Series(1.0, values.index)
    kept = to_days(times, values, good, unit=UNIT, code="DD", rules=Rules())
    assert kept.table["spike"].sum() == 1
    assert kept.table["valid"].all()
    dropped = to_days(times, values, good, unit=UNIT, code="DD", rules=Rules(drop_spikes=True))
    assert dropped.dropped["spike"] == 1
    assert not dropped.table["valid"].iloc[30]
