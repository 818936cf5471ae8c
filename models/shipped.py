"""The weights that come with Fluxscape, by name; what they are and how good stands in the card beside each.

`DEFAULT` is the one the app takes unless told otherwise.
"""

from __future__ import annotations

from pathlib import Path

from models.checkpoint import Loaded, load
from models.checks import InputError

FOLDER = Path(__file__).parent / "weights"
CARD = "README.md"
NAMES = ("compact-7", "compact-32")
DEFAULT = "compact-32"


def shipped_path(name: str = DEFAULT) -> Path:
    """The folder of the weights of that name."""
    if name not in NAMES:
        raise InputError(f"weights are {name!r}; choose one of {', '.join(NAMES)}, or give a folder of your own")
    return FOLDER / name


def load_shipped(name: str = DEFAULT) -> Loaded:
    """The shipped model of that name, ready to embed."""
    return load(shipped_path(name))
