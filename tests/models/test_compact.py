"""The compact architecture: one value per pixel-date however it is computed, and cheap."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from models import checkpoint
from models.checks import ConfigError, InputError
from models.compact import CompactModalityConfig
from models.compact_fusion import CompactFusion
from models.contract import Sample
from models.presets import COMPACT

T, S = 11, 15  # a window's frames and pixels along a side


@pytest.fixture(scope="module")
def model() -> CompactFusion:
    torch.manual_seed(1)
    return CompactFusion(COMPACT).eval()


def cube(
    *, dates: int = 14, height: int = 18, width: int = 17, seed: int = 0
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Random frames of both sensors, clouds in the optical ones, with their days."""
    dice = np.random.default_rng(seed)
    frames = {m.name: dice.uniform(0, 0.6, (dates, len(m.bands), height, width)) for m in COMPACT.modalities}
    cloudy = dice.random((dates, 1, height, width)) < 0.3
    frames["s2"] = np.where(cloudy, np.nan, frames["s2"])
    days = {"s1": np.cumsum(dice.integers(0, 9, dates)), "s2": np.cumsum(dice.integers(1, 9, dates))}
    tensors = {name: torch.tensor(values, dtype=torch.float32) for name, values in frames.items()}
    return tensors, {name: torch.tensor(values) for name, values in days.items()}


def window(
    frames: dict[str, Tensor], days: dict[str, Tensor], t: int, y: int, x: int
) -> tuple[dict[str, Sample], Tensor]:
    """The window of one pixel-date that lies well inside the cube."""
    when, rows, columns = slice(t - 5, t + 6), slice(y - 7, y + 8), slice(x - 7, x + 8)
    samples = {
        name: Sample(frames[name][None, when, :, rows, columns], days[name][None, when].diff(dim=1)) for name in frames
    }
    return samples, (days["s2"][t] - days["s1"][t]).abs().view(1, 1)


@settings(max_examples=12)
@given(seed=st.integers(0, 99), t=st.integers(5, 8), y=st.integers(7, 10), x=st.integers(7, 9))
def test_one_pixel_one_context_one_embedding(model: CompactFusion, seed: int, t: int, y: int, x: int) -> None:
    frames, days = cube(seed=seed)
    with torch.inference_mode():
        dense = model.embed_cube(frames, days)[t, :, y, x]
        alone = model.embed(*window(frames, days, t, y, x))[0]
        part = {name: values[t - 5 : t + 6, :, y - 7 : y + 8, x - 7 : x + 8] for name, values in frames.items()}
        chunk = model.embed_cube(part, {name: values[t - 5 : t + 6] for name, values in days.items()})[5, :, 7, 7]
    assert alone.numpy() == pytest.approx(dense.numpy(), abs=1e-5)
    assert chunk.numpy() == pytest.approx(dense.numpy(), abs=1e-5)


@settings(max_examples=15)
@given(first=st.integers(0, 12), count=st.integers(1, 6), row=st.integers(0, 3), every=st.integers(1, 4))
def test_some_dates_and_some_pixels_are_as_in_the_whole(
    model: CompactFusion, first: int, count: int, row: int, every: int
) -> None:
    frames, days = cube(seed=4)
    dates, pixels = slice(first, first + count), (slice(row, None, every), slice(row + 1, None, every))
    with torch.inference_mode():
        whole = model.embed_cube(frames, days)[dates, :, pixels[0], pixels[1]]
        assert torch.allclose(model.embed_cube(frames, days, dates, pixels), whole, atol=1e-5)


@pytest.mark.parametrize("dates", [slice(0, 3), slice(4, 9), slice(9, 14), slice(None)])
@pytest.mark.parametrize("sensors", [("s1", "s2"), ("s2",), ("s1",)])
def test_what_is_wanted_alone_is_as_in_the_whole_and_the_rest_is_missing(
    model: CompactFusion, dates: slice, sensors: tuple[str, ...]
) -> None:
    frames, days = ({name: values[name] for name in sensors} for values in cube(seed=5))
    seen = torch.tensor(np.random.default_rng(1).random((14, 18, 17)) < 0.3)[dates]
    seen[1] = False
    with torch.inference_mode():
        whole = model.embed_cube(frames, days, dates)
        picked = model.embed_seen(frames, days, dates, seen)
    assert torch.equal(picked.isfinite(), seen[:, None].expand_as(picked))
    assert torch.where(seen[:, None], picked - whole, 0).abs().max() <= 1e-5


def test_the_order_of_a_batch_does_not_matter(model: CompactFusion) -> None:
    frames, days = cube()
    singles = [window(frames, days, t, 8, 8) for t in (5, 6, 7)]
    batch = {
        name: Sample(*(torch.cat(part) for part in zip(*(s[name] for s, _ in singles), strict=True))) for name in frames
    }
    with torch.inference_mode():
        together = model.embed(batch, torch.cat([gap for _, gap in singles]))
        apart = torch.cat([model.embed(samples, gap) for samples, gap in singles])
    assert torch.allclose(together, apart, atol=1e-5)


def test_what_lies_outside_the_window_does_not_count_and_what_lies_inside_does(model: CompactFusion) -> None:
    frames, days = cube(dates=13, height=19, width=19)
    t, y, x = 6, 9, 9

    def embedded(band: str, *place: int) -> Tensor:
        changed = {name: values.clone() for name, values in frames.items()}
        changed[band][place[0], :, place[1], place[2]] = 0.9
        return model.embed_cube(changed, days)[t, :, y, x]

    with torch.inference_mode():
        before = model.embed_cube(frames, days)[t, :, y, x]
        outside = [embedded("s2", 0, y, x), embedded("s1", 12, y, x), embedded("s2", t, y + 8, x)]
        inside = [embedded("s2", 1, y, x), embedded("s1", 11, y, x), embedded("s2", t, y + 7, x - 7)]
    assert all(torch.allclose(before, after, atol=1e-6) for after in outside)
    assert not any(torch.allclose(before, after, atol=1e-7) for after in inside)


