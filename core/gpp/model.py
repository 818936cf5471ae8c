"""A fitted model with all that a prediction needs: features, window, interval and area of applicability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.gpp.applicability import Area
from core.gpp.frames import Frame, Frames
from core.gpp.intervals import Band
from core.gpp.judge import Judgement
from core.gpp.regressors import Regressor, get_entry
from core.gpp.windows import Design, make_design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True, eq=False)
class GppModel:
    """Trained on all days; `band` and the scores it is told with come from days held out."""

    name: str  # of the regressor
    regressor: Regressor
    groups: Mapping[str, str]  # feature column -> what it is
    radiation: str
    window: int
    area: Area
    band: Band
    request: Mapping[str, Any]  # what the features are made from, JSON; empty of a table

    def design(self, values: Floats, rows: NDArray[np.intp], *, site: str, days: NDArray[np.datetime64]) -> Design:
        """Windows that end on `rows` of `values` (days, columns, ...), which are `days` of `site`."""
        how: dict[str, Any] = {"window": self.window, "radiation": self.radiation}
        return make_design(values, rows, self.groups, **how, site=site, days=days)

    def predict(self, design: Design) -> dict[str, NDArray[Any]]:
        """`gpp`, `low`, `high` (gC m-2 d-1), `dissimilarity` and `outside` of each sample."""
        found = self.regressor.predict(design)
        low, high = self.band.around(found)
        index = self.area.index(design)
        return {"gpp": found, "low": low, "high": high, "dissimilarity": index, "outside": index > self.area.threshold}


def final_model(judged: Judgement, frames: Frames, *, seed: int, request: Any = None) -> GppModel:
    """A model of all days, with the parameters that most folds chose."""
    samples, entry = judged.samples, get_entry(judged.model)
    chosen = Counter(tuple(sorted(found.items())) for found in judged.parameters).most_common(1)[0][0]
    rows = np.arange(len(samples))
    if entry.most_rows is not None and len(rows) > entry.most_rows:
        rows = np.sort(np.random.default_rng(seed).choice(rows, entry.most_rows, replace=False))
    design = samples.design.take(rows)
    return GppModel(
        name=judged.model,
        regressor=entry.make(dict(chosen), seed).fit(design, samples.y[rows]),
        groups=dict(frames.groups),
        radiation=frames.radiation,
        window=samples.design.window,
        area=Area.of(design, samples.sites[rows], seed=seed),
        band=Band.of(judged.observed, judged.predicted, samples.sites[judged.held_out]),
        request={} if request is None else request.to_json(),
    )


def every_day(model: GppModel, frame: Frame) -> pd.DataFrame:
    """Predictions of all days of a frame, whether the tower measured or not."""
    import pandas as pd

    rows = np.arange(len(frame.features))
    days = frame.features.index.to_numpy().astype("datetime64[D]")
    design = model.design(frame.features.to_numpy(float), rows, site=frame.site, days=days)
    return pd.DataFrame(model.predict(design), index=frame.features.index)
