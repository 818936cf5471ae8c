"""What the reader of the Trajectories page has chosen: kept for the session, anew for another site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from core.figures.trajectories import Colouring
from core.gapfill import Method
from core.ui.player import Box
from core.ui.state import Key
from core.ui.widgets import stand_at

YEARS, SEASON, UNUSUAL, EVENTS = "years compared", "season dates", "how unusual", "events and changes"
PARTS = (YEARS, SEASON, UNUSUAL, EVENTS)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the page stands at."""

    site: str
    place: str = "pixel"  # pixel, site, tower, area, cluster or event
    box: Box | None = None  # rows and columns of the embedding: the drawn area
    cluster: str = ""  # "RUN:NUMBER" of a stored clustering of the embedding's pixels
    event: int = 0  # which of the events that were found
    pinned: str = ""  # a place to compare with, in the words of core.trajectories.places
    other: str = ""  # what the place is compared with: "pinned", "site", "tower", a run; empty: nothing
    pixels: bool = False  # whether its single pixels are drawn too
    years: tuple[int, ...] = ()  # those shown; empty: all
    axes: Literal["1, 2", "2, 3", "3-D"] = "1, 2"
    colour: Colouring = "season"
    dims: tuple[int, ...] = ()  # values of the embedding drawn as series, from 0; empty: those that tell most
    fill: Method | Literal["none"] = "none"
    fitted: frozenset[str] = frozenset()  # places for which the slow model was asked for
    part: str = YEARS
    measure: Literal["dtw", "area"] = "dtw"
    season_mapped: bool = False  # whether maps of the season's dates were asked for
    season_year: int = 0  # the year they show
    season_part: Literal["start", "peak", "end"] = "start"
    mapped: bool = False  # whether maps of what is unusual were asked for
    sought: bool = False  # whether events were
    known: bool = False  # whether what is known to have happened is shown


def settle(site_id: str) -> Choices:
    """The session's choices for this site; fresh ones for another, of which the part of the page stays."""
    kept = st.session_state.get(Key.TRAJECTORIES)
    if not isinstance(kept, Choices) or kept.site != site_id:
        kept = Choices(site=site_id, part=kept.part if isinstance(kept, Choices) else YEARS)
        st.session_state[Key.TRAJECTORIES] = kept
    return kept


def current() -> Choices:
    chosen: Choices = st.session_state[Key.TRAJECTORIES]
    return chosen


def change(**changes: Any) -> None:
    """Take over what the reader chose."""
    st.session_state[Key.TRAJECTORIES] = replace(current(), **changes)


def follows(name: str, kind: type | None = None) -> dict[str, Any]:
    """What makes a widget show the choice called `name` and change it; `kind` turns what the widget says."""
    value = getattr(current(), name)
    key = stand_at(f"trajectories_{name}", list(value) if isinstance(value, tuple) else value)

    def take() -> None:
        said = st.session_state[key]
        change(**{name: kind(said) if kind else said})

    return {"key": key, "on_change": take}
