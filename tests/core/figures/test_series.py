import numpy as np

from core.figures import pixel_series
from core.palette import LIGHT

TIMES = np.datetime64("2021-01-05", "ns") + np.arange(60) * np.timedelta64(5, "D")
VALUES = np.linspace(0.2, 0.8, 60, dtype=np.float32)
RADAR = (TIMES[::2] + np.timedelta64(1, "D"), np.full(30, -9.0, np.float32), np.full(30, -15.0, np.float32))


def test_points_are_the_observations_and_long_gaps_stay_open() -> None:
    cloudy = VALUES.copy()
    cloudy[10:20] = np.nan  # 55 days between clear views
    cloudy[40] = np.nan  # 10 days
    (trace,) = pixel_series(TIMES, cloudy, label="NDVI", cursor="2021-06-01").data
    assert np.isnan(trace.y).sum() == 1
    assert not trace.connectgaps
    np.testing.assert_array_equal(trace.y[np.isfinite(trace.y)], cloudy[np.isfinite(cloudy)])
    assert trace.x[0] == "2021-01-05"
    assert trace.marker.color == LIGHT.observed


def test_backscatter_is_in_decibels_below_the_index() -> None:
    figure = pixel_series(TIMES, VALUES, label="NDVI", cursor="2021-06-01", radar=RADAR)
    assert [trace.name for trace in figure.data] == ["NDVI", "VV", "VH"]
    assert figure.layout.yaxis2.title.text == "backscatter (dB)"
    assert {trace.xaxis for trace in figure.data} == {None}  # all on the first and only one
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]


def test_the_cursor_stands_at_the_date_through_all_rows() -> None:
    figure = pixel_series(TIMES, VALUES, label="NDVI", cursor="2021-06-01", radar=RADAR)
    (cursor,) = figure.layout.shapes
    assert (cursor.x0, cursor.x1, cursor.yref) == ("2021-06-01", "2021-06-01", "paper")


def test_the_time_axis_spans_clouds_too() -> None:
    cloudy = VALUES.copy()
    cloudy[:30] = np.nan
    assert pixel_series(TIMES, cloudy, label="NDVI", cursor="2021-06-01").layout.xaxis.range[0] == "2021-01-05"


def test_a_unit_is_shown_where_there_is_one() -> None:
    assert pixel_series(TIMES, VALUES, label="NDVI", cursor="2021-06-01").layout.yaxis.title.text == "NDVI"
    figure = pixel_series(TIMES, VALUES, label="GPP", unit="gC m⁻² d⁻¹", cursor="2021-06-01")
    assert figure.layout.yaxis.title.text == "GPP (gC m⁻² d⁻¹)"


def test_hovers_say_iso_dates() -> None:
    assert pixel_series(TIMES, VALUES, label="NDVI", cursor="2021-06-01").layout.xaxis.hoverformat == "%Y-%m-%d"


def test_a_pixel_never_seen_is_an_empty_figure() -> None:
    (trace,) = pixel_series(TIMES, VALUES * np.nan, label="NDVI", cursor="2021-06-01").data
    assert len(trace.y) == 0
