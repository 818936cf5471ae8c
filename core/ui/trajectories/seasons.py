"""Start, peak and end of each season: of the place by every source there is, and on demand of every pixel as maps."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.figures.trajectories_seasons import date_map, difference_map
from core.figures.trajectories_years import season_dates
from core.sources.site import Site
from core.trajectories.season import Date, Season
from core.trajectories.season_maps import later_than_usual
from core.ui import chart, messages, slow
from core.ui.embed.loaders import Embedding
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import change, current, follows

PARTS = ("start", "peak", "end")
TABLE_PX = 330  # CSS px: as high as the chart beside it
PER_SECOND = 1_000_000  # pixel-dates whose seasons are read in a second, about


def draw(found: Embedding, site: Site | None, *, here: str) -> None:
    """The dates as a table, and on the days of the year; under them the maps."""
    told, remarks, axis = loaders.season_dates(found, site, here)
    told = [one for one in told if not current().years or one.year in current().years]
    if told:
        left, right = st.columns((9, 11), gap="medium")
        with left:
            chart.draw(season_dates(told, theme=chart.theme()), key="season dates")
            st.caption("▸ start, ◆ peak, ◂ end; bars: the clear dates (tower: the means of ten days) around each.")
        with right:
            st.dataframe(table(told), hide_index=True, height=TABLE_PX)
            along = "the mean year's widest swing" if axis.r2 is None else f"NIRv (R² {axis.r2:.3f} on pixel-dates)"
            st.caption(
                f"Embedding: read along the direction that follows {along}. Start and end: two thirds of the span."
            )
            for remark in remarks:
                st.caption(messages.sentence(remark))
    else:
        st.info(" ".join(["No year of this place can tell its season.", *map(messages.sentence, remarks[:2])]))
    _maps(found, site)


def table(told: list[Season]) -> pd.DataFrame:
    """A row a year and source: each date with the half of the gap it lies in."""
    rows = [
        {"year": str(one.year), "source": one.source} | {part: _words(getattr(one, part)) for part in PARTS}
        for one in sorted(told, key=lambda one: one.year)
    ]
    return pd.DataFrame(rows)


# ---------------------------------------------------------------- inside
def _words(date: Date | None) -> str:
    return "–" if date is None else f"{date.date} ± {date.uncertain_days:.0f} d"


def _maps(found: Embedding, site: Site | None) -> None:
    if not current().season_mapped:
        seconds = max(1, round(found.features[0].size / PER_SECOND))
        asked, words = {"season_mapped": True}, "Reads start, peak and end of every pixel's season from the embedding."
        label = f"Map the season of every pixel: about {seconds} s"
        st.button(label, on_click=change, kwargs=asked, help=words)
        return
    loaders.vigour(found, site)  # under its own spinner, which a thread could not show
    maps = slow.made(
        "seasons",
        found,
        site,
        partial(loaders.season_maps_of, found, site),
        words="Reading the season of every pixel",
        on_stop=lambda: change(season_mapped=False),
    )
    if maps is None:
        return
    if current().season_year not in maps:
        change(season_year=max(maps))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = "The year of the map on the left; on the right it is compared with the others."
        st.pills("Year mapped", sorted(maps), required=True, width="content", **follows("season_year"), help=words)
        words = "Start and end: two thirds of the season's span are reached or left; peak: the greenest day."
        st.pills("Date", PARTS, required=True, width="content", **follows("season_part"), help=words)
    year, part = current().season_year, current().season_part
    later = later_than_usual(maps, year)
    left, right = st.columns(2, gap="medium")
    with left:
        figure = date_map(getattr(maps[year], part), year, title=f"{part} of season {year}", theme=chart.theme())
        chart.draw(figure, key="season map")
    with right:
        if later is None:
            st.caption("There is no other year to compare this one with.")
        else:
            figure = difference_map(getattr(later, part), title="later than the other years' mean", theme=chart.theme())
            chart.draw(figure, key="season difference")
    st.caption("From the embedding, pixel by pixel. Empty: too few clear dates, or land that hardly changes in a year.")
