"""Which picture comes first, and which one a view means."""

import numpy as np
import pytest

from core.frames import Frames, Grid
from core.ui.pictures import first_date, picture_of
from core.ui.state import View


def frames(dates: list[str], share: list[float]) -> Frames:
    return Frames(
        dates=np.array(dates, "datetime64[D]"),
        clear_share=np.array(share, np.float32),
        pixels=np.zeros((len(dates), 2, 2, 4), np.uint8),
        start=0,
        palette=None,
        channels=(),
        grid=Grid(x=0, y=0, pixel_width=10, pixel_height=10, rows=2, cols=2, crs="EPSG:32632"),
        label="true colour",
    )


@pytest.mark.parametrize(
    ("dates", "share", "north", "first"),
    [
        # the clearest of summer, though winter was clearer
        (["2021-01-10", "2021-07-14", "2021-08-02"], [1.0, 0.9, 0.4], True, "2021-07-14"),
        # of equally clear ones the latest
        (["2020-07-01", "2021-07-14", "2022-10-01"], [0.9, 0.9, 1.0], True, "2021-07-14"),
        # south of the equator it is summer in January
        (["2021-01-10", "2021-07-14"], [0.8, 1.0], False, "2021-01-10"),
        # no summer in the record: the clearest of all
        (["2021-03-01", "2021-04-01"], [0.7, 0.2], True, "2021-03-01"),
        # a summer of cloud only
        (["2021-03-01", "2021-07-01"], [0.7, 0.0], True, "2021-03-01"),
    ],
)
def test_the_first_picture_is_the_latest_of_the_clearest_of_summer(
    dates: list[str], share: list[float], north: bool, first: str
) -> None:
    assert first_date(frames(dates, share), north=north) == first


def test_the_layer_index_means_the_chosen_index() -> None:
    assert picture_of(View(layer="index", index="NDMI")) == "NDMI"
    assert picture_of(View(layer="radar", index="NDMI")) == "radar"
