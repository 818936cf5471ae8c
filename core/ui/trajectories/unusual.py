"""How unusual each date of a place was, and, on demand, each pixel of each date."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.figures.trajectories_years import unusual_series
from core.frames import Grid
from core.sources.site import Site
from core.trajectories.paths import Path
from core.trajectories.unusual import UNUSUAL
from core.ui import chart, slow, state
from core.ui.embed.loaders import Embedding
from core.ui.player import PlayerState, date_player
from core.ui.trajectories import events, loaders
from core.ui.trajectories.choices import change, current

PER_SECOND = 400_000  # pixel-dates that are compared in a second, about


def draw(found: Embedding, site: Site | None, own: Path, *, here: str, date: str) -> None:
    """The curve, what each year was, and the maps."""
    distance, years, summers = loaders.curve(found, site, here)
    left, right = st.columns((11, 9), gap="medium")
    with left:
        spans = events.known_spans(found, site, loaders.place(found, site, here)) if current().known else []
        figure = unusual_series(distance.distance, own.days, known=spans, cursor=date, theme=chart.theme())
        chart.draw(figure, key=f"unusual {found.run.id}", on_click=lambda day: state.choose(date=day))
        st.caption(
            f"1: the place's ordinary distance from its other years at that time; from {UNUSUAL:g} on it counts as "
            "unusual. A date's own year never takes part."
        )
        events.known_toggle(site)
        st.markdown(_told(distance.distance, own.days, date))
        st.dataframe(departures(years, summers), hide_index=True, height="content")
        st.caption(
            "How far the mean of a year, and of its summer alone, when a drought would show, lay from the other years: "
            "in units of the embedding."
        )
    with right:
        _maps(found, date)


def departures(years: dict[int, float], summers: dict[int, float]) -> pd.DataFrame:
    """A row a year: how far it lay from the others, as a whole and in summer."""
    told = {"whole year": years, "summer": summers}
    rows = [
        {"year": str(year)} | {name: f"{shifts[year]:.2f}" if year in shifts else "–" for name, shifts in told.items()}
        for year in sorted({*years, *summers})
    ]
    return pd.DataFrame(rows, columns=["year", *told])


def _told(distance: np.ndarray, days: np.ndarray, date: str) -> str:
    at = int(np.argmin(np.abs((days - np.datetime64(date, "D")).astype(int))))
    if not np.isfinite(distance[at]):
        return f"{days[at]}: not seen, or too few views of other years to compare it with."
    return f"{days[at]}: **{distance[at]:.1f} times** the ordinary distance."


def _maps(found: Embedding, date: str) -> None:
    grid, dates = Grid.of(found.cube), found.features.sizes["time"]
    if not current().mapped:
        seconds = max(1, round(grid.rows * grid.cols * dates / PER_SECOND))
        words = "Computes for each pixel and date how far it lay from its other years."
        st.button(f"Map it for every date: about {seconds} s", on_click=change, kwargs={"mapped": True}, help=words)
        st.caption("A map for each date, on a player of its own: which pixels lay out of the ordinary, and when.")
        return
    frames = slow.made(
        "unusual",
        found,
        None,  # of the embedding alone
        partial(loaders.unusual_frames, found),
        words="Comparing every pixel with its other years",
        on_stop=lambda: change(mapped=False),
    )
    if frames is not None:
        date_player(frames, date=date, key="unusual_map", height=300, on_change=_follow)
        st.caption("Times the ordinary distance of each pixel; darker: more unusual.")


def _follow(shown: PlayerState) -> None:
    state.choose(date=shown.date)
