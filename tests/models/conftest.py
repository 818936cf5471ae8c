"""A model small enough to run in milliseconds, samples for it, and the folder of reference cases where there is one."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.autoencoder import ModalityConfig
from models.cases import weights_by_rule
from models.contract import Sample
from models.fusion import Fusion, FusionConfig

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference"

SMALL = {"stem": 12, "body": 10, "neck": 8, "latent": 4, "heads": 4, "layers": 2, "positions": 60}


@pytest.fixture(scope="session")
def reference() -> Path:
    if not REFERENCE.is_dir():
        pytest.skip("the folder of reference cases is not beside the checkout")
    return REFERENCE


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def modality() -> Callable[..., ModalityConfig]:
    """A small sensor; any dim can be overridden."""

    def make(**dims: object) -> ModalityConfig:
        defaults = {"name": "s2", "bands": ("red", "nir", "swir"), "frames": 5, "size": 7, "tokens": 3, "bottleneck": 4}
        return ModalityConfig(**{**defaults, **SMALL, **dims})

    return make


@pytest.fixture
def config(modality: Callable[..., ModalityConfig]) -> FusionConfig:
    """Two sensors that differ in everything that may differ."""
    radar = modality(name="s1", bands=("VV", "VH"), tokens=2, bottleneck=2)
    return FusionConfig(modalities=(radar, modality()), bottleneck=5, width=16, feedforward=8, positions=40)


@pytest.fixture
def build() -> Callable[[FusionConfig], Fusion]:
    """A fusion model in eval mode whose weights follow the rule of the reference cases."""

    def make(config: FusionConfig) -> Fusion:
        model = Fusion(config).eval()
        model.load_state_dict(weights_by_rule(model.state_dict(), salt="tests"))
        return model

    return make


@pytest.fixture
def draw() -> Callable[..., Sample]:
    """Random samples that fit a sensor's config."""

    def make(config: ModalityConfig, *, batch: int = 3, seed: int = 0) -> Sample:
        generator = torch.Generator().manual_seed(seed)
        shape = (batch, config.frames, len(config.bands), config.size, config.size)
        gaps = torch.randint(1, 9, (batch, config.frames - 1), generator=generator)
        return Sample(torch.rand(shape, generator=generator), gaps)

    return make


@pytest.fixture
def inputs(config: FusionConfig, draw: Callable[..., Sample]) -> tuple[dict[str, Sample], Tensor]:
    """Three samples of both sensors, and the days between their centre frames."""
    return {m.name: draw(m, seed=len(m.bands)) for m in config.modalities}, torch.tensor([[0], [4], [9]])
