"""What fetching would cost, said before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from core.sources.stac.assets import Scene
from core.sources.stac.cog import AT_ONCE

# What a COG usually is, and what a line usually gives.
BLOCK_PIXELS = 512  # side of a block
BLOCK_BYTES = 360_000  # of a block of 16-bit numbers, compressed
HEADER_BYTES = 32_768
BYTES_PER_SECOND = 5e6
SECONDS_PER_ASSET = 0.6  # from asking to the first byte, three times


@dataclass(frozen=True, kw_only=True)
class Estimate:
    optical_dates: int
    radar_dates: int
    assets: int
    megabytes: float  # to download
    seconds: float

    @property
    def words(self) -> str:
        minutes = max(1, round(self.seconds / 60))
        return (
            f"{self.optical_dates} optical and {self.radar_dates} radar dates, about {self.megabytes:,.0f} MB to "
            f"download, about {minutes} minute{'s' if minutes > 1 else ''}"
        )

    @classmethod
    def of(cls, optical: Sequence[Sequence[Scene]], radar: Sequence[Sequence[Scene]], *, side: int) -> Self:
        """For the scenes of each day, of a box of `side` pixels."""
        assets = sum(len(scene.sources) for days in (optical, radar) for day in days for scene in day)
        blocks = (side / BLOCK_PIXELS + 1) ** 2
        total = assets * (HEADER_BYTES + blocks * BLOCK_BYTES)
        seconds = max(total / BYTES_PER_SECOND, assets * SECONDS_PER_ASSET / AT_ONCE)
        return cls(
            optical_dates=len(optical),
            radar_dates=len(radar),
            assets=assets,
            megabytes=round(total / 1e6, 1),
            seconds=round(seconds, 1),
        )
