"""Sudden losses and lasting changes in vigour made by hand: what is one, what is none, where and when."""

from __future__ import annotations

import numpy as np
import pytest

from core.schema import InputError
from core.trajectories.change import breakpoints, lasting_changes
from core.trajectories.find import once_each
from core.trajectories.known import Known, judge
from core.trajectories.losses import LEFT, day_length, sudden_losses
from core.trajectories.regions import Marks, events

DAYS = np.arange(np.datetime64("2019-01-03"), np.datetime64("2022-12-28"), 5)
OF_YEAR = (DAYS - DAYS.astype("datetime64[Y]")).astype(int) + 1
PATCH = np.zeros((12, 12), bool)
PATCH[2:8, 3:8] = True  # 30 pixels


def land(level: float = 0.3, swing: float = 0.0, cloud: float = 0.3) -> np.ndarray:
    """Vigour (t, 12, 12): evergreen, or with a season that falls within six weeks of autumn."""
    dice = np.random.default_rng(5)
    season = level + swing / (1 + np.exp((np.abs(OF_YEAR - 200) - 85) / 8))
    values = season[:, None, None] + dice.normal(0, 0.005, (len(DAYS), 12, 12))
    values[dice.random(values.shape) < cloud] = np.nan
    return values


def span(first: str, last: str) -> np.ndarray:
    return (np.datetime64(first) <= DAYS) & (np.datetime64(last) > DAYS)


def test_a_cut_that_grows_again_is_a_loss_with_its_date_and_place() -> None:
    values = land()
    for turn, date in enumerate(np.flatnonzero(span("2021-06-10", "2021-07-20"))):
        values[date, PATCH] -= 0.2 * (1 - turn / 8)
    (event,) = sudden_losses(values, DAYS, pixel_m=10)
    assert (event.mask == PATCH).all()
    assert event.area_ha == 0.3
    assert event.first < "2021-06-10" <= event.last
    assert event.strength == pytest.approx(0.2, abs=0.03)
    assert lasting_changes(values, DAYS) == []


def test_one_shaded_view_and_the_fall_of_leaves_are_no_losses() -> None:
    values = land(cloud=0.0)
    values[200, PATCH] -= 0.25
    assert sudden_losses(values, DAYS) == []
    leaves = land(level=0.05, swing=0.35)
    leaves[span("2019-10-05", "2019-11-20") | span("2020-10-05", "2020-11-20") | span("2021-10-05", "2021-11-20")] = (
        np.nan
    )
    leaves[span("2022-10-05", "2022-11-20")] = np.nan
    assert sudden_losses(leaves, DAYS) == []


def test_snow_is_no_loss_where_the_days_are_known_to_be_short() -> None:
    values = land()
    values[span("2021-01-05", "2021-02-03"), :] -= 0.2
    assert sudden_losses(values, DAYS)
    assert sudden_losses(values, DAYS, latitude=60.0) == []


def test_felling_is_a_lasting_change_since_its_date() -> None:
    values = land()
    values[np.ix_(np.flatnonzero(np.datetime64("2021-03-14") <= DAYS), *PATCH.nonzero())[0], PATCH] = 0.02
    (event,) = lasting_changes(values, DAYS, pixel_m=10)
    assert (event.mask == PATCH).all()
    assert event.first < "2021-03-14" <= event.last
    assert event.strength == pytest.approx(1 - 0.02 / 0.3, abs=0.05)
    once = once_each(sudden_losses(values, DAYS), [event])
    assert [(one.kind, one.pixels) for one in once] == [("lasting change", 30)]


def test_felling_of_bare_trees_is_dated_between_their_last_and_their_missing_leaves() -> None:
    values = land(level=0.02, swing=0.35)
    values[np.flatnonzero(np.datetime64("2020-12-20") <= DAYS)[:, None], PATCH] = 0.01
    (event,) = lasting_changes(values, DAYS)
    assert event.first < "2020-12-20" < event.last
    assert event.last < "2021-06-01"


def test_steady_land_has_no_event() -> None:
    assert sudden_losses(land(), DAYS) == []
    assert lasting_changes(land(), DAYS) == []
    assert lasting_changes(land(level=0.05, swing=0.3), DAYS) == []


def test_neighbours_belong_together_only_where_their_spans_overlap() -> None:
    pixel = np.array([0, 1, 2, 3, 4, 5])
    after = np.array([10, 12, 11, 50, 52, 51])
    marks = Marks(pixel=pixel, after=after, before=after + 10, strength=np.ones(6))
    found = events(marks, (1, 6), kind="x", smallest=3)
    assert [(one.first, one.last, one.pixels) for one in found] == [
        ("1970-01-12", "1970-01-22", 3),
        ("1970-02-21", "1970-03-03", 3),
    ]
    assert events(marks, (1, 6), kind="x", smallest=4) == []