def test_it_is_small_and_cheap(model: CompactFusion) -> None:
    """At most 1 M parameters and 10 MFLOP per pixel-date, counted over a cube of 24 x 24 px and 20 dates."""
    frames, days = cube(dates=20, height=24, width=24)
    counter = FlopCounterMode(display=False)
    with counter, torch.inference_mode():
        model.embed_cube(frames, days)
    glances = sum(
        2 * m.rounds * m.frames * 2 * m.width for m in COMPACT.modalities
    )  # scores and sums, not counted above
    assert counter.get_total_flops() / (20 * 24 * 24) + glances <= 10e6
    assert sum(parameter.numel() for parameter in model.parameters()) <= 1e6


def test_a_gap_of_any_length_and_a_window_of_nothing_give_numbers(model: CompactFusion) -> None:
    frames, days = cube(dates=11, height=15, width=15)
    far = {name: values * 1000 for name, values in days.items()}
    nothing = {name: torch.full_like(values, torch.nan) for name, values in frames.items()}
    with torch.inference_mode():
        assert model.embed_cube(frames, far).isfinite().all()
        assert model.embed_cube(nothing, days).isfinite().all()
        assert (
            model.embed_cube({name: v[:1] for name, v in frames.items()}, {n: v[:1] for n, v in days.items()})
            .isfinite()
            .all()
        )


@pytest.mark.parametrize("kept", ["s1", "s2"])
def test_a_missing_sensor_is_allowed(model: CompactFusion, kept: str) -> None:
    frames, days = cube()
    with torch.inference_mode():
        dense = model.embed_cube({kept: frames[kept]}, {kept: days[kept]})[6, :, 8, 8]
        samples, gap = window(frames, days, 6, 8, 8)
        alone = model.embed({kept: samples[kept]}, gap * 0)[0]
    assert alone.numpy() == pytest.approx(dense.numpy(), abs=1e-5)


def test_the_way_back_has_the_shape_of_the_way_in(model: CompactFusion) -> None:
    frames, days = cube()
    fused = model(*window(frames, days, 6, 8, 8))
    assert fused.embedding.shape == (1, COMPACT.bottleneck)
    assert fused.reconstructions["s2"].shape == (1, T, 10, S, S)
    assert fused.reconstructions["s1"].shape == (1, T, 2, S, S)


def test_gradients_reach_every_weight(model: CompactFusion) -> None:
    frames, days = cube()
    fused = model(*window(frames, days, 6, 8, 8))
    sum(values.square().mean() for values in fused.reconstructions.values()).backward()
    assert [name for name, weight in model.named_parameters() if weight.grad is None] == []
    model.zero_grad()


@pytest.mark.parametrize(("size", "dilations"), [(15, (4, 2, 1)), (9, (2, 1, 1)), (3, (1,)), (1, ())])
def test_convolutions_reach_exactly_the_windows_edge(size: int, dilations: tuple[int, ...]) -> None:
    config = replace(COMPACT.modalities[0], size=size)
    assert config.dilations == dilations
    assert sum(dilations) == config.radius


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frames": 10}, "frames is 10"),
        ({"heads": 5}, "heads is 5"),
        ({"std": (0.1,)}, "one each per band"),
        ({"bands": ()}, "at least one"),
        ({"bottleneck": 0}, "bottleneck is 0"),
    ],
)
def test_dims_that_do_not_fit_are_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        replace(COMPACT.modalities[1], **changes)


def test_a_sample_of_other_bands_is_refused(model: CompactFusion) -> None:
    with pytest.raises(InputError, match="B02 B03"):
        model.encode({"s2": Sample(torch.zeros(1, T, 4, S, S), torch.ones(1, T - 1, dtype=torch.int64))})


def test_a_config_survives_json() -> None:
    config = COMPACT.modalities[0]
    values = {**config.__dict__, "bands": list(config.bands), "mean": list(config.mean)}
    assert CompactModalityConfig.from_dict(values) == config


def test_weights_survive_the_way_to_disk(model: CompactFusion, tmp_path: Path) -> None:
    checkpoint.save(model, tmp_path, config=COMPACT, preset="compact", stage="fusion")
    loaded = checkpoint.load(tmp_path)
    frames, days = cube()
    with torch.inference_mode():
        assert torch.equal(loaded.model.embed_cube(frames, days), model.embed_cube(frames, days))
    assert loaded.config == COMPACT


def test_turned_axes_change_the_coordinates_and_nothing_that_is_unfolded() -> None:
    torch.manual_seed(5)
    model = CompactFusion(COMPACT).eval()
    frames = {m.name: torch.rand(3, len(m.bands), 4, 4) for m in COMPACT.modalities}
    days = {m.name: torch.tensor([0, 5, 12]) for m in COMPACT.modalities}
    axes, centre = torch.linalg.qr(torch.randn(7, 7))[0], torch.randn(7)
    with torch.inference_mode():
        before = model.embed_cube(frames, days)
        said = [model.answer(before, name, days[name]) for name in frames]
        model.turn(centre, axes)
        after = model.embed_cube(frames, days)
        expected = torch.einsum("ed,tdyx->teyx", axes, before - centre.view(-1, 1, 1))
        assert torch.allclose(after, expected, atol=1e-5)
        for name, values in zip(frames, said, strict=True):
            assert torch.allclose(model.answer(after, name, days[name]), values, atol=1e-5)
