"""What the reader of the GPP page has chosen: kept for the session, anew for another site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st

from core.gpp.layers import KINDS
from core.gpp.sites import OWN, usual_kinds
from core.gpp.splits import IN_TIME, PAPER_TEST
from core.gpp.windows import USUAL
from core.schema import SiteInfo
from core.ui import loaders
from core.ui.state import Key
from core.ui.widgets import stand_at

MATTERS, BY_PART, BOARD, MAP, SUMS, EXPORT = (
    "what matters",
    "by site, season, quality",
    "leaderboard",
    "map at 10 m",
    "annual sums",
    "export",
)
PARTS = (MATTERS, BY_PART, BOARD, MAP, SUMS, EXPORT)
OWN_FOOTPRINT = "GeoTIFF"  # beside the footprints that core.gpp.footprint makes
ACROSS = ("leave-site-out", "leave-class-out")  # splits that need several sites


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the page stands at."""

    site: str
    # the next fit
    sites: tuple[str, ...] = ()
    kinds: tuple[str, ...] | None = None  # of core.gpp.sites.KINDS; None: what is usual for the sites and the split
    window: int = USUAL
    model: str = "unusual"
    split: str = "leave-year-out"
    test_years: tuple[int, ...] = PAPER_TEST  # of fixed-years
    min_quality: float = 0.7
    footprint: str = "kernel"  # of core.gpp.footprint, or "GeoTIFF"
    radius: float = 100.0  # m, of a circle or kernel
    footprint_file: Path | None = None  # GeoTIFF of weights, brought by the reader
    towers: Mapping[str, Path] = field(default_factory=dict)  # site -> a series brought by the reader
    # the fit that is looked at
    part: str = MATTERS
    shown: str = ""  # the site whose series is shown
    map_year: int = 0
    map_layer: str = "GPP"
    map_hatch: bool = True
    seen: str = ""  # the job whose end was taken note of

    def features(self) -> tuple[str, ...]:
        """The kinds of features of the next fit."""
        if self.kinds is not None:
            return tuple(kind for kind in KINDS if kind in self.kinds)  # however they were clicked: the same fit
        known = (OWN if len(self.sites) > 1 else OWN[:1]) if self.split in IN_TIME else ()
        return (*usual_kinds(loaders.workspace(), self.sites), *known)

    def weighting(self) -> str:
        """The footprint of the next fit, as `core.gpp.footprint` reads it."""
        if self.footprint == OWN_FOOTPRINT:
            return str(self.footprint_file or "")
        return f"{self.footprint}:{self.radius:g}"

    def splits(self, names: Sequence[str]) -> list[str]:
        """Those that the sites allow."""
        return [name for name in names if name != "leave-group-out" and (len(self.sites) > 1 or name not in ACROSS)]


def settle(info: SiteInfo) -> Choices:
    """The session's choices for this site; fresh ones for another, of which the part of the page stays."""
    kept = st.session_state.get(Key.GPP)
    if not isinstance(kept, Choices) or kept.site != info.id:
        part = kept.part if isinstance(kept, Choices) else MATTERS
        kept = Choices(site=info.id, sites=(info.id,) if info.has_data else (), part=part)
        st.session_state[Key.GPP] = kept
    return kept


def current() -> Choices:
    chosen: Choices = st.session_state[Key.GPP]
    return chosen


def change(**changes: Any) -> None:
    """Take over what the reader chose."""
    st.session_state[Key.GPP] = replace(current(), **changes)


def follows(name: str, *, among: Sequence[Any] | None = None) -> dict[str, Any]:
    """What makes a widget show the choice called `name` and change it; one that is not `among` those is replaced."""
    value = getattr(current(), name)
    if among is not None and value not in among:
        value = among[0]
        change(**{name: value})
    key = stand_at(f"gpp_{name}", value)
    return {"key": key, "on_change": lambda: change(**{name: st.session_state[key]})}


def follows_many(name: str, shown: Sequence[Any]) -> dict[str, Any]:
    """The same for a widget of several, which stands at `shown`."""
    key = stand_at(f"gpp_{name}", list(shown))
    return {"key": key, "on_change": lambda: change(**{name: tuple(st.session_state[key])})}
