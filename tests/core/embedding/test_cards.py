import subprocess
import sys

import pytest

from core.embedding.cards import DEFAULT, cards, find
from core.schema import InputError
from models import shipped


def test_every_shipped_model_has_a_card_and_the_default_comes_first() -> None:
    assert {card.name for card in cards()} == set(shipped.NAMES)
    assert cards()[0].name == DEFAULT == shipped.DEFAULT


@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_card_says_of_a_model_what_the_model_says_of_itself(name: str) -> None:
    card, model = find(name), shipped.load_shipped(name)
    assert (card.preset, card.size) == (model.preset, model.config.bottleneck)
    assert card.frames == max(sensor.frames for sensor in model.config.modalities)
    assert card.pixels == max(sensor.size for sensor in model.config.modalities)
    assert card.line.endswith((".", ";"))
    assert len(card.line) > 40


def test_a_model_that_is_not_there_is_said() -> None:
    with pytest.raises(InputError, match="model 'huge' is no model that comes with Fluxscape; choose one of compact"):
        find("huge")


@pytest.mark.parametrize(
    "module", ["core.embedding.cards", "core.embedding.estimate", "core.ui.embed.form", "core.ui.runs"]
)
def test_what_the_app_needs_leaves_torch_alone(module: str) -> None:
    script = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
