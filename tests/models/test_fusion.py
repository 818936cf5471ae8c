"""Stage 2: the released layout, one pixel one embedding, sensors that come and go."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from models.autoencoder import ModalityAutoencoder, ModalityConfig
from models.checks import ConfigError, InputError
from models.contract import Sample
from models.fusion import Fusion, FusionConfig
from models.presets import PAPER

Build = Callable[[FusionConfig], Fusion]
Inputs = tuple[dict[str, Sample], Tensor]

# The embedding of the small test model under weights salted "tests". Computed by this code when it reproduced the
# reference implementation's own outputs on the full-size case to 4e-6.
GOLDEN = [
    [0.339268, 3.437965, 0.247205, 0.637260, 0.172631],
    [0.518216, 2.679733, 0.310908, 0.211664, 0.105877],
    [0.375641, 3.206520, 0.235256, 0.382892, 0.124430],
]


def take(inputs: Inputs, rows: list[int]) -> Inputs:
    samples, pair_gaps = inputs
    return {name: Sample(s.frames[rows], s.gaps[rows]) for name, s in samples.items()}, pair_gaps[rows]


def test_the_paper_has_exactly_the_released_entries(reference: Path) -> None:
    released = json.loads((reference / "fusion_state_dict.json").read_text())
    with torch.device("meta"):
        ours = Fusion(PAPER).state_dict()
    assert {name: list(value.shape) for name, value in ours.items()} == released


def test_the_small_model_still_gives_its_golden_embedding(config: FusionConfig, build: Build, inputs: Inputs) -> None:
    torch.testing.assert_close(build(config).embed(*inputs), torch.tensor(GOLDEN), rtol=0, atol=1e-5)


@pytest.mark.parametrize("attention", ["time", "released"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.integers(0, 2), min_size=1, max_size=6))
def test_same_pixel_same_embedding_in_any_batch(
    config: FusionConfig, build: Build, inputs: Inputs, attention: str, rows: list[int]
) -> None:
    model = build(config.with_attention(attention))
    expected = torch.cat([model.embed(*take(inputs, [row])) for row in rows])
    torch.testing.assert_close(model.embed(*take(inputs, rows)), expected, rtol=0, atol=1e-5)


def test_forward_gives_the_embedding_and_every_sensors_frames(
    config: FusionConfig, build: Build, inputs: Inputs
) -> None:
    fused = build(config)(*inputs)
    torch.testing.assert_close(fused.embedding, build(config).embed(*inputs))
    assert fused.embedding.shape == (3, 5)
    assert {name: tuple(z.shape) for name, z in fused.bottlenecks.items()} == {"s1": (3, 2), "s2": (3, 4)}
    assert all(fused.reconstructions[name].shape == sample.frames.shape for name, sample in inputs[0].items())


def test_gradients_reach_everything_but_the_unused_expander(config: FusionConfig, inputs: Inputs) -> None:
    model = Fusion(config)
    fused = model(*inputs)
    sum(frames.square().mean() for frames in fused.reconstructions.values()).backward()
    still = {name for name, p in model.named_parameters() if p.grad is None}
    assert still == {"bottleneck_expander.0.weight", "bottleneck_expander.0.bias"}


@pytest.mark.parametrize("present", ["s1", "s2"])
def test_a_missing_sensor_leaves_an_embedding_of_the_other(
    config: FusionConfig, build: Build, inputs: Inputs, present: str
) -> None:
    samples, pair_gaps = inputs
    fused = build(config)({present: samples[present]}, pair_gaps)
    assert torch.isfinite(fused.embedding).all()
    assert set(fused.bottlenecks) == set(fused.reconstructions) == {present}


def test_the_order_in_which_sensors_are_given_does_not_matter(
    config: FusionConfig, build: Build, inputs: Inputs
) -> None:
    samples, pair_gaps = inputs
    turned = dict(reversed(samples.items()))
    assert torch.equal(build(config).embed(samples, pair_gaps), build(config).embed(turned, pair_gaps))


def test_a_gap_between_sensors_beyond_the_table_counts_as_its_last_day(
    config: FusionConfig, build: Build, inputs: Inputs
) -> None:
    samples, pair_gaps = inputs
    last, beyond = (build(config).embed(samples, torch.full_like(pair_gaps, days)) for days in (39, 4000))
    assert torch.equal(last, beyond)


def test_a_third_sensor_is_a_config_entry_and_leaves_the_others_untouched(
    config: FusionConfig, inputs: Inputs, modality: Callable[..., ModalityConfig], draw: Callable[..., Sample]
) -> None:
    trained = {m.name: ModalityAutoencoder(m).eval() for m in config.modalities}
    weather = modality(name="weather", bands=("temperature",), size=3, heads=1, bottleneck=3)
    wider = replace(config, modalities=(*config.modalities, weather))
    model = Fusion(wider, autoencoders=trained).eval()
    samples = {**inputs[0], "weather": draw(weather)}
    fused = model(samples, torch.tensor([[0, 0], [4, 1], [9, 2]]))
    assert fused.embedding.shape == (3, 5)
    for name, autoencoder in trained.items():
        assert torch.equal(fused.bottlenecks[name], autoencoder.encode(samples[name]))


def test_an_autoencoder_of_other_dims_is_not_taken(config: FusionConfig) -> None:
    other = ModalityAutoencoder(replace(config.modalities[1], bottleneck=9))
    with pytest.raises(ConfigError, match="given as 's2'"):
        Fusion(config, autoencoders={"s2": other})


@pytest.mark.parametrize(
    ("dims", "words"),
    [
        ({"modalities": ()}, "at least one"),
        ({"bottleneck": 0}, "bottleneck is 0"),
        ({"heads": 5}, "heads is 5, which does not divide width = 16"),
        ({"dropout": -0.1}, "dropout rate"),
    ],
)
def test_dims_that_do_not_fit_are_refused_up_front(config: FusionConfig, dims: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        replace(config, **dims)


def test_two_sensors_of_one_name_are_refused(config: FusionConfig) -> None:
    with pytest.raises(ConfigError, match="no name twice"):
        replace(config, modalities=config.modalities[:1] * 2)


def test_a_config_survives_json(config: FusionConfig) -> None:
    assert FusionConfig.from_dict(json.loads(json.dumps(asdict(config)))) == config
    with pytest.raises(ConfigError, match="FusionConfig does not fit"):
        FusionConfig.from_dict({"bottleneck": 7})


def test_bad_input_is_refused_by_name(config: FusionConfig, build: Build, inputs: Inputs) -> None:
    model, (samples, pair_gaps) = build(config), inputs
    fewer = {**samples, "s1": Sample(samples["s1"].frames[:2], samples["s1"].gaps[:2])}
    for given_samples, gaps, words in [
        ({}, pair_gaps, r"\[\]; give at least one of .*s1, s2"),
        ({**samples, "landsat": samples["s2"]}, pair_gaps, "landsat"),
        (samples, pair_gaps[:, 0], r"pair_gaps are .* of shape \(3, 1\)"),
        (samples, pair_gaps.float(), "whole days"),
        (fewer, pair_gaps, "equally many"),
    ]:
        with pytest.raises(InputError, match=words):
            model(given_samples, gaps)
