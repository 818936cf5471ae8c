import numpy as np
import pytest

from core.figures import acquisition_calendar

TIMES = np.array(["2019-12-31", "2020-01-01", "2020-12-31", "2021-03-01"], "datetime64[ns]")
SHARE = np.array([0.0, 0.25, 0.5, 1.0], np.float32)
RADAR = np.array(["2020-06-01"], "datetime64[ns]")
NO_RADAR = np.array([], "datetime64[ns]")


def test_a_row_is_a_year_and_x_the_day_of_year() -> None:
    optical, radar = acquisition_calendar(TIMES, SHARE, RADAR, cursor="2020-02-29").data
    assert optical.x.tolist() == [365, 1, 366, 60]
    middles = np.asarray(optical.base, float) + np.asarray(optical.y, float) / 2
    np.testing.assert_allclose(middles, [2019, 2020, 2020, 2021])
    assert (radar.x[0], radar.customdata[0]) == (153, "2020-06-01")
    assert 2020 < radar.y[0] < 2020.5


def test_colour_is_the_clear_share_in_percent() -> None:
    optical = acquisition_calendar(TIMES, SHARE, RADAR, cursor="2020-02-29").data[0]
    assert optical.marker.color.tolist() == [0, 25, 50, 100]
    assert (optical.marker.cmin, optical.marker.cmax) == (0, 100)
    assert optical.marker.colorbar.title.text == "Sentinel-2 clear (%)"


def test_the_current_date_is_marked() -> None:
    (cursor,) = acquisition_calendar(TIMES, SHARE, RADAR, cursor="2020-02-29").layout.shapes
    assert (cursor.x0, cursor.x1) == (60, 60)
    assert (cursor.y0 + cursor.y1) / 2 == 2020


def test_a_click_can_choose_a_date() -> None:
    optical = acquisition_calendar(TIMES, SHARE, RADAR, cursor="2020-02-29").data[0]
    assert list(optical.customdata) == ["2019-12-31", "2020-01-01", "2020-12-31", "2021-03-01"]


def test_without_radar_there_are_no_radar_marks() -> None:
    figure = acquisition_calendar(TIMES, SHARE, NO_RADAR, cursor="2020-02-29")
    assert [trace.name for trace in figure.data] == ["Sentinel-2"]


@pytest.mark.parametrize(
    ("cursor", "years"), [("2020-02-29", [2019, 2020, 2021]), ("2023-01-01", [2019, 2020, 2021, 2023])]
)
def test_years_run_downwards(cursor: str, years: list[int]) -> None:
    axis = acquisition_calendar(TIMES, SHARE, NO_RADAR, cursor=cursor).layout.yaxis
    assert axis.tickvals.tolist() == years
    assert axis.range[0] > axis.range[1]
