"""The parts keep shapes, positions never run off their table, and attention mixes only what its name says."""

import pytest
import torch

from models.blocks import (
    CBAM,
    ConvAttention,
    MultiScaleAttention,
    PositionTable,
    attend,
    days_since_first,
    transformer,
)
from models.checks import InputError


@pytest.fixture
def encoder() -> torch.nn.TransformerEncoder:
    torch.manual_seed(0)
    return transformer(width=8, heads=2, feedforward=4, layers=2, dropout=0.0, norm_first=False).eval()


def test_cbam_lies_between_its_input_and_twice_its_input() -> None:
    x = torch.rand(2, 5, 6, 6)
    y = CBAM(5)(x)
    assert ((y >= x) & (y <= 2 * x)).all()  # both gates are in 0..1, and the input is added


@pytest.mark.parametrize("channels", [1, 3, 16])
def test_blocks_change_channels_and_keep_the_map(channels: int) -> None:
    x = torch.rand(2, 4, 5, 5)
    assert ConvAttention(4, channels).forward(x).shape == (2, channels, 5, 5)
    assert MultiScaleAttention(4, channels, kernels=(1, 3, 7)).forward(x).shape == (2, channels, 5, 5)


def test_positions_beyond_the_table_get_its_last_row() -> None:
    table = PositionTable(rows=10, width=4)
    rows = table(torch.tensor([[0, 9, 10, 5000]]))
    assert torch.equal(rows[0, 1], rows[0, 2])
    assert torch.equal(rows[0, 1], rows[0, 3])
    assert torch.allclose(rows[0, 1] * 2, table.position_embeddings.weight[9])  # scaled by 1 / sqrt(4)


@pytest.mark.parametrize("days", [torch.tensor([[-1]]), torch.tensor([[1.5]])])
def test_positions_must_be_whole_days_from_zero(days: torch.Tensor) -> None:
    with pytest.raises(InputError, match="whole days"):
        PositionTable(rows=10, width=4)(days)


def test_days_count_from_the_first_frame() -> None:
    assert days_since_first(torch.tensor([[5, 3, 10]])).tolist() == [[0, 5, 8, 18]]


@pytest.mark.parametrize(
    ("attention", "touched"),
    [
        ("time", {(0, 0), (0, 1), (0, 2)}),  # the dates of the changed sample
        ("released", {(0, 1)}),  # the changed date alone
        ("literal", {(0, 1), (1, 1)}),  # the same date of every sample in the batch
    ],
)
def test_attention_spreads_a_change_as_its_name_says(
    encoder: torch.nn.TransformerEncoder, attention: str, touched: set[tuple[int, int]]
) -> None:
    tokens = torch.rand(2, 3, 8)
    changed = tokens.clone()
    changed[0, 1] += torch.linspace(-1, 1, 8)
    before, after = (attend(encoder, x, attention=attention) for x in (tokens, changed))
    moved = (before - after).abs().amax(dim=-1) > 1e-5
    assert {tuple(where) for where in moved.nonzero().tolist()} == touched
