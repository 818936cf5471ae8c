"""Each preset builds both stages from its own dims."""

import pytest
import torch

from models.checks import ConfigError
from models.presets import PAPER, PAPER_LOSSES, PRESETS, get_preset


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_builds_what_its_config_says(name: str) -> None:
    preset = get_preset(name)
    with torch.device("meta"):
        stage1 = {m.name: preset.build_modality(m) for m in preset.config.modalities}
        assert preset.build_fusion(preset.config, autoencoders=stage1).config == preset.config


def test_the_paper_attends_over_time_unless_asked_otherwise() -> None:
    assert {m.attention for m in PAPER.modalities} == {"time"}
    assert {m.attention for m in PAPER.with_attention("released").modalities} == {"released"}


def test_the_paper_takes_eleven_frames_of_fifteen_pixels_and_gives_seven_values() -> None:
    assert {(m.frames, m.size) for m in PAPER.modalities} == {(11, 15)}
    assert [(m.name, len(m.bands), m.bottleneck) for m in PAPER.modalities] == [("s1", 2, 2), ("s2", 10, 9)]
    assert PAPER.bottleneck == 7
    assert PAPER_LOSSES.keys() == set(PAPER.names)


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'papre'; choose one of .*paper"):
        get_preset("papre")
