import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.figures import site_strips
from core.palette import LIGHT
from tests.conftest import small_tower

DAYS = pd.date_range("2021-05-01", periods=30, freq="D", name="time")


@pytest.fixture
def weather() -> pd.DataFrame:
    mean = np.linspace(8, 20, 30)
    columns = {"temperature": mean, "temperature_min": mean - 4, "temperature_max": mean + 6}
    return pd.DataFrame(columns | {"precipitation": 2.5, "radiation": 18.0}, index=DAYS)


def trace(figure: go.Figure, name: str) -> go.Scatter:
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def date_of(trace: go.Scatter, position: int) -> pd.Timestamp:
    return pd.Timestamp(trace.x0) + position * pd.Timedelta(trace.dx, "ms")


def test_each_strip_names_its_quantity_and_unit(weather: pd.DataFrame) -> None:
    layout = site_strips(weather, small_tower(), cursor="2021-05-10").layout
    titles = [layout[axis].title.text for axis in ("yaxis", "yaxis2", "yaxis3", "yaxis4")]
    units = ["air<br>(°C)", "precip.<br>(mm d⁻¹)", "radiation<br>(MJ m⁻² d⁻¹)", "GPP<br>(gC m⁻² d⁻¹)"]
    assert titles == units


def test_values_stand_at_their_days(weather: pd.DataFrame) -> None:
    figure = site_strips(weather, small_tower(), cursor="2021-05-10")
    measured = trace(figure, "GPP, measured")
    assert date_of(measured, 29) == pd.Timestamp("2021-05-30")
    assert measured.y[29] == pytest.approx(9.0)
    assert trace(figure, "precipitation").y[0] == 2.5
    assert trace(figure, "highest").y[0] - trace(figure, "lowest").y[0] == pytest.approx(10)


def test_filled_days_are_drawn_apart_and_gaps_stay_open(weather: pd.DataFrame) -> None:
    figure = site_strips(weather, small_tower(), cursor="2021-05-10")
    measured, filled = trace(figure, "GPP, measured"), trace(figure, "GPP, filled")
    assert np.flatnonzero(np.isfinite(filled.y)).tolist() == [10, 11, 12]
    assert np.flatnonzero(np.isnan(measured.y)).tolist() == [4, 10, 11, 12]
    assert measured.marker.color == LIGHT.observed
    assert filled.marker.symbol == "circle-open"
    assert measured.mode == filled.mode == "markers"  # no line that could bridge a gap


def test_only_what_there_is_gets_a_strip(weather: pd.DataFrame) -> None:
    assert [trace.name for trace in site_strips(weather[["radiation"]], None, cursor="2021-05-10").data] == [
        "radiation"
    ]
    assert len(site_strips(None, small_tower(), cursor="2021-05-10").data) == 2


def test_nothing_at_all_is_said_in_words() -> None:
    figure = site_strips(None, None, cursor="2021-05-10")
    assert figure.layout.annotations[0].text == "no weather and no tower data"


def test_all_strips_share_one_time_axis_and_cursor(weather: pd.DataFrame) -> None:
    figure = site_strips(weather, small_tower(), cursor="2021-05-10", span=("2019-01-01", "2022-12-31"))
    assert {trace.xaxis for trace in figure.data} == {None}  # all on the first and only one
    assert figure.layout.xaxis.anchor == "y4"
    assert figure.layout.xaxis.range == ("2019-01-01", "2022-12-31")
    assert [shape.x0 for shape in figure.layout.shapes] == ["2021-05-10"]


def test_four_years_stay_small_enough_to_send_at_each_step() -> None:
    days = pd.date_range("2019-01-01", "2022-12-31", name="time")
    columns = ("temperature", "temperature_min", "temperature_max", "precipitation", "radiation")
    weather = pd.DataFrame(np.random.default_rng(0).normal(size=(len(days), 5)), index=days, columns=list(columns))
    figure = site_strips(weather, None, cursor="2021-05-10")
    assert len(json.dumps(json.loads(figure.to_json()))) < 60_000  # bytes
