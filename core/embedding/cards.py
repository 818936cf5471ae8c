"""What is known of the models that come with Fluxscape without loading them: torch stays out of the app."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import models
from core.schema import InputError

FOLDER = Path(models.__file__).parent / "weights"
DEFAULT = "compact-32"
USE = re.compile(r"^## Use and limits\s+(.+?[.;])(?:\s|$)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One model, at a glance."""

    name: str
    preset: str
    size: int  # D, values of an embedding
    frames: int  # dates an embedding looks at
    pixels: int  # side of the square it looks at
    line: str  # what it is for, in a sentence of its card


def cards() -> list[Card]:
    """Every model that comes with Fluxscape, the default first."""
    found = [_card(folder) for folder in sorted(FOLDER.iterdir()) if (folder / "config.json").is_file()]
    return sorted(found, key=lambda card: card.name != DEFAULT)


def find(name: str) -> Card:
    """One model by its name."""
    found = {card.name: card for card in cards()}
    if name not in found:
        raise InputError("model", name, "is no model that comes with Fluxscape", f"choose one of {', '.join(found)}")
    return found[name]


@lru_cache
def _card(folder: Path) -> Card:
    stored = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    windows = stored["config"]["modalities"]
    used = USE.search((folder / "README.md").read_text(encoding="utf-8"))
    return Card(
        name=folder.name,
        preset=stored["preset"],
        size=stored["config"]["bottleneck"],
        frames=max(window["frames"] for window in windows),
        pixels=max(window["size"] for window in windows),
        line=" ".join(used[1].split()) if used else "",
    )
