from dataclasses import replace

import numpy as np
import pytest

from core.frames import Channel, Frames, Grid, nearest_date
from core.palette import SEQUENTIAL_ANCHORS, lookup_table
from core.schema import InputError

DATES = np.array(["2021-05-01", "2021-05-06", "2021-05-16"], "datetime64[D]")
GRID = Grid(x=500_005.0, y=5_600_005.0, pixel_width=10.0, pixel_height=10.0, rows=2, cols=3, crs="EPSG:32632")


def frames(pixels: np.ndarray, *, start: int = 0) -> Frames:
    return Frames(
        dates=DATES,
        clear_share=np.ones(3, np.float32),
        pixels=pixels,
        start=start,
        palette=lookup_table(SEQUENTIAL_ANCHORS),
        channels=(Channel("NDVI", 0.0, 1.0),),
        grid=GRID,
        label="NDVI",
    )


INDEXED = np.arange(18, dtype=np.uint8).reshape(3, 2, 3)


@pytest.mark.parametrize(
    ("date", "index"), [("2021-05-06", 1), ("2021-05-08", 1), ("2021-05-11", 1), ("2021-05-12", 2), ("1999-01-01", 0)]
)
def test_the_nearest_date_wins_and_the_earlier_of_two(date: str, index: int) -> None:
    assert nearest_date(DATES, date) == index


@pytest.mark.parametrize("date", ["", "yesterday", "2021-02-30"])
def test_no_date_is_refused(date: str) -> None:
    with pytest.raises(InputError, match=r"date '.*' is no date; write it as 2021-07-14"):
        nearest_date(DATES, date)


def test_an_image_is_what_the_palette_says() -> None:
    image = frames(INDEXED).image(0)
    assert image.shape == (2, 3, 4)
    assert image[0, 0].tolist() == [0, 0, 0, 0]  # byte 0: missing
    assert image[0, 1].tolist() == [0xF6, 0xF2, 0xD4, 255]  # byte 1: the lowest


def test_a_date_outside_the_block_is_refused() -> None:
    with pytest.raises(InputError, match=r"index '0' is not among the loaded dates range\(1, 3\)"):
        frames(INDEXED[1:], start=1).image(0)


def test_the_digest_tells_all_that_is_seen_apart() -> None:
    one = frames(INDEXED)
    assert one.digest == frames(INDEXED.copy()).digest
    others = (
        frames(INDEXED + 1),
        frames(INDEXED, start=1),
        replace(one, label="EVI"),
        replace(one, palette=None),
        replace(one, channels=(Channel("NDVI", 0.0, 0.9),)),
        replace(one, dates=DATES + 1),
        replace(one, grid=replace(GRID, x=0.0)),
    )
    assert len({one.digest, *(other.digest for other in others)}) == 1 + len(others)
