"""Embedding a cube window by window, as plainly as the rules of the `paper` preset can be written down."""

from collections.abc import Mapping

import numpy as np
import torch

from models.contract import Sample
from models.fusion import Fusion
from models.inputs import Frames


@torch.inference_mode()
def one_by_one(model: Fusion, frames: Mapping[str, Frames]) -> np.ndarray:
    """(T, D, H, W), NaN where there is no embedding; every window is a batch of one."""
    length, size = model.config.modalities[0].frames, model.config.modalities[0].size
    count, _, height, width = frames["s2"].values.shape
    found = np.full((count, model.config.bottleneck, height, width), np.nan, dtype=np.float32)
    for first in range(count - length + 1):
        for top in range(height - size + 1):
            for left in range(width - size + 1):
                centre = (first + length // 2, slice(None), top + size // 2, left + size // 2)
                if np.isnan(frames["s2"].values[centre]).all():
                    continue
                window = {
                    name: f.values[first : first + length, :, top : top + size, left : left + size]
                    for name, f in frames.items()
                }
                days = {name: f.days[first : first + length] for name, f in frames.items()}
                found[centre] = _alone(model, window, days).numpy()
    return found


def _alone(model: Fusion, window: dict[str, np.ndarray], days: dict[str, np.ndarray]) -> torch.Tensor:
    middle = len(days["s2"]) // 2
    pair_gap = abs(int(days["s1"][middle] - days["s2"][middle])) if "s1" in days else 0
    if days["s2"].max() - days["s2"].min() >= 200:
        days = {name: np.arange(len(own)) for name, own in days.items()}
    samples = {}
    for name, values in window.items():
        filled = values.copy()
        for band in range(values.shape[1]):
            known = values[:, band][np.isfinite(values[:, band])].astype(np.float64)
            filled[:, band][np.isnan(values[:, band])] = known.mean() if len(known) else 0.0
        samples[name] = Sample(torch.from_numpy(filled)[None], torch.from_numpy(np.diff(days[name]))[None])
    return model.embed(samples, torch.tensor([[pair_gap]]))[0]
