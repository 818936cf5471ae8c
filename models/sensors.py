"""Sensors beside Sentinel-1 and Sentinel-2: what each is, where its frames come from, how it joins a fused model.

A new sensor is one entry in `SENSORS` (docs/new_sensor.md walks through one). Training it touches its own autoencoder
and the fusion layers; the encoders of the sensors before it stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from models.checks import ConfigError, InputError, positive
from models.compact import CompactAutoencoder, CompactModalityConfig
from models.compact_fusion import CompactFusion, CompactFusionConfig
from models.inputs import Floats, Frames, days_of, is_frame, nearest_in_time


class Source(Protocol):
    """Where a sensor's frames come from."""

    def frames(self, site: Path, cube: Any, bands: tuple[str, ...], optical: Frames) -> Frames | None:
        """One frame for each optical frame, in the bands' own units; None where the site has no such data.

        Values are (T, C, H, W), or (T, C, 1, 1) where they are alike at every pixel.
        """


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One further sensor."""

    config: CompactModalityConfig  # its mean and std are those of the scaled values
    source: Source
    low: tuple[float, ...]  # per band, the value that becomes 0; what lies below is clipped
    high: tuple[float, ...]  # likewise, the value that becomes 1

    def __post_init__(self) -> None:
        if not len(self.low) == len(self.high) == len(self.config.bands) or np.less_equal(self.high, self.low).any():
            raise ConfigError(
                f"low and high of {self.config.name} are {self.low} and {self.high}; "
                "give one each per band, high above low"
            )

    def read(self, site: Path, cube: Any, optical: Frames) -> Frames | None:
        """Its frames, scaled to 0..1, on the dates of the optical ones; None where the site has none."""
        found = self.source.frames(site, cube, self.config.bands, optical)
        if found is None:
            return None
        scaled = self._scaled(found.values)
        # Where the pixels are alike, a view in which all of them share one value.
        return Frames(np.broadcast_to(scaled, (*scaled.shape[:2], *optical.values.shape[2:])), found.days)

    def _scaled(self, values: Floats) -> Floats:
        low, high = (np.reshape(limits, (-1, 1, 1)) for limits in (self.low, self.high))
        return ((np.clip(values, low, high) - low) / (high - low)).astype(np.float32)


# ---------------------------------------------------------------- sources
@dataclass(frozen=True, kw_only=True)
class Layers:
    """Bands in the cube on a time axis of their own; each optical date takes the acquisition nearest in time."""

    axis: str  # e.g. "landsat_time"

    def frames(self, site: Path, cube: Any, bands: tuple[str, ...], optical: Frames) -> Frames | None:
        if self.axis not in cube.dims:
            return None
        needed(bands, list(cube.data_vars), place=f"{site}: its cube")
        layout = (self.axis, "y", "x")
        for band in bands:
            if cube[band].dims != layout:
                raise InputError(f"{site}: {band} has the dimensions {cube[band].dims}; transpose it to {layout}")
        values = np.stack([cube[band].values for band in bands], axis=1).astype(np.float32)
        seen = is_frame(values)
        if not seen.any():
            return None
        days = days_of(cube[self.axis].values)[seen]
        nearest = nearest_in_time(optical.days, days)
        return Frames(values[seen][nearest], days[nearest])


@dataclass(frozen=True, kw_only=True)
class DailyTable:
    """Columns of a daily table beside the cube, as means over the days up to each optical date, alike at every pixel.

    Days before an optical date and the date itself count, none after it.
    """

    file: str
    days: int

    def __post_init__(self) -> None:
        positive("days", self.days)

    def frames(self, site: Path, cube: Any, bands: tuple[str, ...], optical: Frames) -> Frames | None:
        import pandas as pd

        path = site / self.file
        if not path.exists():
            return None
        try:
            table = pd.read_parquet(path)
            needed(bands, [str(column) for column in table.columns], place=str(path))
            daily = table[list(bands)].astype(float)
        except (OSError, ValueError, TypeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path} cannot be read as a table of numbers ({error}); make it again") from error
        index = daily.index
        if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or not index.is_unique:
            raise InputError(f"{path} has no index of days; give one row per day, its date without a time zone")
        daily = daily.sort_index().rolling(f"{self.days}D").mean()
        wanted = pd.DatetimeIndex(optical.days.astype("datetime64[D]"))
        values = daily.reindex(wanted, method="ffill", tolerance=pd.Timedelta(days=self.days - 1)).to_numpy(np.float32)
        return Frames(values[:, :, None, None], optical.days)


def needed(bands: tuple[str, ...], there: list[str], *, place: str) -> None:
    """Refuse data that lack some of the bands, by name."""
    missing = [band for band in bands if band not in there]
    if missing:
        raise InputError(
            f"{place} lacks {', '.join(missing)} and holds {', '.join(sorted(there))}; rename what is there"
        )


# ---------------------------------------------------------------- the sensors
WEATHER = Sensor(
    config=CompactModalityConfig(
        name="weather",
        bands=("temperature", "precipitation", "radiation", "vpd"),
        mean=(0.57, 0.11, 0.36, 0.16),  # of the scaled values, over simulated landscapes
        std=(0.12, 0.10, 0.21, 0.13),
        bottleneck=6,
        size=1,  # one station's worth: no spatial context
        width=32,
        decoder_width=48,
    ),
    source=DailyTable(file="weather.parquet", days=10),
    low=(-30.0, 0.0, 0.0, 0.0),  # degC, mm d-1, MJ m-2 d-1, kPa
    high=(40.0, 20.0, 35.0, 4.0),
)

SENSORS: dict[str, Sensor] = {entry.config.name: entry for entry in (WEATHER,)}
"""Every further sensor by name; a new one is one entry."""


def get_sensor(name: str, *, others: tuple[str, ...] = ()) -> Sensor:
    """The registered sensor of that name; `others` are the names that would do as well, for the message."""
    if name not in SENSORS:
        raise InputError(f"sensor is {name!r}; choose one of {', '.join((*others, *SENSORS))}, or register it")
    return SENSORS[name]


# ---------------------------------------------------------------- joining a fused model
WAY_BACK = ("autoencoders", "unfold")  # a fusion's layers per sensor that lead to it; all others lead to the embedding


def extended(
    base: CompactFusion, new: Mapping[str, CompactAutoencoder], *, bottleneck: int | None = None
) -> CompactFusion:
    """`base` with further sensors: its autoencoders as they are, its fusion layers as far as they fit.

    At first the new sensors add nothing, so that the embedding starts as what `base` gives; training lets them in.
    """
    known = base.config.names
    if not new or set(new) & set(known):
        raise InputError(
            f"the sensors to add are {', '.join(new) or 'none'}; give stage-1 weights of sensors "
            f"that the fused model does not hold yet: it holds {', '.join(known)}"
        )
    config: CompactFusionConfig = replace(
        base.config,
        modalities=(*base.config.modalities, *(model.config for model in new.values())),
        bottleneck=base.config.bottleneck if bottleneck is None else bottleneck,
    )
    model = CompactFusion(config, autoencoders={**{name: base.stage1(name) for name in known}, **new})
    state = model.state_dict()
    kept = {name: value for name, value in base.state_dict().items() if state[name].shape == value.shape}
    model.load_state_dict(kept, strict=False)
    for part, layers in model.named_children():
        if isinstance(layers, torch.nn.ModuleDict) and part not in WAY_BACK:
            for weight in (weight for name in new for weight in layers[name].parameters()):
                torch.nn.init.zeros_(weight)
    return model