def test_days_are_twelve_hours_at_the_equator_and_short_in_a_northern_winter() -> None:
    days = np.arange("2021-01-01", "2022-01-01", dtype="datetime64[D]").astype(np.int64)
    np.testing.assert_allclose(day_length(days, 0.0), 12, atol=0.01)
    assert day_length(days, 60.0).min() == pytest.approx(5.7, abs=0.3)  # Helsinki, 21 December: 5.8 h
    np.testing.assert_allclose(day_length(days, 50.0) + day_length(days, -50.0), 24, atol=0.01)


def field() -> np.ndarray:
    """A field cut on 1 September of each year from ripe to bare within a view, beside evergreen land."""
    values = land(cloud=0.0)
    crop = np.where((OF_YEAR > 100) & (OF_YEAR < 245), 0.4, 0.05)
    values[:, PATCH] = crop[:, None] + np.random.default_rng(1).normal(0, 0.005, (len(DAYS), PATCH.sum()))
    return values


def test_a_harvest_of_every_year_is_told_where_radar_sees_no_trees() -> None:
    found = sudden_losses(field(), DAYS, radar=np.full((12, 12), -20.0))
    assert [one.last[:7] for one in found] == ["2019-09", "2020-09", "2021-09", "2022-09"]
    assert all((one.mask == PATCH).all() for one in found)
    assert sudden_losses(field(), DAYS, radar=np.full((12, 12), -14.0)) == []  # trees lose their leaves every year
    assert sudden_losses(field(), DAYS) == []  # without radar all may be trees


def test_a_ripe_field_is_dated_by_the_bare_ground_it_leaves() -> None:
    values = land(cloud=0.0)
    late = np.datetime64("2021-07-01") <= DAYS
    ripe = late & (np.datetime64("2021-09-20") > DAYS)
    values[np.ix_(ripe, *[np.arange(12)] * 2)] = np.where(PATCH, 0.25, values[ripe])
    values[np.ix_(late & ~ripe, *[np.arange(12)] * 2)] = np.where(PATCH, 0.04, values[late & ~ripe])
    (event,) = sudden_losses(values, DAYS)
    assert event.first < "2021-09-20" <= event.last
    assert event.strength >= 0.25 * (1 - LEFT)


def test_weak_pixels_count_where_their_neighbours_median_is_a_fall() -> None:
    values = land(cloud=0.0)
    cut = span("2021-06-10", "2021-07-20")
    weak = PATCH & (np.arange(144).reshape(12, 12) % 3 == 0)
    values[np.ix_(cut, *[np.arange(12)] * 2)] -= np.where(weak, 0.09, np.where(PATCH, 0.17, 0.0))
    (event,) = sudden_losses(values, DAYS)
    assert (event.mask == PATCH).all()
    faint = land(cloud=0.0)
    faint[np.ix_(cut, *[np.arange(12)] * 2)] -= np.where(PATCH, 0.09, 0.0)
    assert sudden_losses(faint, DAYS) == []


def test_what_all_pixels_are_short_of_is_the_weather_s() -> None:
    values = land()
    dry = np.datetime64("2021-04-01") <= DAYS
    values[dry] *= 0.55
    assert lasting_changes(values, DAYS) == []
    values[np.flatnonzero(dry)[:, None], PATCH] = 0.02
    (event,) = lasting_changes(values, DAYS)
    assert (event.mask == PATCH).all()


def test_a_field_cut_in_two_by_a_road_is_hit_by_its_parts() -> None:
    upper, lower = PATCH.copy(), PATCH.copy()
    upper[5:], lower[:5] = False, False
    parts = []
    for mask in (upper, lower):
        count = int(mask.sum())
        days = {"after": np.full(count, 18000), "before": np.full(count, 18010)}
        marks = Marks(pixel=np.flatnonzero(mask), strength=np.ones(count), **days)
        parts += events(marks, (12, 12), kind="x", smallest=10)
    assert len(parts) == 2
    true = Known("harvest", "2019-04-18", "2019-04-18", PATCH)
    assert judge(parts, [true], ["harvest"]).recall == 1
    assert judge(parts[1:], [true], ["harvest"], smallest=1).recall == float(parts[1].pixels >= 15)


def test_judging_counts_hits_misses_and_what_is_wrong() -> None:
    marks = Marks(
        pixel=np.flatnonzero(PATCH), after=np.full(30, 18000), before=np.full(30, 18010), strength=np.ones(30)
    )
    found = events(marks, (12, 12), kind="x")
    true = Known("harvest", "2019-04-18", "2019-04-18", PATCH)  # day 18004
    other = Known("harvest", "2020-04-18", "2020-04-18", PATCH)
    result = judge(found, [true, other], ["harvest"])
    assert (result.recall, result.precision, result.f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert result.date_errors == (1.0,)
    assert judge(found, [other], ["harvest"]).precision == 0


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda: sudden_losses(land() * np.nan, DAYS), "has no pixel that was seen 6 times"),
        (lambda: sudden_losses(land(), DAYS, fall=0), "is no fall"),
        (lambda: breakpoints(land()[:50].reshape(50, -1), DAYS[:50]), "spans no more than a year"),
        (lambda: breakpoints(land().reshape(len(DAYS), -1) * np.nan, DAYS), "was never seen"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(work, said) -> None:
    with pytest.raises(InputError, match=said):
        work()
