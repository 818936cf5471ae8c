"""The sequence models: they learn, they use the day positions, and a sample's prediction is its own."""

import numpy as np
import pytest
import torch

from models.checks import InputError
from models.gpp import EMPTY, PRESETS, SequenceConfig, fit, from_tensors, load, predict, save, to_tensors


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr("models.gpp.STEPS", (150, 150))


def made_up(count: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two tokens; the target is the first one's value, discounted by how many days it lies back."""
    rng = np.random.default_rng(0)
    tokens = rng.normal(size=(count, 2, 1)).astype(np.float32)
    positions = np.stack([rng.integers(0, 30, count), np.full(count, 39)], axis=1)
    target = tokens[:, 0, 0] * (positions[:, 0] >= 15)
    return tokens, positions, target.astype(np.float32)


@pytest.mark.parametrize("name", ["transformer", "gru"])
def test_what_depends_on_the_day_of_a_view_is_learnt(name) -> None:
    tokens, positions, target = made_up()
    config = SequenceConfig(channels=1, days=40, **PRESETS[name])
    fitted = fit(config, tokens=tokens, positions=positions, target=target)
    error = np.mean((predict(fitted, tokens=tokens, positions=positions) - target) ** 2)
    blind = positions.copy()
    blind[:, 0] = 15
    without = np.mean((predict(fitted, tokens=tokens, positions=blind) - target) ** 2)
    assert error < 0.5 * target.var()
    assert without > 1.5 * error


@pytest.mark.parametrize("name", PRESETS)
def test_a_sample_is_the_same_alone_and_among_others(name, monkeypatch) -> None:
    monkeypatch.setattr("models.gpp.STEPS", (3, 3))
    tokens, positions, target = made_up(80)
    tokens[::3, 0] = np.nan
    positions[::3, 0] = EMPTY
    config = SequenceConfig(channels=1, days=40, **PRESETS[name])
    fitted = fit(config, tokens=tokens, positions=positions, target=target)
    whole = predict(fitted, tokens=tokens, positions=positions)
    alone = [predict(fitted, tokens=tokens[i : i + 1], positions=positions[i : i + 1])[0] for i in range(6)]
    np.testing.assert_allclose(whole[:6], alone, atol=1e-5)
    assert np.isfinite(whole).all()


def test_what_is_missing_counts_as_missing_and_not_as_zero(monkeypatch) -> None:
    monkeypatch.setattr("models.gpp.STEPS", (30, 30))
    tokens, positions, target = made_up(100)
    config = SequenceConfig(channels=1, days=40, **PRESETS["transformer"])
    fitted = fit(config, tokens=tokens, positions=positions, target=target)
    mean = np.full((1, 2, 1), float(fitted.model.scaling.mean), np.float32)
    missing = mean.copy()
    missing[0, 0] = np.nan
    one, two = (predict(fitted, tokens=t, positions=positions[:1]) for t in (mean, missing))
    assert abs(one - two)[0] > 1e-6


def test_the_same_seed_trains_the_same_model(monkeypatch) -> None:
    monkeypatch.setattr("models.gpp.STEPS", (5, 5))
    tokens, positions, target = made_up(80)
    config = SequenceConfig(channels=1, days=40, **PRESETS["gru"])
    parts = {"tokens": tokens, "positions": positions, "target": target}
    before = torch.get_rng_state()
    one, two, other = (fit(config, **parts, seed=seed) for seed in (1, 1, 2))
    found = [predict(model, tokens=tokens, positions=positions) for model in (one, two, other)]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])
    assert torch.equal(before, torch.get_rng_state())  # nobody else's random numbers are disturbed


@pytest.mark.parametrize("name", PRESETS)
def test_a_model_comes_back_from_disk(name, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("models.gpp.STEPS", (2, 2))
    tokens, positions, target = made_up(70)
    fitted = fit(
        SequenceConfig(channels=1, days=40, **PRESETS[name]), tokens=tokens, positions=positions, target=target
    )
    save(fitted, tmp_path / "m")
    again = load(tmp_path / "m")
    one, two = (predict(model, tokens=tokens, positions=positions) for model in (fitted, again))
    np.testing.assert_array_equal(one, two)


def test_weights_of_another_model_are_refused(monkeypatch) -> None:
    monkeypatch.setattr("models.gpp.STEPS", (2, 2))
    tokens, positions, target = made_up(70)
    config = SequenceConfig(channels=1, days=40, **PRESETS["gru"])
    tensors = to_tensors(fit(config, tokens=tokens, positions=positions, target=target))
    with pytest.raises(InputError, match="not those of this model"):
        from_tensors(SequenceConfig(channels=2, days=40, **PRESETS["gru"]), tensors)


def test_shapes_that_cannot_be_are_named() -> None:
    config = SequenceConfig(channels=3, days=40, **PRESETS["gru"])
    tokens, positions, target = made_up(70)
    with pytest.raises(InputError, match=r"tokens: have the shape \(70, 2, 1\)"):
        fit(config, tokens=tokens, positions=positions, target=target)
    late = SequenceConfig(channels=1, days=20, **PRESETS["gru"])
    with pytest.raises(InputError, match="positions: go to day 39; give days within a window of 20"):
        fit(late, tokens=tokens, positions=positions, target=target)
    with pytest.raises(InputError, match="cannot be split among 4 heads"):
        SequenceConfig(kind="transformer", channels=1, days=5, width=50, layers=1)
