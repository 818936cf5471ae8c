"""Models by name or folder, and what is refused as one."""

from pathlib import Path

import pytest

from core.embedding.weights import open_weights
from core.schema import FluxscapeError, InputError
from models.checkpoint import load, save
from models.compact import CompactAutoencoder


def test_a_model_tells_what_it_depends_on(weights: Path) -> None:
    opened = open_weights(weights)
    assert (opened.name, opened.preset, opened.digest) == ("random-3", "compact", load(weights).digest)
    assert (opened.names, opened.embedder.size, opened.reach, opened.radius) == (("s1", "s2"), 3, 2, 2)


def test_an_unknown_name_is_told_which_there_are() -> None:
    with pytest.raises(InputError, match=r"model 'compact-8' is no model .*; choose one of compact-7, compact-32, or"):
        open_weights("compact-8")


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FluxscapeError, match=r"config.json cannot be read as JSON .*\.$"):
        open_weights(tmp_path)


def test_weights_of_a_single_sensor_are_refused(weights: Path, tmp_path: Path) -> None:
    config = load(weights).config.modalities[0]
    save(CompactAutoencoder(config), tmp_path, config=config, preset="compact", stage="modality")
    with pytest.raises(InputError, match="holds weights of the single sensor s1; give fused ones"):
        open_weights(tmp_path)
