"""Stage 1: any odd window, any bands, any bottleneck; wrong ones are refused by name."""

import math
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
import torch

from models.autoencoder import ModalityAutoencoder, ModalityConfig, fill_missing
from models.checks import ConfigError, InputError
from models.contract import Sample
from models.presets import PAPER

Make = Callable[..., ModalityConfig]
Draw = Callable[..., Sample]


@pytest.mark.parametrize("size", [3, 5, 7, 9, 13, 15, 17, 21])
@pytest.mark.parametrize("frames", [1, 3, 11])
def test_every_odd_window_is_rebuilt_in_its_own_shape(modality: Make, draw: Draw, size: int, frames: int) -> None:
    config = modality(size=size, frames=frames, bands=("a",), bottleneck=3)
    sample = draw(config, batch=2)
    reconstruction = ModalityAutoencoder(config).eval()(sample)
    assert reconstruction.bottleneck.shape == (2, 3)
    assert reconstruction.frames.shape == sample.frames.shape


def test_the_paper_squeezes_a_frame_into_256_values() -> None:
    assert [(m.side, m.width) for m in PAPER.modalities] == [(4, 256), (4, 256)]


@pytest.mark.parametrize("attention", ["time", "released"])
def test_a_sample_is_encoded_alike_alone_and_in_a_batch(modality: Make, draw: Draw, attention: str) -> None:
    torch.manual_seed(0)
    config = modality(attention=attention)
    model, batch = ModalityAutoencoder(config).eval(), draw(config, batch=5)
    alone = [model.encode(Sample(batch.frames[i : i + 1], batch.gaps[i : i + 1])) for i in range(5)]
    torch.testing.assert_close(torch.cat(alone), model.encode(batch), rtol=0, atol=1e-6)


def test_released_attention_is_the_literal_one_on_a_batch_of_one(modality: Make, draw: Draw) -> None:
    torch.manual_seed(0)
    config = modality(attention="released")
    model, batch = ModalityAutoencoder(config).eval(), draw(config, batch=3)
    ours = model.encode(batch)
    model.encoder.attention = "literal"
    ones = [model.encode(Sample(batch.frames[i : i + 1], batch.gaps[i : i + 1])) for i in range(3)]
    torch.testing.assert_close(ours, torch.cat(ones), rtol=0, atol=1e-6)
    assert (model.encode(batch) - ours).abs().max() > 1e-4  # and in a batch the literal one mixes the samples


def test_gradients_reach_every_parameter(modality: Make, draw: Draw) -> None:
    torch.manual_seed(0)
    config = modality(stem=32, body=32, neck=32, latent=16)  # wide enough that no ReLU is shut for every sample
    model = ModalityAutoencoder(config)
    model(draw(config)).frames.square().mean().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_encoder_and_decoder_share_table_and_transformer(modality: Make) -> None:
    model = ModalityAutoencoder(modality())
    assert model.encoder.positional_embedding_shared is model.decoder.positional_embedding_shared
    assert model.encoder.transformer_enc is model.decoder.transformer_dec


def test_a_year_between_frames_is_beyond_the_table_and_no_error(modality: Make, draw: Draw) -> None:
    config = modality(positions=20)
    sample = draw(config)
    far = Sample(sample.frames, torch.full_like(sample.gaps, 365))
    assert torch.isfinite(ModalityAutoencoder(config).eval()(far).frames).all()


def test_missing_values_become_the_mean_of_their_band_and_window() -> None:
    frames = torch.tensor([1.0, 3.0, math.nan, 8.0]).reshape(1, 2, 1, 1, 2)
    assert fill_missing(frames).flatten().tolist() == [1, 3, 4, 8]
    assert fill_missing(torch.full((1, 2, 1, 1, 2), math.nan)).eq(0).all()
    two_bands = torch.tensor([1.0, math.nan, math.nan, 5.0]).reshape(1, 2, 2, 1, 1)
    assert fill_missing(two_bands).flatten().tolist() == [1, 5, 1, 5]


def test_missing_values_are_filled_before_they_are_encoded(modality: Make, draw: Draw) -> None:
    config = modality()
    model, (frames, gaps) = ModalityAutoencoder(config).eval(), draw(config)
    cloudy = frames.clone()
    cloudy[0, 1] = math.nan
    assert torch.equal(model.encode(Sample(cloudy, gaps)), model.encode(Sample(fill_missing(cloudy), gaps)))


@pytest.mark.parametrize(
    ("dims", "words"),
    [
        ({"size": 8}, "size is 8; it must be odd"),
        ({"size": 1}, "size is 1; it must be odd and at least 3"),
        ({"frames": 10}, "frames is 10; it must be odd"),
        ({"frames": 11.0}, "frames is 11.0; it must be a whole number"),
        ({"bottleneck": 0}, "bottleneck is 0"),
        ({"tokens": -1}, "tokens is -1"),
        ({"bands": ()}, "name at least one"),
        ({"bands": ("VV", "VV")}, "none twice"),
        ({"kernels": (2,)}, "kernels is 2"),
        ({"kernels": ()}, "at least one kernel"),
        ({"heads": 3}, "does not divide width"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"attention": "literal"}, "choose one of time, released"),
        ({"name": "s.2"}, "letters, digits"),
    ],
)
def test_dims_that_do_not_fit_are_refused_up_front(modality: Make, dims: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        modality(**dims)


def test_a_config_survives_its_dict_and_refuses_unknown_entries(modality: Make) -> None:
    config = modality()
    assert ModalityConfig.from_dict({**asdict(config), "bands": list(config.bands)}) == config
    with pytest.raises(ConfigError, match="colour"):
        ModalityConfig.from_dict({**asdict(config), "colour": "red"})


@pytest.mark.parametrize("change", [{"size": 9}, {"frames": 7}, {"bands": ("red",)}])
def test_a_sample_of_other_dims_is_refused_by_name(modality: Make, draw: Draw, change: dict[str, object]) -> None:
    config = modality()
    with pytest.raises(InputError, match=r"s2 frames are .* red nir swir"):
        ModalityAutoencoder(config)(draw(replace(config, **change)))


def test_gaps_of_the_wrong_shape_or_type_are_refused(modality: Make, draw: Draw) -> None:
    config = modality()
    frames, gaps = draw(config)
    for wrong in (gaps[:, 1:], gaps.float(), gaps[:1]):
        with pytest.raises(InputError, match=r"s2 gaps are .* whole days of shape \(3, 4\)"):
            ModalityAutoencoder(config)(Sample(frames, wrong))
