"""Regressors that see the days of the window in their order, at their real positions; the models are `models.gpp`'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.gpp.windows import Design
from core.progress import Progress

Floats = NDArray[np.floating]


class Sequence:
    """A model of `models.gpp` behind the interface of the registry."""

    def __init__(self, name: str, parameters: Mapping[str, Any], seed: int) -> None:
        self.name, self.parameters, self.seed = name, parameters, seed

    def fit(self, design: Design, y: Floats, *, progress: Progress | None = None) -> Self:
        from models.gpp import PRESETS, SequenceConfig, fit

        config = SequenceConfig(channels=len(design.channels), days=design.window, **PRESETS[self.name])
        self.model_ = fit(
            config,
            tokens=design.tokens,
            positions=design.positions,
            target=np.asarray(y, dtype=np.float32),
            seed=self.seed,
            progress=progress,
        )
        return self

    def predict(self, design: Design) -> Floats:
        from models.gpp import predict

        return predict(self.model_, tokens=design.tokens, positions=design.positions).astype(float)
