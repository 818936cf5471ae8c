import numpy as np
import pytest

from core.schema import InputError
from core.simulate.calendar import Calendar


def test_a_calendar_begins_with_a_year_of_spin_up() -> None:
    calendar = Calendar(2019, 2022)
    assert str(calendar.dates[0]) == "2018-01-01"
    assert str(calendar.dates[calendar.recorded][0]) == "2019-01-01"
    assert str(calendar.dates[-1]) == "2022-12-31"
    assert len(calendar) == 5 * 365 + 1  # 2020 was a leap year
    assert list(calendar.recorded_years) == [2019, 2020, 2021, 2022]


def test_days_count_from_1_and_leap_years_have_366() -> None:
    calendar = Calendar(2020, 2020)
    assert calendar.doy[calendar.index("2020-12-31")] == 366
    assert calendar.doy[calendar.index("2020-01-01")] == 1
    assert set(calendar.year[calendar.days_of(2020)]) == {2020}


def test_a_date_finds_its_position() -> None:
    calendar = Calendar(2019, 2022)
    assert calendar.dates[calendar.index("2021-06-20")] == np.datetime64("2021-06-20")
    assert calendar.index("2017-12-31") == -1


@pytest.mark.parametrize("years", [(2022, 2019), (1900, 1901), (2100, 2200)])
def test_impossible_years_are_refused_with_a_remedy(years: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=r"years .* is no span of years; give \(first, last\)"):
        Calendar(*years)
