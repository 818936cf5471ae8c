"""Start, peak and end of each season, by every source there is."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.trajectories_years import season_dates
from core.sources.site import Site
from core.trajectories.season import Date, Season
from core.ui import chart
from core.ui.embed.loaders import Embedding
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import current

PARTS = ("start", "peak", "end")


def draw(found: Embedding, site: Site | None, *, here: str) -> None:
    """The dates as a table, and on the days of the year."""
    told, remarks, axis = loaders.season_dates(found, site, here)
    told = [one for one in told if not current().years or one.year in current().years]
    if not told:
        st.info("No year of this place can tell its season. " + " ".join(remarks[:2]))
        return
    left, right = st.columns((9, 11), gap="medium")
    with left:
        chart.draw(season_dates(told, theme=chart.theme()), key="season dates")
        st.caption("▸ start, ◆ peak, ◂ end; bars: the clear dates (tower: the means of ten days) around each.")
    with right:
        st.dataframe(table(told), hide_index=True, height="content")
        along = "the mean year's widest swing" if axis.r2 is None else f"NIRv (R² {axis.r2:.3f} on pixel-dates)"
        st.caption(f"Embedding: read along the direction that follows {along}. Start and end: two thirds of the span.")
        for remark in remarks:
            st.caption(remark)


def table(told: list[Season]) -> pd.DataFrame:
    """A row a year and source: each date with the half of the gap it lies in."""
    rows = [
        {"year": str(one.year), "source": one.source} | {part: _words(getattr(one, part)) for part in PARTS}
        for one in sorted(told, key=lambda one: one.year)
    ]
    return pd.DataFrame(rows)


def _words(date: Date | None) -> str:
    return "–" if date is None else f"{date.date} ± {date.uncertain_days:.0f} d"
