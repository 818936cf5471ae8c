"""What happened at a site: found on demand, and beside it what is known of a simulated one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.figures.trajectories_events import event_map
from core.frames import Grid
from core.sources.site import Site
from core.trajectories.known import Known
from core.trajectories.places import Place
from core.trajectories.regions import Event
from core.ui import chart, state
from core.ui.embed.loaders import Embedding
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import change, current, follows

PER_SECOND = 400_000  # pixel-dates that are searched in a second, about


def draw(found: Embedding, site: Site | None) -> None:
    """The list and the map of what was found."""
    known = known_here(found, site) if current().known else []
    events: tuple[Event, ...] = ()
    left, right = st.columns((11, 9), gap="medium")
    with left:
        if current().sought:
            sought = loaders.events(found, site)
            events = sought.events
            _list(events)
            for remark in sought.remarks:
                st.caption(remark)
        else:
            seconds = max(2, round(found.features[0].size / PER_SECOND))
            st.button(f"Look for events: about {seconds} s", type="primary", on_click=change, kwargs={"sought": True})
            st.caption("Clear-cuts, fires, harvests, mowing: falls of the vegetation that no other year shows then.")
        known_toggle(site)
        if known:
            st.dataframe(_known_table(known), hide_index=True, height="content")
            st.caption("What the simulator did. Nothing on this page was computed from it.")
    with right:
        if events or known:
            figure = event_map(
                [one.mask for one in events],
                [one.mask for one in known if not one.mask.all()],
                [f"{one.kind}, {one.date}" for one in events],
                theme=chart.theme(),
            )
            chart.draw(figure, key="event map", height=380)


def known_toggle(site: Site | None) -> None:
    """Whether what is known to have happened is shown; only of a simulated site."""
    if site is not None and site.info.simulated:
        st.toggle("Show what is known to have happened (simulated)", **follows("known"))


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
def _list(events: tuple[Event, ...]) -> None:
    if not events:
        st.info("Nothing was found: no fall of the vegetation that other years do not show too.")
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
            for one in events
        ]
    )
    st.markdown(f"**{len(events)}** found; choose a row to follow its pixels.")
    st.dataframe(
        table,
        hide_index=True,
        height=260,
        key="trajectories_event_table",
        on_select=lambda: _take(events),
        selection_mode="single-row",
    )


def _take(events: tuple[Event, ...]) -> None:
    rows = st.session_state["trajectories_event_table"]["selection"]["rows"]
    if rows and rows[0] < len(events):
        change(place="event", event=int(rows[0]))
        state.choose(date=events[rows[0]].last)


def _known_table(known: list[Known]) -> pd.DataFrame:
    rows = [{"date": one.date, "end": one.end, "what": one.kind, "pixels": one.pixels} for one in known]
    return pd.DataFrame(rows)
