"""What training draws: one place at every visit; the truth enters what is asked, never what is shown."""

import numpy as np
import pytest
import torch

from models.batches import Crops, Draw
from models.cubes import Cube
from models.inputs import OPTICAL, Frames

T, SIDE = 30, 12
DRAW = Draw(count=6, frames=4, size=5, visits=2)


def cube(*, truth: bool) -> Cube:
    """Value = place, the same at all dates, one cloud; the truth is 0.5 higher where it is known: in the left half."""
    place = np.arange(SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    values = np.broadcast_to(place, (T, 1, SIDE, SIDE)).copy()
    values[::3, :, 2:5, 2:5] = np.nan
    above = np.where(np.arange(SIDE) < SIDE // 2, 0.5, np.nan).astype(np.float32)
    known = {OPTICAL: np.broadcast_to(place + above, values.shape)} if truth else {}
    return Cube("site", {OPTICAL: Frames(values, np.arange(T) * 5)}, known)


def drawn(*, truth: bool, **cleaned: float) -> list[list[dict]]:
    return list(Crops([cube(truth=truth)], DRAW, sensors=[OPTICAL], seed=(0, 1), cleaned=cleaned))


def test_every_visit_shows_the_same_place_at_its_own_time() -> None:
    crops = drawn(truth=False)
    assert len(crops) == DRAW.count
    firsts, lasts = zip(*((visits[0][OPTICAL], visits[-1][OPTICAL]) for visits in crops), strict=True)
    for here, later in zip(firsts, lasts, strict=True):
        assert torch.equal(here.frames.nanmean(dim=0), later.frames.nanmean(dim=0))
    assert any(int(here.days[0]) != int(later.days[0]) for here, later in zip(firsts, lasts, strict=True))


@pytest.mark.parametrize("way", [0.25, 1.0])
def test_what_is_asked_goes_towards_the_truth_where_that_is_known(way: float) -> None:
    for visits in drawn(truth=True, s2=way):
        seen, asked = visits[0][OPTICAL].frames, visits[0][OPTICAL].asked
        assert torch.equal(torch.isnan(asked), torch.isnan(seen))
        left = (seen % SIDE) < SIDE // 2
        moved = (asked - seen)[~torch.isnan(seen)]
        expected = torch.where(left, way * 0.5, 0.0)[~torch.isnan(seen)]
        assert torch.allclose(moved, expected, atol=1e-4)


def test_without_a_truth_what_was_seen_is_asked() -> None:
    for visits in drawn(truth=False, s2=1.0):
        assert torch.equal(visits[0][OPTICAL].asked.nan_to_num(-1), visits[0][OPTICAL].frames.nan_to_num(-1))
