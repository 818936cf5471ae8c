import json
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.figures import acquisition_calendar, site_strips
from core.figures.layout import assemble, titled
from core.palette import LIGHT
from core.ui import chart
from core.ui.chart import chart_data, drawn_from, keeping_zoom, label


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What was offered as a file: content by URL."""
    files: dict[str, bytes] = {}

    def publish(content: bytes, *, key: str, name: str, kind: str) -> str:
        files[f"/media/{name}"] = content
        return f"/media/{name}"

    monkeypatch.setattr(chart, "publish", publish)
    return files


def figure(values: Any, *, cursor: str = "2021-05-06", colour: str = "red") -> go.Figure:
    line = {"type": "line", "x0": cursor, "x1": cursor}
    traces = [
        {"type": "scatter", "name": "long", "y": values},
        {"type": "scatter", "name": "short", "y": [1, 2], "line": {"color": colour}},
    ]
    axes = {"yaxis": titled("GPP<br>(gC m⁻² d⁻¹)"), "xaxis": titled("day", range=[0, 9])}
    return assemble(traces, axes=axes, theme=LIGHT, height=200, shapes=[line])


def sent(drawn: go.Figure, *, height: int | None = None, clickable: bool = False) -> dict[str, Any]:
    return json.loads(json.dumps(chart_data(drawn_from(drawn), key="any", height=height, clickable=clickable)))


LONG_SERIES = np.arange(1000, dtype=np.float32)


# ---------------------------------------------------------------- what travels
def test_a_long_trace_travels_as_a_file_and_a_short_one_at_once(published: dict[str, bytes]) -> None:
    long, short = sent(figure(LONG_SERIES))["traces"]
    assert json.loads(published[long["url"]])["name"] == "long"
    assert json.loads(short["json"])["line"] == {"color": "red"}


def test_where_a_control_changes_them_long_traces_travel_along(published: dict[str, bytes]) -> None:
    data = chart_data(drawn_from(figure(LONG_SERIES)), key="any", height=None, along=True, clickable=False)
    assert [json.loads(trace["json"])["name"] for trace in data["traces"]] == ["long", "short"]
    assert published == {}


def test_another_date_leaves_the_traces_as_they_are() -> None:
    before, after = sent(figure(LONG_SERIES)), sent(figure(LONG_SERIES, cursor="2021-05-11"))
    assert before["traces"] == after["traces"]
    assert json.loads(after["layout"])["shapes"][0]["x0"] == "2021-05-11"


def test_other_values_are_another_file() -> None:
    assert sent(figure(LONG_SERIES))["traces"][0] != sent(figure(LONG_SERIES + 1))["traces"][0]


def test_four_years_of_weather_are_a_few_kilobytes_once_they_are_there() -> None:
    days = pd.date_range("2019-01-01", "2022-12-31", name="time")
    weather = pd.DataFrame(dict.fromkeys(("temperature", "precipitation", "radiation"), 1.5), index=days)
    assert len(json.dumps(sent(site_strips(weather, None, cursor="2021-05-06")))) < 4000


def test_the_theme_is_in_the_layout_and_no_template() -> None:
    layout = json.loads(sent(figure([1]))["layout"])
    assert layout["font"]["color"] == LIGHT.text
    assert "template" not in layout


@pytest.mark.parametrize(("height", "expected"), [(None, 200), (120, 120)])
def test_the_height_is_the_figures_own_or_the_pages(height: int | None, expected: int) -> None:
    assert sent(figure([1]), height=height)["height"] == expected


def test_what_is_made_of_the_same_is_made_once_and_anew_of_something_else() -> None:
    made: list[str] = []

    def make(of: str) -> go.Figure:
        made.append(of)
        return figure([1, 2], colour=of)

    for of in ("red", "red", "blue", "red"):
        drawn = chart.drawn_once("series", of, lambda of=of: make(of))
        assert json.loads(drawn.traces[1])["line"] == {"color": of}
    assert made == ["red", "blue"]


# ---------------------------------------------------------------- zoom
def revision(title: str, span: list[float]) -> str:
    layout = {"xaxis": {"title": {"text": title}, "range": span}, "font": {}}
    return keeping_zoom(layout)["xaxis"]["uirevision"]


def test_an_axis_keeps_its_zoom_until_it_shows_something_else() -> None:
    assert revision("NDVI", [0, 1]) == revision("NDVI", [0, 1])
    assert revision("NDVI", [0, 1]) != revision("NDMI", [0, 1])
    assert revision("NDVI", [0, 1]) != revision("NDVI", [0, 2])


# ---------------------------------------------------------------- for who cannot see it
def test_a_chart_is_called_after_its_axes() -> None:
    assert sent(figure([1]))["label"] == "Chart: GPP (gC m⁻² d⁻¹), day"


def test_a_title_comes_first() -> None:
    assert label({"title": {"text": "Spectrum"}, "yaxis": {"title": {"text": "reflectance (1)"}}}, []) == (
        "Chart: Spectrum, reflectance (1)"
    )


def test_without_titles_a_chart_is_called_after_its_traces() -> None:
    day = np.array(["2021-05-01"], "datetime64[D]")
    calendar = acquisition_calendar(day, np.ones(1, np.float32), day, cursor="2021-05-01")
    assert sent(calendar)["label"] == "Chart: Sentinel-2, Sentinel-1"
