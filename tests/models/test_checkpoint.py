"""What was saved comes back the same; anything else is refused with a sentence, and no code in a file ever runs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.autoencoder import ModalityAutoencoder, ModalityConfig
from models.checkpoint import load, load_strictly, save, shared_names
from models.checks import CheckpointError
from models.compact_fusion import CompactFusion
from models.contract import Sample
from models.fusion import Fusion, FusionConfig
from models.presets import COMPACT
from tests.hostile import pickled, torch_pickled

Build = Callable[[FusionConfig], Fusion]
Inputs = tuple[dict[str, Sample], Tensor]


@pytest.fixture
def folder(tmp_path: Path, config: FusionConfig, build: Build) -> Path:
    save(build(config), tmp_path / "weights", config=config, preset="paper", stage="fusion")
    return tmp_path / "weights"


def describe(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_fusion_comes_back_the_same(folder: Path, config: FusionConfig, build: Build, inputs: Inputs) -> None:
    loaded = load(folder)
    assert (loaded.config, loaded.preset, loaded.stage) == (config, "paper", "fusion")
    assert len(loaded.digest) == 64
    assert not loaded.model.training
    assert torch.equal(loaded.model.embed(*inputs), build(config).embed(*inputs))


def test_an_autoencoder_comes_back_the_same(tmp_path: Path, modality: Callable[..., ModalityConfig]) -> None:
    model = ModalityAutoencoder(modality())
    saved = save(model, tmp_path, config=model.config, preset="paper", stage="modality")
    loaded = load(tmp_path)
    assert (loaded.config, loaded.digest) == (model.config, saved.digest)
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], value)


def test_half_precision_halves_the_file_and_is_used_in_full(
    folder: Path, tmp_path: Path, config: FusionConfig, build: Build, inputs: Inputs
) -> None:
    model = build(config)
    save(model, tmp_path / "half", config=config, preset="paper", stage="fusion", dtype=torch.float16)
    sizes = [sum(t.nbytes for t in load_file(f / "model.safetensors").values()) for f in (tmp_path / "half", folder)]
    assert 2 * sizes[0] == sizes[1]
    half = load(tmp_path / "half").model
    assert half.type_embed.weight.dtype == torch.float32
    torch.testing.assert_close(half.embed(*inputs), model.embed(*inputs), rtol=0, atol=0.02)


def test_shared_modules_are_stored_once_and_the_decoder_names_them(folder: Path, config: FusionConfig) -> None:
    shared = shared_names(Fusion(config))
    assert shared["enc_s1.transformer_enc.layers.0.norm1.bias"] == "dec_s1.transformer_dec.layers.0.norm1.bias"
    assert all(name.startswith("enc_") and owner.startswith("dec_") for name, owner in shared.items())
    assert not shared.keys() & load_file(folder / "model.safetensors").keys()


@pytest.mark.parametrize("length", [0, 7, 400])
def test_truncated_weights_are_refused(folder: Path, length: int) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:length])
    with pytest.raises(CheckpointError, match="cannot be read as safetensors"):
        load(folder)


def test_weights_of_another_folder_are_refused(folder: Path) -> None:
    save_file({"a": torch.zeros(1)}, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"is not the file that config\.json"):
        load(folder)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json"])
@pytest.mark.parametrize("write", ["pickle", "torch"])
def test_a_pickle_in_place_of_a_file_is_refused_and_its_code_does_not_run(
    folder: Path, tmp_path: Path, file: str, write: str
) -> None:
    proof = tmp_path / "proof"
    (pickled if write == "pickle" else torch_pickled)(folder / file, proof)
    with pytest.raises(CheckpointError, match=file):
        load(folder)
    assert not proof.exists()


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"model\.safetensors is no folder"):
        load(folder / "model.safetensors")


def test_weights_of_another_preset_are_refused_by_name(folder: Path, tmp_path: Path) -> None:
    small = tuple(replace(m, width=8, heads=2, frames=3, size=3, decoder_width=8) for m in COMPACT.modalities)
    config = replace(COMPACT, modalities=small, width=8)
    save(CompactFusion(config), tmp_path / "other", config=config, preset="compact", stage="fusion")
    described = json.loads((tmp_path / "other" / "config.json").read_text())
    digest = json.loads((folder / "config.json").read_text())["weights_sha256"]
    describe(folder, **described | {"weights_sha256": digest})
    with pytest.raises(CheckpointError, match=r"lacks autoencoders\.s1\..* and \d+ more and has unknown"):
        load(folder)


@pytest.mark.parametrize("width", [10**6, 10**12])
def test_dims_beyond_any_memory_are_refused_before_they_are_built(folder: Path, width: int) -> None:
    described = json.loads((folder / "config.json").read_text())["config"]
    describe(folder, config=described | {"feedforward": width})
    with pytest.raises(CheckpointError, match="other dims"):
        load(folder)


def test_missing_files_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").unlink()
    for place, words in ((folder, "model.safetensors"), (tmp_path / "nowhere", "config.json")):
        with pytest.raises(CheckpointError, match=words):
            load(place)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"preset": "other"}, "preset is 'other'"),
        ({"stage": "third"}, "stage 'third'"),
        ({"format": 99}, "format 99"),
        ({"config": {}}, "does not describe a model"),
        ({"config": []}, "does not describe a model"),
    ],
)
def test_a_description_that_fits_no_model_is_refused(folder: Path, changes: dict[str, object], words: str) -> None:
    describe(folder, **changes)
    with pytest.raises(CheckpointError, match=words):
        load(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_broken_description_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load(folder)


def test_other_dims_in_the_description_name_the_entry_that_differs(folder: Path) -> None:
    described = json.loads((folder / "config.json").read_text())["config"]
    describe(folder, config=described | {"bottleneck": 6})
    with pytest.raises(
        CheckpointError, match=r"bottleneck_expander\.0\.weight has shape \(16, 5\), the model \(16, 6\)"
    ):
        load(folder)


def test_missing_and_unknown_entries_are_refused_by_name(config: FusionConfig) -> None:
    model = Fusion(config)
    state = dict(model.state_dict())
    state["head_s9.weight"] = state.pop("head_s1.weight")
    with pytest.raises(CheckpointError, match=r"FILE lacks head_s1\.weight and has unknown head_s9\.weight"):
        load_strictly(model, state, source="FILE")


def test_weights_that_are_not_numbers_are_refused_by_name(config: FusionConfig) -> None:
    model = Fusion(config)
    state = {**model.state_dict(), "norm_out.bias": torch.full((16,), torch.nan)}
    with pytest.raises(CheckpointError, match=r"norm_out\.bias holds NaN"):
        load_strictly(model, state, source="FILE")


def test_a_stage_or_preset_nobody_knows_is_not_saved(config: FusionConfig, tmp_path: Path) -> None:
    for stage, preset in (("third", "paper"), ("fusion", "other")):
        with pytest.raises(ValueError, match="choose one of"):
            save(Fusion(config), tmp_path, config=config, preset=preset, stage=stage)
