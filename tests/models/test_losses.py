"""The loss looks at the centre, ignores what was not observed, and reproduces the reference terms."""

import math

import pytest
import torch

from models.checks import ConfigError, InputError
from models.losses import LossConfig, center_mae, context_loss, context_weights, mean_ssim, spectral_angle

SHAPE = (2, 5, 3, 7, 7)


@pytest.fixture
def target() -> torch.Tensor:
    return torch.rand(SHAPE, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.1


@pytest.fixture
def everywhere() -> torch.Tensor:
    return torch.ones(SHAPE, dtype=torch.bool)


def test_weights_fall_with_every_ring_and_every_frame() -> None:
    weights = context_weights(5, 7, 7, center=1.5)
    assert weights[2, 3, 3] == 1.5
    assert weights[2, 3, 4] == weights[2, 2, 2] == pytest.approx(0.01)  # the eight neighbours
    assert weights[2, 3, 5] == pytest.approx(0.001)
    assert weights[1, 3, 3] == weights[3, 3, 3] == pytest.approx(0.1)  # a frame away
    assert weights[0, 0, 0] == pytest.approx(0.01 * 0.1**2 * 0.1**2)


def test_the_paper_asks_for_the_centre_to_about_84_percent() -> None:
    weights = context_weights(11, 15, 15, center=1.75)
    assert 1.75 / weights.sum() == pytest.approx(0.84, abs=0.04)


def test_a_perfect_reconstruction_costs_nothing_and_has_a_gradient(
    target: torch.Tensor, everywhere: torch.Tensor
) -> None:
    output = target.clone().requires_grad_()
    terms = context_loss(output, target, everywhere, config=LossConfig())
    assert terms.total.item() == pytest.approx(0, abs=1e-6)
    terms.total.backward()
    assert output.grad is not None
    assert torch.isfinite(output.grad).all()


def test_a_constant_error_is_the_mean_absolute_error(target: torch.Tensor, everywhere: torch.Tensor) -> None:
    plain = LossConfig(lambda_mae=2.0, lambda_ssim=0.0, lambda_sam=0.0, center_weight=1.5)
    terms = context_loss(target + 0.1, target, everywhere, config=plain)
    assert terms.mae.item() == pytest.approx(0.1)
    assert terms.total.item() == pytest.approx(0.2)
    assert terms.center_mae.item() == pytest.approx(0.1)
    assert terms.ssim == terms.sam == 0


def test_what_was_not_observed_costs_nothing(target: torch.Tensor, everywhere: torch.Tensor) -> None:
    output, valid = target.clone(), everywhere.clone()
    valid[:, 2, 1, 3, 3] = False
    output[:, 2, 1, 3, 3] += 0.3
    terms = context_loss(output, target, valid, config=LossConfig(lambda_ssim=0.0))
    assert terms.mae == 0
    assert terms.sam.item() == pytest.approx(0, abs=1e-6)  # one band missing: the pixel has no angle
    assert terms.center_mae.item() == pytest.approx(0.1)  # the watched value is plain, mask or not


def test_spectra_at_right_angles_are_half_pi_apart(everywhere: torch.Tensor) -> None:
    x, y = torch.zeros(SHAPE), torch.zeros(SHAPE)
    x[:, :, 0], y[:, :, 1] = 0.4, 0.2
    angle = spectral_angle(x, y, everywhere, context_weights(5, 7, 7, center=1.0))
    assert angle.item() == pytest.approx(math.pi / 2)


def test_a_brighter_copy_has_the_same_angle_and_another_structure(
    target: torch.Tensor, everywhere: torch.Tensor
) -> None:
    weights = context_weights(5, 7, 7, center=1.0)
    assert spectral_angle(1.5 * target, target, everywhere, weights).item() == pytest.approx(0, abs=1e-6)
    assert mean_ssim(target, target).item() == pytest.approx(1)
    assert mean_ssim(1.5 * target, target) < 0.99


def test_the_watched_value_sees_the_centre_alone(target: torch.Tensor) -> None:
    output = target + 1
    output[:, 2, :, 3, 3] = target[:, 2, :, 3, 3] + 0.25
    assert center_mae(output, target).item() == pytest.approx(0.25)


def test_half_precision_keeps_the_small_weights(target: torch.Tensor, everywhere: torch.Tensor) -> None:
    terms = context_loss((target + 0.1).bfloat16(), target, everywhere, config=LossConfig())
    assert terms.total.dtype == torch.float32
    assert terms.mae.item() == pytest.approx(0.1, abs=0.002)


def test_bad_input_is_refused_by_name(target: torch.Tensor, everywhere: torch.Tensor) -> None:
    loss = LossConfig()
    holed = target.clone()
    holed[0, 0, 0, 0, 0] = math.nan
    for arguments, words in [
        ((target[:1], target, everywhere), "have shapes"),
        ((target, target, everywhere.float()), "give torch.bool"),
        ((target, target, ~everywhere), "False everywhere"),
        ((target, holed, everywhere), "target holds NaN"),
    ]:
        with pytest.raises(InputError, match=words):
            context_loss(*arguments, config=loss)
    for weights in ({"lambda_mae": -1.0}, {"center_weight": math.nan}, {"lambda_sam": math.inf}):
        with pytest.raises(ConfigError, match="finite weight"):
            LossConfig(**weights)
