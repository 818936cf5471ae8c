"""Patches that share their work come out as the spatial reducer makes each of them alone."""

import pytest
import torch

from models.autoencoder import SpatialReducer
from models.cases import weights_by_rule
from models.overlap import OverlapReducer


@pytest.fixture(autouse=True)
def no_gradients():
    with torch.inference_mode():
        yield


@pytest.fixture
def reducer(modality):
    """A reducer of any patch size."""

    def make(size: int, kernels: tuple[int, ...] = (3, 7)) -> SpatialReducer:
        return by_rule(SpatialReducer(modality(size=size, kernels=kernels)))

    return make


def by_rule(plain: SpatialReducer) -> SpatialReducer:
    """Weights that let patches differ; fresh ones hardly do."""
    plain.load_state_dict(weights_by_rule(plain.state_dict(), salt="tests"))
    return plain.eval()


def frame_with_corners(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A frame 6 rows and 3 columns larger than a patch, and every patch's corner."""
    torch.manual_seed(5)
    return torch.rand(3, size + 6, size + 3), torch.cartesian_prod(torch.arange(7), torch.arange(4))


def cut(frame: torch.Tensor, corners: torch.Tensor, size: int) -> torch.Tensor:
    return torch.stack([frame[..., y : y + size, x : x + size] for y, x in corners.tolist()])


SIZES = pytest.mark.parametrize(
    ("size", "kernels"), [(15, (3, 7)), (9, (5,)), (7, (7, 3)), (5, (3, 7)), (3, (1, 9))]
)  # the last two are smaller than their widest kernel


@SIZES
def test_clear_patches(reducer, size, kernels) -> None:
    plain, (frame, corners) = reducer(size, kernels), frame_with_corners(size)
    overlap = OverlapReducer(plain, size=size)
    shared = overlap.share(frame, torch.ones(frame.shape[1:], dtype=torch.bool))
    expected = plain(cut(frame, corners, size)).flatten(1)
    assert expected.std(dim=0).max() > 0.01  # patches differ, so that mixing them up would show
    torch.testing.assert_close(overlap.clear(shared, corners), expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(overlap.clear(shared, corners[5:6]), expected[5:6], atol=1e-5, rtol=0)


@SIZES
def test_patches_with_gaps_each_filled_in_its_own_way(reducer, size, kernels) -> None:
    plain, (frame, corners) = reducer(size, kernels), frame_with_corners(size)
    overlap, known = OverlapReducer(plain, size=size), torch.rand(frame.shape[1:]) > 0.4
    frame[:, ~known] = torch.nan
    fill, patches = torch.rand(len(corners), 3), cut(frame, corners, size)
    expected = plain(torch.where(patches.isnan(), fill[:, :, None, None], patches)).flatten(1)
    found = overlap.filled(overlap.share(frame, known), corners, patches[:, 0].isnan(), fill)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@SIZES
def test_patches_that_are_a_gap_all_over(reducer, size, kernels) -> None:
    plain, fill = reducer(size, kernels), torch.rand(4, 3)
    expected = plain(fill[:, :, None, None].expand(-1, -1, size, size)).flatten(1)
    torch.testing.assert_close(OverlapReducer(plain, size=size).blank(fill), expected, atol=1e-5, rtol=0)


def test_the_released_widths(modality) -> None:
    """At full width sums are longer, and so are their rounding errors."""
    released = {"stem": 149, "body": 128, "neck": 64, "latent": 16, "heads": 8}
    plain = by_rule(SpatialReducer(modality(size=15, **released)))
    overlap, (frame, corners) = OverlapReducer(plain, size=15), frame_with_corners(15)
    shared = overlap.share(frame, torch.ones(frame.shape[1:], dtype=torch.bool))
    expected = plain(cut(frame, corners[:6], 15)).flatten(1)
    torch.testing.assert_close(overlap.clear(shared, corners[:6]), expected, atol=1e-5, rtol=1e-5)
