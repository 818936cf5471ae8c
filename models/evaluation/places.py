"""What a model is judged on: site cubes with, where there is one, a land-cover map and the truth of a simulation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.compact_fusion import CompactFusion
from models.cubes import SENTINELS, Cube, read_cube, with_truth
from models.inputs import OPTICAL, RADAR, Floats, Frames, nearest_in_time, scale_backscatter
from models.presets import S1_BANDS

LANDCOVER = "landcover"  # the land-cover map of a site cube: classes from 1, 0 = unknown


class Place(NamedTuple):
    """One site: what was seen, and what is known of it."""

    cube: Cube
    landcover: np.ndarray | None  # (H, W)
    classes: dict[int, str]  # names of the land-cover classes, as far as they are known
    radar_as_seen: Floats | None  # (T, C, H, W), scaled, single acquisitions: before neighbours were averaged

    @property
    def days(self) -> np.ndarray:
        """Day of each frame, counted from 1970-01-01."""
        return self.cube.sensors[OPTICAL].days

    @property
    def clear_shares(self) -> np.ndarray:
        """Share of pixels seen by the optical sensor on each frame."""
        return np.isfinite(self.cube.sensors[OPTICAL].values).any(axis=1).mean(axis=(1, 2))


def read_places(paths: Sequence[Path], sensors: Sequence[str] = SENTINELS) -> Iterator[Place]:
    """One after the other, as a whole site may fill memory."""
    for path in paths:
        yield read_place(path, sensors)


def read_place(path: Path, sensors: Sequence[str] = SENTINELS) -> Place:
    """A site cube with what lies beside it."""
    import xarray as xr

    cube = read_cube(path, sensors)
    with xr.open_zarr(path, chunks=None, consolidated=False) as dataset:
        has_map = LANDCOVER in dataset
        landcover = dataset[LANDCOVER].values if has_map else None
        classes = _class_names(dataset[LANDCOVER].attrs) if has_map else {}
        radar = _radar_as_seen(dataset, cube) if RADAR in cube.sensors else None
    return Place(with_truth(cube, path), landcover, classes, radar)


def _class_names(attributes: dict[str, Any]) -> dict[int, str]:
    values, meanings = attributes.get("flag_values"), str(attributes.get("flag_meanings", "")).split()
    return {} if values is None else {int(v): m.replace("_", " ") for v, m in zip(values, meanings, strict=False)}


def _radar_as_seen(dataset: Any, cube: Cube) -> Floats:
    days = dataset["s1_time"].values.astype("datetime64[D]").astype(np.int64)
    nearest = nearest_in_time(cube.sensors[OPTICAL].days, days)
    return scale_backscatter(np.stack([dataset[band].values[nearest] for band in S1_BANDS], axis=1))


# ---------------------------------------------------------------- embedding a date of a place
@torch.inference_mode()
def embed(model: CompactFusion, cube: Cube, dates: slice, *, hidden: Sequence[str] = ()) -> Tensor:
    """Embeddings (dates, D, H, W) of some successive frames, from all sensors of the model but the `hidden` ones."""
    reach = max(modality.reach for modality in model.config.modalities)
    first, last, _ = dates.indices(len(cube.sensors[OPTICAL].days))
    around = slice(max(0, first - reach), last + reach)
    frames, days = {}, {}
    for name in model.config.names:
        if name in cube.sensors and name not in hidden:
            frames[name] = torch.from_numpy(np.ascontiguousarray(cube.sensors[name].values[around]))
            days[name] = torch.from_numpy(cube.sensors[name].days[around])
    wanted = slice(first - around.start, last - around.start)
    return model.embed_cube(frames, days, wanted)


@torch.inference_mode()
def embed_seen(model: CompactFusion, frames: Mapping[str, Frames], dates: slice, seen: np.ndarray) -> Tensor:
    """Embeddings (dates, D, H, W) where `seen` (dates, H, W) says, NaN elsewhere, from all frames that are given."""
    values = {name: torch.from_numpy(np.ascontiguousarray(sensor.values)) for name, sensor in frames.items()}
    days = {name: torch.from_numpy(sensor.days) for name, sensor in frames.items()}
    return model.embed_seen(values, days, dates, torch.from_numpy(seen))


@torch.inference_mode()
def rebuild(model: CompactFusion, embedding: Tensor, sensor: str) -> Floats:
    """What embeddings (N, D, H, W) say the sensor saw at their own place and date: (N, C, H, W)."""
    here = torch.zeros(len(embedding), dtype=torch.int64)
    return np.asarray(model.answer(embedding, sensor, here).numpy())
