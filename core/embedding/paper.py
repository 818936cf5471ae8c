"""The `paper` preset behind the engine's interface: the paper's own rules, exact, with what windows share done once."""

from __future__ import annotations

from collections.abc import Mapping

from core.embedding.layout import Cut
from models.contract import Window
from models.fusion import Fusion
from models.inputs import Floats, Frames
from models.patches import PatchEmbedder


class Paper:
    """The `paper` preset, or a checkpoint of its authors."""

    inside = True  # by its rules, windows that reach beyond the site get no embedding
    # A window's frames serve those before and after it too, so blocks are long in time. A pixel-date takes some
    # hundred times what `compact` takes, so they are small: this one takes a minute or so.
    cut = Cut(tile=16, block=64 * 30 * 30)

    def __init__(self, model: Fusion) -> None:
        self.embedder = PatchEmbedder(model)
        self.sensors: tuple[Window, ...] = model.config.modalities
        self.size = model.config.bottleneck
        self.options: Mapping[str, str] = {
            f"attention_{modality.name}": modality.attention for modality in model.config.modalities
        }

    def __call__(self, frames: Mapping[str, Frames], dates: slice, rebuilt: bool) -> tuple[Floats, dict[str, Floats]]:
        embedding = self.embedder.embed(frames, dates)
        return embedding, self.embedder.rebuild(embedding, frames, dates) if rebuilt else {}
