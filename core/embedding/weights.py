"""A model by name or folder, behind the one interface the engine knows. A further preset is one class and one entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from core.embedding.layout import CUTS, Cut
from core.embedding.paper import Paper
from core.schema import S1_BANDS, S2_BANDS, FluxscapeError, InputError
from models.checkpoint import CONFIG, Loaded, load
from models.checks import ModelError
from models.compact_fusion import CompactFusion
from models.contract import Window
from models.evaluation.places import embed_seen, rebuild
from models.inputs import OPTICAL, RADAR, Floats, Frames
from models.released import load_released
from models.shipped import DEFAULT, NAMES, shipped_path

Bools = NDArray[np.bool_]


class Embedder(Protocol):
    """What the engine asks of a preset."""

    sensors: tuple[Window, ...]
    size: int  # D, values of an embedding
    inside: bool  # whether windows that reach beyond the site get no embedding
    cut: Cut  # blocks of a size that suits it
    options: Mapping[str, str]  # what decides the embeddings beside the weights

    def __call__(
        self, frames: Mapping[str, Frames], dates: slice, wanted: Bools, rebuilt: bool
    ) -> tuple[Floats, dict[str, Floats]]:
        """Frames (T, C, H, W) by sensor -> embeddings (dates, D, H, W) and, if `rebuilt`, what they say was seen.

        Nothing is asked of what is not `wanted` (dates, H, W).
        """


class Weights(NamedTuple):
    """A model ready to embed, and what it is."""

    name: str
    preset: str
    digest: str  # SHA-256 of the file of weights
    embedder: Embedder

    @property
    def names(self) -> tuple[str, ...]:
        """The sensors' names."""
        return tuple(sensor.name for sensor in self.embedder.sensors)

    @property
    def reach(self) -> int:
        """Frames before and after a date that its embedding depends on."""
        return max(sensor.frames // 2 for sensor in self.embedder.sensors)

    @property
    def radius(self) -> int:
        """Pixels around a pixel that its embedding depends on."""
        return max(sensor.size // 2 for sensor in self.embedder.sensors)


class Compact:
    """The `compact` preset: frames as a whole, dates where they are wanted.

    It could embed a pixel under cloud from its neighbours and radar; the engine leaves such pixel-dates out all the
    same, so that every value stands for something seen and no skill is scored on a guess.
    """

    inside = False
    cut = CUTS["compact"]
    options: Mapping[str, str] = {}

    def __init__(self, model: CompactFusion) -> None:
        self.model = model
        self.sensors: tuple[Window, ...] = model.config.modalities
        self.size = model.config.bottleneck

    def __call__(
        self, frames: Mapping[str, Frames], dates: slice, wanted: Bools, rebuilt: bool
    ) -> tuple[Floats, dict[str, Floats]]:
        embedding = embed_seen(self.model, frames, dates, wanted)
        said = {name: rebuild(self.model, embedding, name) for name in frames} if rebuilt else {}
        return np.asarray(embedding.numpy()), said


EMBEDDERS: Mapping[str, Callable[[Any], Embedder]] = {"compact": Compact, "paper": Paper}
SENTINELS = {RADAR: S1_BANDS, OPTICAL: S2_BANDS}
AUTHORS = {".ckpt", ".pt", ".pth"}  # how the names of the paper's own checkpoints end


def open_weights(model: str | Path | None = None) -> Weights:
    """The model of that name among those that come with Fluxscape, or in that folder or checkpoint of the authors."""
    name = str(DEFAULT if model is None else model)
    with told():
        loaded = load(shipped_path(name)) if name in NAMES else _load_own(name)
        if loaded.stage != "fusion":
            raise InputError(
                "model", name, f"holds weights of the single sensor {loaded.config.name}", "give fused ones"
            )
        embedder = EMBEDDERS[loaded.preset](loaded.model)
    for sensor in embedder.sensors:
        if sensor.bands != SENTINELS.get(sensor.name, sensor.bands):
            problem = f"takes the bands {' '.join(sensor.bands)} of {sensor.name}"
            raise InputError("model", name, problem, f"give one that takes {' '.join(SENTINELS[sensor.name])}")
    shown = name if name in NAMES else Path(name).expanduser().resolve().name
    return Weights(shown, loaded.preset, loaded.digest, embedder)


def _load_own(name: str) -> Loaded:
    path = Path(name).expanduser()
    if path.is_file():
        return load_released(path)
    if not path.is_dir():
        remedy = f"choose one of {', '.join(NAMES)}, or give a folder of fused weights or a checkpoint of the authors"
        raise InputError("model", name, "is no model that comes with Fluxscape, no folder and no file", remedy)
    checkpoints = sorted(found for found in path.iterdir() if found.suffix in AUTHORS)
    if (path / CONFIG).exists() or not checkpoints:
        return load(path)
    if len(checkpoints) > 1:
        there = ", ".join(found.name for found in checkpoints)
        raise InputError("model", name, f"holds {len(checkpoints)} checkpoints ({there})", "give the fused one itself")
    return load_released(checkpoints[0])


@contextmanager
def told() -> Iterator[None]:
    """What `models` refuses, as an error of ours."""
    try:
        yield
    except ModelError as error:
        raise FluxscapeError(f"{str(error).rstrip('.')}.") from error
