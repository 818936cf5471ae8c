"""Whole cubes come out as each of their windows does on its own."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.autoencoder import ModalityConfig
from models.checks import InputError
from models.fusion import Fusion, FusionConfig
from models.inputs import Frames
from models.patches import PatchEmbedder
from tests.models.windows import one_by_one

T, H, W = 9, 10, 12  # windows are 5 frames of 7 x 7 pixels


def cube(*, step: int = 5, seed: int = 0) -> dict[str, Frames]:
    """A cube without gaps; the radar dates trail the optical ones."""
    dice = np.random.default_rng(seed)
    days = 18_000 + np.arange(T) * step + dice.integers(0, 2, T)
    return {
        "s1": Frames(dice.random((T, 2, H, W), dtype=np.float32), days - np.arange(T) % 3),
        "s2": Frames(dice.random((T, 3, H, W), dtype=np.float32), days),
    }


def cloudy(*, share: float = 0.3, step: int = 5, seed: int = 0) -> dict[str, Frames]:
    frames, dice = cube(step=step, seed=seed), np.random.default_rng(seed + 1)
    for sensor, (values, _) in frames.items():
        values.swapaxes(0, 1)[:, dice.random((T, H, W)) < (share if sensor == "s2" else 0.1)] = np.nan
    frames["s2"].values[4, :, :, 2:] = np.nan  # patches that are nothing but cloud
    frames["s2"].values[5, :, 1:] = np.nan
    return frames


def assert_as_alone(model: Fusion, frames: Mapping[str, Frames]) -> np.ndarray:
    found, expected = PatchEmbedder(model).embed(frames), one_by_one(model, frames)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.isfinite(expected).any()
    assert np.nanstd(expected, axis=(0, 2, 3)).min() > 0.01  # pixel-dates differ, so that mixing them up would show
    np.testing.assert_allclose(found, expected, atol=1e-5)
    return found


@pytest.mark.parametrize("attention", ["time", "released"])
def test_a_clear_cube(build, config: FusionConfig, attention) -> None:
    found = assert_as_alone(build(config.with_attention(attention)), cube())
    embedded = np.isfinite(found).all(axis=1)
    assert embedded.sum() == (T - 4) * (H - 6) * (W - 6)
    assert embedded[2:-2, 3:-3, 3:-3].all()


@pytest.mark.parametrize("attention", ["time", "released"])
def test_a_cloudy_cube(build, config: FusionConfig, attention) -> None:
    found = assert_as_alone(build(config.with_attention(attention)), cloudy())
    assert 0 < np.isfinite(found[2:-2, :, 3:-3, 3:-3]).mean() < 0.8


def test_pixels_that_lack_some_bands_only(build, config: FusionConfig) -> None:
    frames = cloudy()
    values, dice = frames["s2"].values, np.random.default_rng(8)
    values[:, 1][dice.random((T, H, W)) < 0.05] = np.nan
    values[3, 2] = np.nan
    assert_as_alone(build(config), frames)


def test_a_radar_that_saw_nothing_is_filled_with_zeros(build, config: FusionConfig) -> None:
    frames = cloudy()
    frames["s1"].values[:] = np.nan
    assert_as_alone(build(config), frames)


def test_a_site_without_radar(build, config: FusionConfig) -> None:
    assert_as_alone(build(config), {"s2": cloudy()["s2"]})


def test_a_radar_acquisition_that_serves_several_dates(build, config: FusionConfig) -> None:
    frames = cloudy()
    days, values = frames["s1"].days, frames["s1"].values
    values[1::2], days[1::2] = values[:-1:2], days[:-1:2]
    assert_as_alone(build(config), frames)


@pytest.mark.parametrize("step", [49, 50, 51])
def test_windows_around_and_beyond_200_days(build, config: FusionConfig, step) -> None:
    """At 50 days some windows span 199, some 200 and 201."""
    frames = cloudy(step=step)
    spans = frames["s2"].days[4:] - frames["s2"].days[:-4]
    assert (spans < 200).any() == (step < 51)
    assert (spans >= 200).any() == (step > 49)
    assert_as_alone(build(config), frames)


def test_a_long_window_counts_its_dates_in_steps_of_one_day(build, config: FusionConfig) -> None:
    embedder, long, longer = PatchEmbedder(build(config)), cube(step=60), cube(step=90)
    np.testing.assert_allclose(embedder.embed(long), embedder.embed(longer), atol=1e-6)
    timing = embedder.timing(long, 4)
    assert all(gaps.tolist() == [1] * 4 for gaps in timing.gaps.values())
    assert timing.pair_gaps.tolist() == [abs(int(long["s1"].days[4] - long["s2"].days[4]))]


@pytest.fixture
def whole(build, config: FusionConfig) -> tuple[PatchEmbedder, np.ndarray]:
    embedder = PatchEmbedder(build(config))
    return embedder, embedder.embed(cloudy())


@given(start=st.integers(0, T - 1), length=st.integers(1, T), top=st.integers(0, 3), left=st.integers(0, 5))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
def test_a_part_has_the_embeddings_it_has_within_the_whole(whole, start, length, top, left) -> None:
    embedder, expected = whole
    dates = slice(start, min(T, start + length))
    assert np.array_equal(np.isnan(embedder.embed(cloudy(), dates)), np.isnan(expected[dates]))
    around = slice(max(0, dates.start - 2), dates.stop + 2)
    part = {name: Frames(f.values[around, :, top:, left:], f.days[around]) for name, f in cloudy().items()}
    found = embedder.embed(part, slice(dates.start - around.start, dates.stop - around.start))
    inner = (..., slice(3, H - top - 3), slice(3, W - left - 3))
    there = expected[dates, :, top:, left:]
    np.testing.assert_allclose(found[inner], there[inner], atol=1e-5)


def test_tiles_do_not_show(whole, monkeypatch) -> None:
    monkeypatch.setattr("models.patches.TILE", 3)
    monkeypatch.setattr("models.sliding.PATCHES", 5)
    embedder, expected = whole
    np.testing.assert_allclose(embedder.embed(cloudy()), expected, atol=1e-5)


def test_rebuilding_gives_the_centre_of_what_the_decoders_give(build, config: FusionConfig) -> None:
    import torch

    model, frames, dates = build(config), cloudy(), slice(3, 6)
    embedder = PatchEmbedder(model)
    embedding = embedder.embed(frames, dates)
    found = embedder.rebuild(embedding, frames, dates)
    date, row, col = np.argwhere(np.isfinite(embedding).all(axis=1))[7]
    gaps = {name: g[None] for name, g in embedder.timing(frames, 3 + date).gaps.items()}
    with torch.inference_mode():
        expected = model.decode(torch.from_numpy(embedding[date, :, row, col])[None], gaps)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][date, :, row, col], values[0, 2, :, 3, 3].numpy(), atol=1e-5)
    for name in found:
        np.testing.assert_array_equal(np.isnan(found[name]).any(axis=1), np.isnan(embedding).any(axis=1))


@pytest.mark.parametrize("shape", [(4, H, W), (T, 6, W), (T, H, 6), (1, 1, 1)])
def test_a_cube_without_a_whole_window_has_no_embedding(build, config: FusionConfig, shape) -> None:
    t, h, w = shape
    part = {name: Frames(f.values[:t, :, :h, :w], f.days[:t]) for name, f in cube().items()}
    found = PatchEmbedder(build(config)).embed(part)
    assert found.shape == (t, 5, h, w)
    assert np.isnan(found).all()


def test_what_cannot_be_embedded_is_refused(build, config: FusionConfig, modality) -> None:
    with pytest.raises(InputError, match="give s2"):
        PatchEmbedder(build(config)).embed({"s1": cube()["s1"]})
    with pytest.raises(InputError, match="this model knows: s1, s2"):
        PatchEmbedder(build(config)).embed(cube() | {"s3": cube()["s1"]})
    radar: ModalityConfig = modality(name="s1", bands=("VV", "VH"), size=9)
    with pytest.raises(InputError, match="windows of s1 and s2 differ"):
        PatchEmbedder(build(FusionConfig(modalities=(radar, modality()), width=16, feedforward=8)))
    with pytest.raises(InputError, match="cubes need s2"):
        PatchEmbedder(build(FusionConfig(modalities=(modality(name="s1"),), width=16, feedforward=8)))
