"""How well an embedding remembers what was seen at its own place and date, beside PCA with as many values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from models.compact_fusion import CompactFusion
from models.evaluation.places import Place, embed, rebuild
from models.inputs import OPTICAL, RADAR, Floats

DATES = 8  # frames looked at in each place, spread over the years
CLEAR_ENOUGH = 0.4  # share of pixels that must have been seen on them
PIXELS = 600  # of each frame, drawn evenly


class Rows(NamedTuple):
    """One sensor's values at many pixel-dates, (rows, bands) each; NaN = not known."""

    observed: Floats
    rebuilt: Floats
    without: dict[str, Floats]  # rebuilt when a sensor is missing, by its name
    truth: Floats
    single: Floats  # radar as one acquisition saw it, else the same as `observed`


def collect(model: CompactFusion, place: Place) -> dict[str, Rows]:
    """The rows of one place by sensor: the pixel-dates on which every band of every sensor was seen."""
    return join([_on_date(model, place, date) for date in spread_dates(place)])


def spread_dates(place: Place) -> list[int]:
    """Frames that are clear enough, evenly spread; none where there are none."""
    clear = np.flatnonzero(place.clear_shares >= CLEAR_ENOUGH)
    if not len(clear):
        return []
    return [int(date) for date in np.unique(clear[np.linspace(0, len(clear) - 1, DATES).round().astype(int)])]


def join(parts: Sequence[Mapping[str, Rows]]) -> dict[str, Rows]:
    """All rows of several dates or places, by sensor."""
    names = parts[0] if parts else ()
    return {name: _joined([part[name] for part in parts if name in part]) for name in names}


def _joined(rows: Sequence[Rows]) -> Rows:
    without = {name: np.concatenate([r.without[name] for r in rows]) for name in rows[0].without}
    stacked = {
        field: np.concatenate([getattr(r, field) for r in rows]) for field in ("observed", "rebuilt", "truth", "single")
    }
    return Rows(without=without, **stacked)


def _on_date(model: CompactFusion, place: Place, date: int) -> dict[str, Rows]:
    sensors = {name: place.cube.sensors[name].values[date] for name in model.config.names if name in place.cube.sensors}
    whole = np.logical_and.reduce([np.isfinite(frame).all(axis=0) for frame in sensors.values()])
    chosen = np.flatnonzero(whole)[:: max(1, int(whole.sum()) // PIXELS)]
    here = slice(date, date + 1)
    embedding = embed(model, place.cube, here)
    missing = {name: embed(model, place.cube, here, hidden=[name]) for name in sensors} if len(sensors) > 1 else {}

    def pick(frame: Floats) -> Floats:
        return frame.reshape(len(frame), -1)[:, chosen].T

    rows = {}
    for name, frame in sensors.items():
        as_seen = place.radar_as_seen[date] if name == RADAR and place.radar_as_seen is not None else frame
        rows[name] = Rows(
            observed=pick(frame),
            rebuilt=pick(rebuild(model, embedding, name)[0]),
            without={gone: pick(rebuild(model, z, name)[0]) for gone, z in missing.items()},
            truth=pick(place.cube.truth[name][date]) if name in place.cube.truth else np.full_like(pick(frame), np.nan),
            single=pick(as_seen),
        )
    return rows


# ---------------------------------------------------------------- what is said of them
def summary(rows: Mapping[str, Rows], bands: Mapping[str, Sequence[str]], components: int) -> dict[str, Any]:
    """Mean absolute errors by sensor, overall and by band, in the unit of the bands as the model sees them (0..1)."""
    pca = principal(np.concatenate([r.observed for r in rows.values()], axis=1), components)
    said, column = {}, 0
    for name, r in rows.items():
        width = r.observed.shape[1]
        by_pca = pca[:, column : column + width]
        column += width
        said[name] = {
            "mae": mae(r.rebuilt, r.observed),
            "pca_mae": mae(by_pca, r.observed),
            "bands": {
                band: {"mae": mae(r.rebuilt[:, i], r.observed[:, i]), "pca_mae": mae(by_pca[:, i], r.observed[:, i])}
                for i, band in enumerate(bands[name])
            },
            "mae_without": {gone: mae(rebuilt, r.observed) for gone, rebuilt in r.without.items()},
        }
        if name == OPTICAL:
            said[name]["spectral_angle_deg"] = spectral_angle(r.rebuilt, r.observed)
            said[name]["pca_spectral_angle_deg"] = spectral_angle(by_pca, r.observed)
        known = np.isfinite(r.truth).all(axis=1)
        if known.any():
            said[name]["against_truth"] = {
                "rebuilt": mae(r.rebuilt[known], r.truth[known]),
                "pca": mae(by_pca[known], r.truth[known]),
                "input": mae(r.observed[known], r.truth[known]),
                "single_acquisition": mae(r.single[known], r.truth[known]),
                "pixel_dates": int(known.sum()),
            }
    return said


def principal(values: Floats, components: int) -> Floats:
    """The rows as PCA with that many components remembers them, bands made comparable first."""
    mean, std = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = (values - mean) / std
    axes = np.linalg.svd(np.cov(scaled.T))[0][:, :components]
    return np.asarray(scaled @ axes @ axes.T * std + mean)


def mae(one: Floats, other: Floats) -> float:
    """Mean absolute error."""
    return float(np.abs(one - other).mean())


def spectral_angle(one: Floats, other: Floats) -> float:
    """Mean angle between spectra (rows), degrees."""
    cosine = (one * other).sum(axis=1) / np.maximum(np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1), 1e-9)
    return float(np.degrees(np.arccos(cosine.clip(-1, 1))).mean())
