from dataclasses import replace

import numpy as np
import pytest

from core.schema import WEATHER_COLUMNS, check_weather
from core.simulate.astronomy import extraterrestrial_radiation
from core.simulate.calendar import Calendar
from core.simulate.spec import DEMO_SITES
from core.simulate.weather import Weather, simulate_weather, vapour_pressure

CALENDAR = Calendar(2001, 2030)
SPEC = replace(DEMO_SITES["SIM-DBF"], drought=None)


@pytest.fixture(scope="module")
def long() -> Weather:
    """Thirty years of the deciduous forest's weather, without a drought."""
    return simulate_weather(SPEC, CALENDAR, seed=1)


def test_saturation_vapour_pressure_is_that_of_the_fao_table() -> None:
    # FAO-56, table 2.3
    assert vapour_pressure(np.array([1.0, 20.0, 35.0])) == pytest.approx([0.657, 2.338, 5.624], abs=0.002)


def test_long_term_means_are_those_of_the_climate(long: Weather) -> None:
    assert long.temperature.mean() == pytest.approx(SPEC.climate.temperature, abs=0.6)
    assert (long.precipitation > 0).mean() == pytest.approx(SPEC.climate.wet_days, abs=0.04)
    assert 600 < long.precipitation.mean() * 365 < 1000  # mm a-1, low hills of Central Europe
    assert 3700 < long.radiation.mean() * 365 < 4500  # MJ m-2 a-1


def test_the_synoptic_state_ties_rain_clouds_and_radiation_together(long: Weather) -> None:
    wet = long.precipitation > 0
    clearness = long.radiation / extraterrestrial_radiation(SPEC.lat, CALENDAR.doy)
    assert long.cloud[wet].mean() > long.cloud[~wet].mean() + 0.3
    assert np.corrcoef(long.cloud, clearness)[0, 1] < -0.85
    assert np.corrcoef(long.cloud[1:], long.cloud[:-1])[0, 1] > 0.25  # spells, not single days


def test_no_day_is_brighter_than_the_sky_or_moister_than_saturated(long: Weather) -> None:
    assert (long.radiation <= 0.85 * extraterrestrial_radiation(SPEC.lat, CALENDAR.doy) + 0.05).all()
    assert (long.dewpoint <= long.temperature_min + 1e-9).all()
    assert (long.temperature_min < long.temperature_max).all()
    assert (long.vpd > 0).all()
    assert ((long.wind_direction >= 0) & (long.wind_direction < 360)).all()


def test_snow_and_rain_together_are_what_fell(long: Weather) -> None:
    assert long.liquid.sum() + long.snow[-1] == pytest.approx(long.precipitation.sum())
    assert long.snow.min() >= 0
    july = CALENDAR.doy // 30 == 6
    assert long.snow[july].max() == 0


def test_a_drought_is_drier_hotter_and_only_in_its_season() -> None:
    calendar, spec = Calendar(2019, 2022), DEMO_SITES["SIM-DBF"]
    dry, usual = (simulate_weather(s, calendar, seed=5) for s in (spec, SPEC))
    summer = slice(calendar.index("2022-06-01"), calendar.index("2022-09-01"))
    assert dry.precipitation[summer].sum() < 0.8 * usual.precipitation[summer].sum()
    assert dry.temperature[summer].mean() > usual.temperature[summer].mean() + 1.5
    assert dry.precipitation[calendar.days_of(2020)] == pytest.approx(usual.precipitation[calendar.days_of(2020)])


def test_the_weather_table_keeps_its_contract_and_leaves_out_the_spin_up() -> None:
    table = check_weather(simulate_weather(SPEC, Calendar(2019, 2020), seed=1).table())
    assert list(table.columns) == list(WEATHER_COLUMNS)
    assert str(table.index[0].date()) == "2019-01-01"
    assert len(table) == 365 + 366
