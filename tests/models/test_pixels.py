"""Stage 2 on frozen encoders: what is stored is what the encoders say, and pairs are one place on two dates."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.checks import InputError
from models.cubes import Cube
from models.inputs import OPTICAL, RADAR, Frames
from models.objective import Objective
from models.pixels import Pairs, PixelFusion, Sparse, Stored, store
from models.tasks import Recipe
from tests.small_models import small_compact

T, SIDE = 14, 10
SPARSE = Sparse(spans=2, dates=3, spacing=3, batch=20)
PLAIN = replace(Objective(), cleaned=())


def cube(seed: int, *, cloudy: float = 0.2) -> Cube:
    dice = np.random.default_rng(seed)
    optical = dice.random((T, 10, SIDE, SIDE)).astype(np.float32)
    optical[:, :, dice.random((SIDE, SIDE)) < cloudy] = np.nan
    days = np.arange(T) * 5 + 18_000
    return Cube(
        f"site{seed}",
        {
            RADAR: Frames(dice.random((T, 2, SIDE, SIDE)).astype(np.float32), days + 2),
            OPTICAL: Frames(optical, days),
        },
    )


def stored(*cubes: Cube) -> Stored:
    return store(small_compact(), cubes, SPARSE, PLAIN, seed=0)


def test_what_is_stored_is_what_the_whole_cube_gives() -> None:
    model, site = small_compact(), cube(1)
    kept = store(model, [site], SPARSE, PLAIN, seed=0)
    frames = {name: torch.from_numpy(sensor.values) for name, sensor in site.sensors.items()}
    days = {name: torch.from_numpy(sensor.days) for name, sensor in site.sensors.items()}
    with torch.no_grad():
        whole = model.embed_cube(frames, days)
    task = PixelFusion(model, Recipe(), seed=0, objective=PLAIN)
    everything = torch.arange(len(kept.days[OPTICAL]))
    for visit in range(SPARSE.spans * SPARSE.dates):
        here = kept.visit(everything, torch.full_like(everything, visit))
        date = int(np.searchsorted(site.sensors[OPTICAL].days, int(here.days[OPTICAL][0])))
        with torch.no_grad():
            mine = task.embedding(here, model.config.names)[..., 0, 0]
        candidates = [
            whole[date][:, y::3, x::3].flatten(1).T
            for y, x in ((start, start) for start in range(3))
            if whole[date][:, y::3, x::3].flatten(1).shape[1] == len(mine)
        ]
        assert any(torch.allclose(mine, other, atol=1e-5) for other in candidates)


def test_a_pair_is_one_place_on_two_dates() -> None:
    kept = stored(cube(1), cube(2))
    marked = kept._replace(asked={name: torch.zeros_like(values) for name, values in kept.asked.items()})
    for place in range(len(marked.asked[OPTICAL])):
        marked.asked[OPTICAL][place] = place
    for here, later in Pairs(marked, count=5, batch=30, seed=(0, 1)):
        assert torch.equal(here.asked[OPTICAL], later.asked[OPTICAL])
        assert not torch.equal(here.days[OPTICAL], later.days[OPTICAL])
        assert len(here.days[RADAR]) == 30


def test_draws_are_decided_by_their_seed() -> None:
    kept = stored(cube(1))
    one, same, other = (
        torch.stack([pair[0].days[OPTICAL] for pair in Pairs(kept, count=3, batch=9, seed=seed)])
        for seed in ((0, 1), (0, 1), (0, 2))
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_cloud_is_neither_asked_for_nor_lets_the_loss_become_no_number() -> None:
    kept = stored(cube(1, cloudy=0.6))
    task = PixelFusion(small_compact(), Recipe(), seed=0, objective=PLAIN)
    [pair] = Pairs(kept, count=1, batch=40, seed=(0, 1))
    assert torch.isnan(pair[0].asked[OPTICAL]).any()
    loss = task.loss(pair, torch.Generator().manual_seed(0))
    loss.backward()
    grads = [weight.grad for weight in task.parameters() if weight.grad is not None]
    assert loss.isfinite()
    assert grads
    assert all(grad.isfinite().all() for grad in grads)


def test_cubes_without_a_clear_span_are_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="none of the 1 shows 3 successive dates"):
        stored(cube(1, cloudy=1.0))
