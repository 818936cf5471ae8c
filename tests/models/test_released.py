"""Checkpoints laid out as the authors' load whole or not at all. The files here are made by the tests."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.autoencoder import ModalityAutoencoder
from models.cases import weights_by_rule
from models.checks import CheckpointError
from models.contract import Sample
from models.fusion import Fusion, FusionConfig
from models.presets import PAPER
from models.released import load_released
from tests.hostile import Trap

State = dict[str, Tensor]

# The released widths over the smallest windows, so that a file stays quick to make.
SENSORS = tuple(replace(m, frames=3, size=3, positions=20, tokens=2) for m in PAPER.modalities)
SMALL_PAPER = replace(PAPER, modalities=SENSORS, bottleneck=4, width=16, positions=30)


@pytest.fixture(scope="module")
def fusion_state() -> State:
    return weights_by_rule(Fusion(SMALL_PAPER).state_dict(), salt="released")


@pytest.fixture(scope="module")
def s2_state() -> State:
    return weights_by_rule(ModalityAutoencoder(SENSORS[1]).state_dict(), salt="released")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[State], Path]:
    """A Lightning checkpoint of a state dict."""

    def make(state: State) -> Path:
        path = tmp_path / "model.ckpt"
        hyper = {"lr": 1e-4, "kernels": [3, 7], "name": "fusion"}
        torch.save({"state_dict": state, "hyper_parameters": hyper, "epoch": 3, "optimizer_states": []}, path)
        return path

    return make


Write = Callable[[State], Path]


def test_a_fusion_checkpoint_loads_with_the_dims_of_its_tensors(write: Write, fusion_state: State) -> None:
    loaded = load_released(write(fusion_state))
    assert loaded.config == replace(SMALL_PAPER.with_attention("released"), feedforward=256)
    assert (loaded.preset, loaded.stage) == ("paper", "fusion")
    assert torch.equal(loaded.model.state_dict()["proj_s1.weight"], fusion_state["proj_s1.weight"])


def test_where_shared_entries_differ_the_decoders_wins(write: Write, fusion_state: State) -> None:
    state = load_released(write(fusion_state)).model.state_dict()
    names = [f"{coder}_s2.positional_embedding_shared.position_embeddings.weight" for coder in ("enc", "dec")]
    assert not torch.equal(fusion_state[names[0]], fusion_state[names[1]])
    assert all(torch.equal(state[name], fusion_state[names[1]]) for name in names)


@pytest.mark.parametrize("attention", ["time", "released"])
def test_attention_is_the_readers_choice(write: Write, fusion_state: State, attention: str) -> None:
    loaded = load_released(write(fusion_state), attention=attention)
    assert {m.attention for m in loaded.config.modalities} == {attention}
    assert loaded.model.get_submodule("enc_s2").attention == attention


@pytest.mark.parametrize("prefix", ["model.", "net._orig_mod."])
def test_a_wrappers_prefix_is_seen_through(write: Write, fusion_state: State, prefix: str) -> None:
    wrapped = write({prefix + name: value for name, value in fusion_state.items()})
    assert load_released(wrapped).config.bottleneck == 4


@pytest.mark.parametrize(("encoder", "decoder"), [("encoder.", "decoder."), ("model.enc.", "model.dec.")])
def test_a_stage_1_checkpoint_is_told_by_its_bands(write: Write, s2_state: State, encoder: str, decoder: str) -> None:
    renamed = {k.replace("encoder.", encoder, 1).replace("decoder.", decoder, 1): v for k, v in s2_state.items()}
    loaded = load_released(write(renamed), attention="time")
    assert (loaded.stage, loaded.config) == ("modality", SENSORS[1])
    bare = load_released(write(s2_state)).model.state_dict()
    assert all(torch.equal(value, bare[name]) for name, value in loaded.model.state_dict().items())


def test_stage_1_checkpoints_become_the_encoders_of_a_fusion(write: Write, s2_state: State) -> None:
    s1_state = weights_by_rule(ModalityAutoencoder(SENSORS[0]).state_dict(), salt="released")
    s1, s2 = (load_released(write(state)) for state in (s1_state, s2_state))
    config = FusionConfig(modalities=(s1.config, s2.config))
    fusion = Fusion(config, autoencoders={"s1": s1.model, "s2": s2.model}).eval()
    sample = Sample(torch.rand(2, 3, 10, 3, 3), torch.tensor([[5, 5], [10, 2]]))
    assert torch.equal(fusion.encode({"s2": sample})["s2"], s2.model.encode(sample))


def test_a_bare_state_dict_loads_too(tmp_path: Path, fusion_state: State) -> None:
    torch.save(fusion_state, tmp_path / "state.pt")
    assert load_released(tmp_path / "state.pt").stage == "fusion"


@pytest.mark.parametrize(
    "entry", ["type_embed.weight", "head_s1.bias", "enc_s2.dim_reducer.conv0.0.weight", "dec_s1.decoder_linear.0.bias"]
)
def test_a_missing_entry_is_named(write: Write, fusion_state: State, entry: str) -> None:
    rest = {name: value for name, value in fusion_state.items() if name != entry}
    with pytest.raises(CheckpointError, match=f"lacks {entry}; it is not"):
        load_released(write(rest))


def test_a_missing_stage_1_entry_is_named(write: Write, s2_state: State) -> None:
    del (rest := dict(s2_state))["encoder.dim_reducer.conv0.0.weight"]
    with pytest.raises(CheckpointError, match=r"lacks encoder\.dim_reducer\.conv0\.0\.weight; it is not"):
        load_released(write(rest))


@pytest.mark.parametrize("extra", ["loss.window", "head_s3.weight", "enc_s1.extra.weight"])
def test_an_unknown_entry_is_named(write: Write, fusion_state: State, extra: str) -> None:
    with pytest.raises(CheckpointError, match=f"has unknown {extra}; it is not"):
        load_released(write({**fusion_state, extra: torch.zeros(3, dtype=torch.int64)}))


@pytest.mark.parametrize(
    ("entry", "shape"),
    [
        ("enc_s1.dim_reducer.conv0.0.weight", (149, 3, 1, 1)),
        ("enc_s2.token_reducer.0.weight", (6,)),
        ("dec_s2.decoder_linear.0.bias", (7,)),
    ],
)
def test_an_entry_of_another_shape_is_named(
    write: Write, fusion_state: State, entry: str, shape: tuple[int, ...]
) -> None:
    with pytest.raises(CheckpointError, match=f"{entry} has shape"):
        load_released(write({**fusion_state, entry: torch.zeros(shape)}))


def test_dims_that_fit_no_window_are_refused(write: Write, fusion_state: State) -> None:
    even = {**fusion_state, "enc_s1.token_reducer.0.weight": torch.zeros(2, 4)}
    with pytest.raises(CheckpointError, match="frames is 4; it must be odd"):
        load_released(write(even))


def test_a_sensor_with_other_bands_is_refused(write: Write, s2_state: State) -> None:
    three = {**s2_state, "encoder.dim_reducer.conv0.0.weight": torch.zeros(149, 3, 1, 1)}
    with pytest.raises(CheckpointError, match="takes 3 bands; s1 has 2 and s2 has 10"):
        load_released(write(three))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_refused(write: Write, fusion_state: State, share: float) -> None:
    path = write(fusion_state)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(CheckpointError, match=r"whole file again|cut short"):
        load_released(path)


@pytest.mark.parametrize("content", [b"not a checkpoint", b"\x89PNG\r\n\x1a\n" + bytes(99), b"PK\x03\x04" + bytes(99)])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "foreign.ckpt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"foreign\.ckpt"):
        load_released(tmp_path / "foreign.ckpt")


@pytest.mark.parametrize("payload", [[1, 2], {}, {"state_dict": {}}, {"state_dict": {"a": 1}}, {"weights": "none"}])
def test_a_file_without_a_state_dict_is_refused(tmp_path: Path, payload: object) -> None:
    torch.save(payload, tmp_path / "other.ckpt")
    with pytest.raises(CheckpointError, match="no state_dict"):
        load_released(tmp_path / "other.ckpt")


def test_tensors_of_some_other_network_are_refused(write: Write) -> None:
    with pytest.raises(CheckpointError, match="a released checkpoint has an encoder"):
        load_released(write({"conv1.weight": torch.zeros(3, 3)}))


@pytest.mark.parametrize("legacy", [False, True])
def test_code_in_a_checkpoint_is_refused_and_does_not_run(tmp_path: Path, fusion_state: State, legacy: bool) -> None:
    proof, path = tmp_path / "proof", tmp_path / "trap.ckpt"
    torch.save(
        {"state_dict": fusion_state, "hyper_parameters": Trap(proof)},
        path,
        _use_new_zipfile_serialization=not legacy,
    )
    with pytest.raises(CheckpointError, match="never run"):
        load_released(path)
    assert not proof.exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"nowhere\.ckpt"):
        load_released(tmp_path / "nowhere.ckpt")
