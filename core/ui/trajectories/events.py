"""What happened at a site: found on demand, and beside it what is known of a simulated one."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.figures.trajectories_events import event_map
from core.frames import Grid
from core.sources.site import Site
from core.trajectories.known import Known
from core.trajectories.places import Place
from core.trajectories.regions import Event
from core.ui import chart, slow, state
from core.ui.embed.loaders import Embedding
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import change, current, follows

LOOK = (
    "Searches every pixel and date of the embedding for falls of the vegetation, and joins pixels that fell together."
)
STRENGTH = "Of a sudden loss: the fall of NIRv, as the embedding tells it. Of a lasting change: the share that is gone."
TABLE_PX = 260  # CSS px: longer lists scroll, so that the map stays in sight
PER_SECOND = 400_000  # pixel-dates that are searched in a second, about


def draw(found: Embedding, site: Site | None) -> None:
    """The list and the map of what was found."""
    known = [one for one in known_here(found, site) if _shown(one.date)] if current().known else []
    events: dict[int, Event] = {}  # by their place among all that were found
    left, right = st.columns((11, 9), gap="medium")
    with left:
        if current().sought:
            events = _sought(found, site)
        else:
            seconds = max(2, round(found.features[0].size / PER_SECOND))
            label, asked = f"Look for events: about {seconds} s", {"sought": True}
            st.button(label, type="primary", on_click=change, kwargs=asked, help=LOOK)
            st.caption("Clear-cuts, fires, harvests, mowing: falls of the vegetation that no other year shows then.")
        known_toggle(site)
        if known:
            st.dataframe(_known_table(known), hide_index=True, height=TABLE_PX)
            st.caption("What the simulator did. Nothing on this page was computed from it.")
    with right:
        if events or known:
            figure = event_map(
                [one.mask for one in events.values()],
                [one.mask for one in known if not one.mask.all()],
                [f"{one.kind}, {one.date}" for one in events.values()],
                theme=chart.theme(),
            )
            chart.draw(figure, key="event map", height=380)
            st.caption(_legend(bool(events), bool(known)))


def known_toggle(site: Site | None) -> None:
    """Whether what is known to have happened is shown; only of a simulated site."""
    if site is not None and site.info.simulated:
        words = "Shows what the simulator made happen, to hold against what was found; no result is computed from it."
        st.toggle("Show what is known to have happened (simulated)", **follows("known"), help=words)


def known_here(found: Embedding, site: Site | None) -> list[Known]:
    """What is known of the pixels of an embedding that covers its whole site."""
    if site is None or not site.info.simulated:
        return []
    grid = Grid.of(found.cube)
    return [one for one in loaders.known(site) if one.mask.shape == (grid.rows, grid.cols) and one.mask.any()]


def known_spans(found: Embedding, site: Site | None, place: Place) -> list[tuple[str, str, str]]:
    """What is known to have happened to most of a place: name, first and last day."""
    spans = []
    for one in known_here(found, site):
        if place.weights[one.mask].sum() >= 0.5:
            end = max(one.end, str(np.datetime64(one.date, "D") + 3))  # of one day: still to be seen
            spans.append((one.kind, one.date, end))
    return spans


# ---------------------------------------------------------------- inside
def _sought(found: Embedding, site: Site | None) -> dict[int, Event]:
    """The list of what was found in the years chosen; a bar and nothing while it is sought."""
    loaders.vigour(found, site)  # under its own spinner, which a thread could not show
    sought = slow.made(
        "events",
        found,
        site,
        partial(loaders.events, found, site),
        words="Looking for events",
        on_stop=lambda: change(sought=False),
    )
    if sought is None:
        return {}
    events = {turn: one for turn, one in enumerate(sought.events) if _shown(one.date)}
    _list(events)
    for remark in sought.remarks:
        st.caption(remark)
    return events


def _shown(date: str) -> bool:
    """Whether a date (ISO) lies in the years that are chosen above."""
    return not current().years or int(date[:4]) in current().years


def _legend(found: bool, known: bool) -> str:
    """What the map shows; north is up."""
    coloured = (
        "Each colour is an event that was found, the latest on top: point at it to read what and when. "
        "Choose years above to see fewer."
    )
    outlined = "Outlines: where the simulator made something happen."
    return " ".join([*([coloured] if found else []), *([outlined] if known else [])])


def _list(events: dict[int, Event]) -> None:
    if not events:
        when = " in the years chosen" if current().years else ""
        st.info(f"Nothing was found{when}: no fall of the vegetation that other years do not show too.")
        return
    table = pd.DataFrame(
        [
            {
                "about": one.date,
                "what": one.kind,
                "area (ha)": one.area_ha,
                "pixels": one.pixels,
                "between clear views of": f"{one.first} and {one.last}",
                "strength": one.strength,
            }
            for one in events.values()
        ]
    )
    st.markdown(f"**{len(events)}** found; choose a row to follow its pixels.")
    st.dataframe(
        table,
        hide_index=True,
        height=TABLE_PX,
        column_config={
            "area (ha)": st.column_config.NumberColumn(format="%.2f"),
            "strength": st.column_config.NumberColumn(format="%.2f", help=STRENGTH),
        },
        key="trajectories_event_table",
        on_select=lambda: _take(events),
        selection_mode="single-row",
    )


def _take(events: dict[int, Event]) -> None:
    rows = st.session_state["trajectories_event_table"]["selection"]["rows"]
    if rows and rows[0] < len(events):
        event = list(events)[rows[0]]
        change(place="event", event=event)
        state.choose(date=events[event].last)


def _known_table(known: list[Known]) -> pd.DataFrame:
    rows = [{"date": one.date, "end": one.end, "what": one.kind, "pixels": one.pixels} for one in known]
    return pd.DataFrame(rows)
