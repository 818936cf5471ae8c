from dataclasses import replace

import numpy as np
import pytest

from core.schema import check_tower
from core.simulate.calendar import Calendar
from core.simulate.spec import DEMO_SITES
from core.simulate.tower import FILLED_BELOW, TowerSeries, measure
from core.simulate.weather import simulate_weather

CALENDAR = Calendar(2019, 2022)
SPEC = DEMO_SITES["SIM-DBF"]
WEATHER = simulate_weather(SPEC, CALENDAR, seed=1)
TRUE = 5 + 5 * np.sin(2 * np.pi * (CALENDAR.doy - 100) / 365)


@pytest.fixture(scope="module")
def towers() -> list[TowerSeries]:
    return [measure(replace(SPEC, id=f"T{i}"), WEATHER, TRUE, seed=1) for i in range(20)]


def test_seven_to_fourteen_percent_of_the_days_are_lost(towers: list[TowerSeries]) -> None:
    lost = [np.isnan(tower.gpp[CALENDAR.recorded]).mean() for tower in towers]
    assert min(lost) > 0.07
    assert max(lost) < 0.14


def test_one_breakdown_lasts_weeks(towers: list[TowerSeries]) -> None:
    for tower in towers:
        gap = np.isnan(tower.gpp[CALENDAR.recorded]).astype(int)
        edges = np.diff(np.concatenate([[0], gap, [0]]))
        lengths = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
        assert lengths.max() >= 20


def test_days_of_low_quality_are_marked_as_filled(towers: list[TowerSeries]) -> None:
    for tower in towers:
        there = np.isfinite(tower.gpp)
        assert (tower.filled[there] == (tower.quality[there] < FILLED_BELOW)).all()
        assert not tower.filled[~there].any()
        assert (tower.quality[~there] == 0).all()


def test_rain_spoils_quality() -> None:
    quality = measure(SPEC, WEATHER, TRUE, seed=1).quality
    measured = quality > 0
    heavy, dry = WEATHER.precipitation > 8, WEATHER.precipitation == 0
    assert quality[measured & heavy].mean() < quality[measured & dry].mean() - 0.3


def test_the_error_is_unbiased_over_many_towers_and_leaves_a_ceiling_below_one(towers: list[TowerSeries]) -> None:
    means, skills = [], []
    for tower in towers:
        good = np.isfinite(tower.gpp) & ~tower.filled
        error = tower.gpp[good] - TRUE[good]
        means.append(error.mean() / TRUE.mean())
        skills.append(1 - error.var() / TRUE[good].var())
    assert np.mean(means) == pytest.approx(0, abs=0.03)
    assert 0.9 < np.mean(skills) < 0.985


def test_the_table_keeps_its_contract_and_says_where_gpp_came_from() -> None:
    table = check_tower(measure(SPEC, WEATHER, TRUE, seed=1).table(WEATHER))
    assert len(table) == 4 * 365 + 1
    assert "simulated" in table.attrs["column"]
    assert table["filled"].dtype == bool
