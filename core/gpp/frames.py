"""A tower's days: features, target and what is known of both, on an unbroken daily calendar.

Tables and sites both become frames; everything after knows frames only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.schema import SeriesError

if TYPE_CHECKING:
    import pandas as pd

LEAST_DAYS = 60  # valid days under which a fit would say nothing


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """One tower. Rows are days, every one from the first to the last; NaN where nothing is known."""

    site: str
    features: pd.DataFrame  # (days, features); columns are the same in all frames of a fit
    target: pd.Series  # gC m-2 d-1; NaN on days that neither train nor are scored
    quality: pd.Series  # 0..1; NaN where it is not told
    igbp: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Frames:
    """All towers of a fit, and what their columns are."""

    frames: tuple[Frame, ...]
    groups: Mapping[str, str]  # column -> what it is for a reader: "bands", "weather", ...
    nirv: str = ""  # the column of NIRv, for the baselines; "" where there is none
    radiation: str = ""
    extra: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # by site: NIRv and radiation that are no feature
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        return list(self.groups)

    @property
    def valid_days(self) -> int:
        return sum(int(frame.target.notna().sum()) for frame in self.frames)


def check_enough(frames: Frames, *, each: bool) -> Frames:
    """Return `frames` if there are days enough to learn from, in all of them or in each."""
    parts = [(frame.site, int(frame.target.notna().sum())) for frame in frames.frames]
    few = [(site, days) for site, days in parts if days < LEAST_DAYS] if each else []
    if not each and frames.valid_days < LEAST_DAYS:
        few = [("all sites together", frames.valid_days)]
    for site, days in few:
        remedy = f"give at least {LEAST_DAYS}, from a longer record or with a lower --min-quality"
        raise SeriesError("target", site, f"holds {days} valid days", remedy)
    return frames
