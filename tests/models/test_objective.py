"""Hiding and asking, on frames whose values say where and when they are."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from models.checks import ConfigError
from models.objective import Objective, Question, Strip, apart_loss, dense_loss, drawn_pixels, hide

T, C, H, W = 9, 3, 8, 7
STD = torch.ones(C, 1, 1)


def frames() -> Tensor:
    """Value = 100 x frame + 10 x row + column, in every band."""
    t, y, x = torch.meshgrid(torch.arange(T), torch.arange(H), torch.arange(W), indexing="ij")
    return (100.0 * t + 10 * y + x)[:, None].expand(T, C, H, W).clone()


DAYS = torch.arange(T) * 5


@given(st.integers(-8, 8), st.integers(-3, 3), st.integers(-3, 3))
def test_a_question_pairs_each_place_with_the_one_it_asks_about(frames_away: int, down: int, right: int) -> None:
    embedding = frames()

    def knows_the_rule(dates: slice, away: Tensor, rows: int, columns: int) -> Tensor:
        assert (away == 5 * frames_away).all()
        return embedding[dates] + 20 * away[:, None, None, None] + 10 * rows + columns

    loss = dense_loss(knows_the_rule, frames(), DAYS, STD, Question(frames_away, down, right))
    assert float(loss) == 0


def test_what_was_not_seen_is_neither_asked_nor_counted() -> None:
    truth = frames()
    truth[:, :, :, :4] = torch.nan
    loss = dense_loss(lambda dates, *_: frames()[dates] + 2, truth, DAYS, STD, Question(0, 0, 0))
    assert float(loss) == pytest.approx(2)
    nothing = torch.full_like(truth, torch.nan)
    assert float(dense_loss(lambda dates, *_: frames()[dates], nothing, DAYS, STD, Question(0, 0, 0))) == 0


def test_a_lattice_answers_for_its_own_pixels() -> None:
    pixels = drawn_pixels(Objective(spacing=3), torch.Generator().manual_seed(1))
    embedding = frames()[..., pixels[0], pixels[1]]
    loss = dense_loss(lambda dates, *_: embedding[dates] + 12, frames(), DAYS, STD, Question(0, 1, 2), pixels)
    assert embedding.shape[-2] < H
    assert float(loss) == 0


def test_bands_are_compared_by_their_own_spread() -> None:
    spread = torch.tensor([1.0, 2.0, 4.0]).view(C, 1, 1)
    loss = dense_loss(lambda dates, *_: frames()[dates] + spread, frames(), DAYS, spread, Question(0, 0, 0))
    assert float(loss) == pytest.approx(1)


def test_a_question_beyond_the_crop_costs_nothing() -> None:
    assert float(dense_loss(lambda dates, *_: frames()[dates], frames(), DAYS, STD, Question(9, 0, 0))) == 0


def test_hiding_takes_values_away_and_changes_none() -> None:
    crop = {"s2": Strip(frames(), DAYS, frames())}
    hidden, days, asked = hide(crop, Objective(hidden_frames=0.4), torch.Generator().manual_seed(3))["s2"]
    gone = torch.isnan(hidden)
    assert torch.equal(hidden[~gone], frames()[~gone])
    assert torch.equal(days, DAYS)
    assert torch.equal(asked, frames()), "what is asked stays"
    assert 0.2 < gone.float().mean() < 0.9
    assert gone.flatten(1).all(dim=1).any(), "some frame is hidden whole"
    assert not torch.isnan(crop["s2"].frames).any(), "the crop itself stays"


def test_nothing_is_hidden_where_nothing_is_asked_to_be() -> None:
    objective = Objective(hidden_frames=0, hidden_patches=0)
    hidden = hide({"s2": Strip(frames(), DAYS, frames())}, objective, torch.Generator())["s2"].frames
    assert torch.equal(hidden, frames())


def test_a_place_is_told_apart_when_it_stays_itself() -> None:
    places = torch.eye(8)  # at right angles to each other
    known = apart_loss(places, 3 * places, sharpness=5)
    taken_for_one_another = apart_loss(places, places.roll(1, dims=0), sharpness=5)
    assert float(known) == pytest.approx(math.log1p(7 * math.exp(-5)), abs=1e-6)
    assert float(taken_for_one_another) == pytest.approx(float(known) + 5, abs=1e-5)
    assert float(apart_loss(torch.ones(8, 3), torch.ones(8, 3), sharpness=5)) == pytest.approx(math.log(8))


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden_frames": 1.0},
        {"hidden_patches": -0.1},
        {"questions": -1},
        {"spacing": 0},
        {"apart": -1.0},
        {"sharpness": 0.0},
        {"cleaned": (("s1", 1.5),)},
    ],
)
def test_an_objective_that_makes_no_sense_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Objective(**changes)
