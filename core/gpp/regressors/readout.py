"""Reading vegetation indices out of embeddings, by straight lines learnt from training days.

An embedding says much that has nothing to do with uptake. What of it is greenness is learnt where the indices of the
same view are known, which is on every training day; after that the embedding alone is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from core.gpp.lags import TODAY
from core.gpp.windows import EMBEDDED, LIGHT, TIMES, Design

Floats = NDArray[np.floating]
STRENGTH = 1.0  # of the ridge
LIMIT = 6.0  # standard deviations beyond which a dimension is cut
LEAST = 30  # training days with known indices


@dataclass(frozen=True)
class Places:
    """Where the embedding stands among the columns: a list for each lag, the newest first."""

    embedded: tuple[tuple[int, ...], ...]
    others: tuple[int, ...]
    radiation: int  # -1 where there is none

    @classmethod
    def of(cls, design: Design) -> Self | None:
        """None where nothing is to be read out: no embedding, no indices to learn from, or indices themselves."""
        if not design.aside.shape[1] or LIGHT in design.groups:
            return None
        own = [turn for turn, name in enumerate(design.names) if name.startswith(EMBEDDED)]
        plain = [turn for turn in own if TIMES not in design.names[turn]]
        lags = sorted({design.lags[turn] for turn in plain}, key=lambda lag: lag != TODAY)
        times = [design.names[turn].partition(TIMES)[2] for turn in own if turn not in plain]
        return cls(
            embedded=tuple(tuple(turn for turn in plain if design.lags[turn] == lag) for lag in lags),
            others=tuple(turn for turn in range(len(design.names)) if turn not in own),
            radiation=design.names.index(times[0]) if times else -1,
        )


class Readout(TransformerMixin, BaseEstimator):
    """The embedding's columns give way to the indices read from them, of every lag, and times radiation.

    `embedded`, `others` and `radiation` as in `Places`; without `embedded` all columns stay.
    """

    def __init__(self, embedded: Sequence[Sequence[int]] = (), others: Sequence[int] = (), radiation: int = -1) -> None:
        self.embedded, self.others, self.radiation = embedded, others, radiation

    def fit(self, X: Floats, y: Floats | None = None, *, aside: Floats | None = None) -> Self:
        """X (n, columns), `aside` (n, indices) what the same days' views give; NaN where nothing was seen."""
        newest = X[:, list(self.embedded[0])] if self.embedded else X[:, :0]
        beside = np.full((len(X), 1), np.nan) if aside is None else aside
        known = np.isfinite(np.column_stack([newest, beside])).all(axis=1)
        self.reads_ = bool(self.embedded) and int(known.sum()) >= LEAST
        if self.reads_:
            self.scaler_ = StandardScaler().fit(newest[known])
            self.lines_ = Ridge(alpha=STRENGTH).fit(self._scaled(newest[known]), beside[known])
        return self

    def transform(self, X: Floats) -> Floats:
        """(n, columns) -> (n, others + indices of every lag + products); NaN where no embedding is."""
        if not self.reads_:
            return X
        read = [self._read(X[:, list(columns)]) for columns in self.embedded]
        products = [read[0] * X[:, [self.radiation]]] if self.radiation >= 0 else []
        return np.column_stack([X[:, list(self.others)], *read, *products])

    def _read(self, embedding: Floats) -> Floats:
        gap = np.isnan(embedding).any(axis=1, keepdims=True)
        read = self.lines_.predict(self._scaled(np.where(gap, 0.0, embedding)))
        return np.where(gap, np.nan, read)

    def _scaled(self, X: Floats) -> Floats:
        return np.clip(self.scaler_.transform(X), -LIMIT, LIMIT)
