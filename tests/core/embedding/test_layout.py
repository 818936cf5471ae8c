"""How a result is cut: every pixel-date once, in blocks of bounded size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embedding.layout import BLOCK, TILE, layout


@given(dates=st.integers(1, 40), rows=st.integers(1, 250), cols=st.integers(1, 250))
def test_the_blocks_hold_every_pixel_date_once(dates, rows, cols) -> None:
    times_held = np.zeros((dates, rows, cols), dtype=int)
    cut = layout((dates, rows, cols), radius=7)
    for block in cut.blocks():
        times_held[block.dates, block.rows, block.cols] += 1
        assert times_held[block.dates, block.rows, block.cols].size == block.pixel_dates
    assert (times_held == 1).all()
    assert cut.pixel_dates == times_held.size


@pytest.mark.parametrize("side", [16, 80, 100, 1000, 10_000])
def test_a_block_with_its_surroundings_stays_small_however_large_the_area(side) -> None:
    dates, rows, cols = layout((300, side, side), radius=7).chunk
    around = 0 if side <= TILE else 14
    assert max(rows, cols) <= TILE
    assert dates * (rows + around) * (cols + around) <= BLOCK


def test_tiles_are_about_equal() -> None:
    assert layout((300, 100, 170), radius=7).chunk[1:] == (50, 57)
