import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.frames import Frames
from core.images import layer_frames, value_frames
from core.schema import InputError
from core.ui.player import View, current_view, left_data, player_data, settled
from tests.conftest import small_cube


@pytest.fixture
def frames() -> Frames:
    return layer_frames(small_cube(), "true colour")


# ---------------------------------------------------------------- who decides the date
def test_before_any_gesture_the_caller_decides() -> None:
    assert current_view(None, date="2021-05-06", pixel=(1, 2), seen=0) == View("2021-05-06", (1, 2), 0)


def test_a_gesture_since_the_last_run_wins() -> None:
    gesture = View("2021-05-21", (3, 4), 7)
    assert current_view(gesture, date="2021-05-06", pixel=None, seen=6) == gesture


def test_a_gesture_already_seen_does_not_undo_what_the_caller_sets() -> None:
    gesture = View("2021-05-21", (3, 4), 7)
    assert current_view(gesture, date="2021-05-06", pixel=None, seen=7) == View("2021-05-06", None, 7)


def test_a_caller_who_takes_over_what_comes_back_never_loops() -> None:
    """Drag, answer, rerun for another reason, the URL sets a date, drag again: each state stands until the next act."""
    date, pixel, seen = "2021-05-06", None, 0
    for report, expected in (
        (View("2021-05-11", None, 3), "2021-05-11"),
        (View("2021-05-11", None, 3), "2021-05-11"),
        (View("2021-05-21", (1, 1), 9), "2021-05-21"),
    ):
        date, pixel, seen = current_view(report, date=date, pixel=pixel, seen=seen)
        assert date == expected
    assert current_view(View("2021-05-21", (1, 1), 9), date="2021-05-01", pixel=pixel, seen=seen).date == "2021-05-01"


# ---------------------------------------------------------------- what is shown
def test_the_nearest_date_is_shown_and_the_wish_is_kept(frames: Frames) -> None:
    state = settled(frames, View("2021-05-07", (11, 9), 0))
    assert state == ("2021-05-07", "2021-05-06", (11, 9))


@pytest.mark.parametrize("pixel", [(12, 0), (0, 10), (-1, 3), None])
def test_a_pixel_outside_the_grid_is_none(frames: Frames, pixel: tuple[int, int] | None) -> None:
    assert settled(frames, View("2021-05-07", pixel, 0)).pixel is None


def data_of(frames: Frames) -> dict[str, object]:
    return player_data(frames, url="/media/x.bin", view=View("2021-05-07", (1, 2), 5), pixel=(1, 2), height=300)


def test_the_browser_gets_json_and_no_pixels(frames: Frames) -> None:
    data = json.loads(json.dumps(data_of(frames)))
    assert data["dates"] == ["2021-05-01", "2021-05-06", "2021-05-11", "2021-05-16", "2021-05-21", "2021-05-26"]
    assert data["share"] == [0.95, 0.95, 0.0, 0.95, 0.95, 0.95]
    assert (data["start"], data["count"], data["palette"]) == (0, 6, None)
    assert (data["date"], data["pixel"], data["seq"]) == ("2021-05-07", [1, 2], 5)
    assert data["grid"] | {"crs": "EPSG:32632"} == data["grid"]


def test_a_palette_travels_as_256_colours() -> None:
    cube = small_cube()
    frames = value_frames(cube["B08"] - cube["B04"], label="difference")
    palette = np.frombuffer(base64.b64decode(str(data_of(frames)["palette"])), np.uint8).reshape(256, 4)
    assert frames.palette is not None
    assert (palette == frames.palette).all()


def test_four_years_of_dates_are_a_few_kilobytes(frames: Frames) -> None:
    dates = np.datetime64("2019-01-05") + np.arange(292) * np.timedelta64(5, "D")
    many = replace(frames, dates=dates, clear_share=np.full(292, 0.123, np.float32))
    assert len(json.dumps(data_of(many))) < 10_000


# ---------------------------------------------------------------- on a page
def page() -> None:
    import streamlit as st

    from core.images import layer_frames
    from core.ui.player import date_player
    from tests.conftest import small_cube

    date = st.text_input("date", "2021-05-07")
    state = date_player(layer_frames(small_cube(), "true colour"), date=date, pixel=(3, 4), key="player")
    st.text(f"{state.date} shown as {state.shown}, pixel {state.pixel}")


def test_the_caller_can_move_the_date() -> None:
    app = AppTest.from_function(page).run()
    assert app.text[0].value == "2021-05-07 shown as 2021-05-06, pixel (3, 4)"
    app.text_input[0].set_value("2021-05-26").run()
    assert app.text[0].value == "2021-05-26 shown as 2021-05-26, pixel (3, 4)"
    assert not app.exception


def test_no_date_is_one_sentence() -> None:
    app = AppTest.from_function(page).run()
    app.text_input[0].set_value("tomorrow").run()
    assert app.exception[0].message == "date 'tomorrow' is no date; write it as 2021-07-14."


# ---------------------------------------------------------------- two pictures
def test_a_left_picture_of_the_same_pixels_and_dates_is_taken(frames: Frames) -> None:
    cube = small_cube()
    left = layer_frames(cube, "false colour")
    data = left_data(frames, left, url="/media/left.bin")
    assert data["left"]["url"] == "/media/left.bin"
    assert [channel["label"] for channel in data["left"]["channels"]] == ["B08", "B04", "B03"]
    assert data["content"] != left_data(frames, frames, url="")["content"]  # laid out anew


@pytest.mark.parametrize("part", [{"time": slice(1, None)}, {"x": slice(1, None)}], ids=["dates", "pixels"])
def test_a_left_picture_of_others_is_refused(frames: Frames, part: dict[str, slice]) -> None:
    left = layer_frames(small_cube().isel(part), "true colour")
    with pytest.raises(InputError, match="left 'true colour' shows other dates or pixels"):
        left_data(frames, left, url="")
