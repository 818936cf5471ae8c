"""What the figures of the GPP page show of known predictions."""

import numpy as np
import pandas as pd
import pytest

from core.figures.gpp import gpp_series, held_out_spans, tower_series
from core.figures.gpp_judged import annual_bars, importance_bars, one_to_one, residuals

DAYS = pd.date_range("2020-12-01", "2021-02-28", freq="D")


@pytest.fixture
def predictions() -> pd.DataFrame:
    """90 days over New Year, too low by 1 in winter, with a gap of a month; held out by year."""
    observed = np.linspace(2, 6, len(DAYS))
    table = pd.DataFrame({"site": "ONE", "time": DAYS, "fold": DAYS.year.astype(str), "observed": observed})
    table = table.assign(predicted=observed - 1, low=observed - 3, high=observed + 1, climatology=3.0, outside=False)
    table.loc[0, "outside"] = True
    return table.drop(index=range(40, 70)).reset_index(drop=True)


def trace(figure, name: str):
    return next(part for part in figure.data if part.name == name)


def test_held_out_parts_are_shaded_from_their_first_to_their_last_day(predictions) -> None:
    assert held_out_spans(predictions) == [("2020", "2020-12-01", "2020-12-31"), ("2021", "2021-01-01", "2021-02-28")]
    figure = gpp_series(predictions, cursor="2020-12-24")
    shades = [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert shades == [("2020-12-01", "2020-12-31"), ("2021-01-01", "2021-02-28")]
    assert [label.text for label in figure.layout.annotations] == ["2020", "2021"]


def test_neither_line_nor_band_crosses_a_gap(predictions) -> None:
    figure = gpp_series(predictions, cursor="2020-12-24")
    assert np.isnan(np.asarray(trace(figure, "predicted").y, float)).sum() == 1
    band = trace(figure, "90 % interval")
    assert sum(day is None for day in band.x) == 1
    assert max(value for value in band.y if value is not None) == pytest.approx(7)


def test_filled_days_are_dashed_and_days_unlike_the_training_marked(predictions) -> None:
    filled = pd.Series(np.nan, index=DAYS)
    filled.iloc[45:50] = 4.0
    figure = gpp_series(predictions, cursor="2020-12-24", filled=filled)
    dashed = trace(figure, "filled, never scored")
    assert dashed.line.dash == "dash"
    assert list(dashed.x) == [str(day.date()) for day in DAYS[45:50]]
    assert list(trace(figure, "unlike the training days").x) == ["2020-12-01"]


def test_a_tower_is_shown_with_its_climatology() -> None:
    tower = pd.DataFrame({"gpp": 2.0, "quality": 1.0, "filled": False}, index=DAYS)
    tower.iloc[:10, tower.columns.get_loc("filled")] = True
    figure = tower_series(tower, pd.Series(2.0, index=DAYS), cursor="2020-12-24")
    assert len(trace(figure, "measured").x) == 80
    assert len(trace(figure, "filled, never scored").x) == 10


def test_one_to_one_has_the_same_axes_and_every_day_once(predictions) -> None:
    figure = one_to_one(predictions)
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert sum(len(part.x) for part in figure.data if part.name != "1:1") == len(predictions)


def test_residuals_are_predicted_less_observed(predictions) -> None:
    (winter,) = residuals(predictions).data
    assert winter.name == "winter<br>60 days"
    np.testing.assert_allclose(winter.y, -1, atol=1e-6)


def test_what_matters_most_stands_on_top() -> None:
    figure = importance_bars({"group": {"bands": 0.5, "weather": 2.0}, "lag": {"latest": 1.0}})
    assert list(trace(figure, "which features").y) == ["bands", "weather"]  # from the bottom up
    assert list(trace(figure, "which days").x) == [1.0]


def test_sums_have_their_interval() -> None:
    (bars,) = annual_bars(pd.DataFrame({"year": [2020], "gpp": [1500.0], "low": [1400.0], "high": [1650.0]})).data
    assert (bars.error_y.array[0], bars.error_y.arrayminus[0]) == (150, 100)
