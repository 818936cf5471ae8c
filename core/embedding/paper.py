"""The `paper` preset behind the engine's interface: the paper's own rules, exact, with what windows share done once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.embedding.layout import CUTS
from models.contract import Window
from models.fusion import Fusion
from models.inputs import Floats, Frames
from models.patches import PatchEmbedder


class Paper:
    """The `paper` preset, or a checkpoint of its authors."""

    inside = True  # by its rules, windows that reach beyond the site get no embedding
    cut = CUTS["paper"]

    def __init__(self, model: Fusion) -> None:
        self.embedder = PatchEmbedder(model)
        self.sensors: tuple[Window, ...] = model.config.modalities
        self.size = model.config.bottleneck
        self.options: Mapping[str, str] = {
            f"attention_{modality.name}": modality.attention for modality in model.config.modalities
        }

    def __call__(
        self, frames: Mapping[str, Frames], dates: slice, wanted: NDArray[np.bool_], rebuilt: bool
    ) -> tuple[Floats, dict[str, Floats]]:
        # What is wanted are the windows that lie within these frames and whose centre was seen: its own rule.
        embedding = self.embedder.embed(frames, dates)
        return embedding, self.embedder.rebuild(embedding, frames, dates) if rebuilt else {}
