"""What training draws: the truth enters what is asked, never what is shown."""

import numpy as np
import pytest
import torch

from models.batches import Crops, Draw
from models.cubes import Cube
from models.inputs import OPTICAL, Frames

T, SIDE = 30, 12
DRAW = Draw(count=6, frames=4, size=5)


def cube(*, truth: bool) -> Cube:
    """Value = place, the same at all dates, one cloud; the truth is 0.5 higher where it is known: in the left half."""
    place = np.arange(SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    values = np.broadcast_to(place, (T, 1, SIDE, SIDE)).copy()
    values[::3, :, 2:5, 2:5] = np.nan
    above = np.where(np.arange(SIDE) < SIDE // 2, 0.5, np.nan).astype(np.float32)
    known = {OPTICAL: np.broadcast_to(place + above, values.shape)} if truth else {}
    return Cube("site", {OPTICAL: Frames(values, np.arange(T) * 5)}, known)


def drawn(*, truth: bool, **cleaned: float) -> list[dict]:
    return list(Crops([cube(truth=truth)], DRAW, sensors=[OPTICAL], seed=(0, 1), cleaned=cleaned))


@pytest.mark.parametrize("way", [0.25, 1.0])
def test_what_is_asked_goes_towards_the_truth_where_that_is_known(way: float) -> None:
    for crop in drawn(truth=True, s2=way):
        seen, asked = crop[OPTICAL].frames, crop[OPTICAL].asked
        assert torch.equal(torch.isnan(asked), torch.isnan(seen))
        left = (seen % SIDE) < SIDE // 2
        moved = (asked - seen)[~torch.isnan(seen)]
        expected = torch.where(left, way * 0.5, 0.0)[~torch.isnan(seen)]
        assert torch.allclose(moved, expected, atol=1e-4)


def test_without_a_truth_what_was_seen_is_asked() -> None:
    for crop in drawn(truth=False, s2=1.0):
        assert torch.equal(crop[OPTICAL].asked.nan_to_num(-1), crop[OPTICAL].frames.nan_to_num(-1))
