"""Gaps are told apart by kind, and filled with the mean of the window they are in."""

import numpy as np
import pytest
import torch

from models.gaps import Gaps


@pytest.fixture
def frames() -> torch.Tensor:
    """4 frames of 2 bands, 5 x 6 pixels: one clear, one cloudy in part, one in whole, one that lacks a band."""
    values = torch.rand(4, 2, 5, 6, generator=torch.Generator().manual_seed(1))
    values[1, :, 0, 0] = torch.nan
    values[2] = torch.nan
    values[3, 1, 4, 5] = torch.nan
    return values


def test_patches_are_told_apart_by_what_they_lack(frames) -> None:
    gaps = Gaps.of(frames, size=3)  # 3 x 4 patches
    assert gaps.none.sum(dim=1).tolist() == [12, 11, 0, 11]
    assert not gaps.none[1, 0]
    assert gaps.whole.sum(dim=1).tolist() == [0, 0, 12, 0]
    assert gaps.uneven.nonzero().tolist() == [[3, 11]]


def test_a_patch_that_lacks_one_band_all_over_is_no_blank(frames) -> None:
    frames[0, 0] = torch.nan
    gaps = Gaps.of(frames, size=3)
    assert gaps.uneven[0].all()
    assert not gaps.whole[0].any()


def test_the_fill_is_the_mean_of_a_band_over_the_window(frames) -> None:
    window, patches = slice(0, 3), torch.tensor([0, 6])
    found = Gaps.of(frames, size=3).fill(window, patches)
    for patch, (row, col) in enumerate([(0, 0), (1, 2)]):
        expected = np.nanmean(frames[window, :, row : row + 3, col : col + 3].numpy(), axis=(0, 2, 3))
        np.testing.assert_allclose(found[patch].numpy(), expected, rtol=1e-6)


def test_where_nothing_is_known_the_fill_is_zero(frames) -> None:
    assert Gaps.of(frames, size=3).fill(slice(2, 3), torch.tensor([4])).tolist() == [[0.0, 0.0]]


def test_a_small_mean_survives_beside_large_values() -> None:
    """Sums are of patches, not differences of running totals, so nothing is lost beside a bright place."""
    values = torch.full((1, 1, 3, 40), 1e-6)
    values[..., :20] = 1e6
    assert Gaps.of(values, size=3).fill(slice(0, 1), torch.tensor([30])).item() == pytest.approx(1e-6)


def test_cutting_a_patch(frames) -> None:
    torch.testing.assert_close(
        Gaps.of(frames, size=3).cut(0, torch.tensor([6]))[0], frames[0, :, 1:4, 2:5], atol=0, rtol=0
    )
