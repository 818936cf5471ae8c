"""What pixels are compared by: the controls that all parts of the page share."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.clustering.basis import BASES, FEWEST_DATES
from core.schema import SiteInfo
from core.ui import pictures, sidebar, state
from core.ui.clusters import loaders
from core.ui.clusters.choices import change, current, follows
from core.ui.embed import loaders as embeddings
from core.ui.embed.loaders import PRINCIPAL, Embedding

BEST = "best-seen year"


def settle_date(found: Embedding, info: SiteInfo) -> None:
    """Replace a date that is not chosen yet, or that this embedding is far from, by one it has."""
    frames = embeddings.frames(found, PRINCIPAL, limits=None, date=state.view().date)
    pictures.settle_date(frames, north=info.lat >= 0)


def settle(found: Embedding) -> str:
    """Leave out years and dates that this embedding does not have; returns the date (ISO) of the map, which the sidebar
    shows too.
    """
    dates, chosen = _dates(found), current()
    if chosen.year not in ("", *years(found)):
        change(year="")
    if chosen.span and not set(chosen.span) <= set(dates):
        change(span=None)
    shown = loaders.date_of(found, state.view().date)
    sidebar.draw_date(dates, shown=shown)
    return shown


def years(found: Embedding) -> list[str]:
    """Those with dates enough for a path."""
    names, counts = np.unique([date[:4] for date in _dates(found)], return_counts=True)
    return [str(name) for name, count in zip(names, counts, strict=True) if count >= FEWEST_DATES][::-1]


def controls(found: Embedding) -> None:
    """One date, a period's mean or the path through a year; standardised or not."""
    dates = _dates(found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox("Compare pixels by", list(BASES), format_func=BASES.__getitem__, **follows("basis"), width=190)
        basis = current().basis
        if basis == "year":
            options = ["", *years(found)]
            st.selectbox("Year", options, format_func=lambda year: year or BEST, **follows("year"), width=150)
        elif basis == "mean" and len(dates) > 1:
            change(span=current().span or (dates[0], dates[-1]))
            st.select_slider("Period", dates, **follows("span"), width=260)
        elif basis == "date":
            st.caption("The date in the sidebar.", width=150)
        words = "Every value of the embedding counts alike; else as much as it varies"
        st.toggle("Standardised", **follows("standardise"), help=words)


def _dates(found: Embedding) -> list[str]:
    return [str(day) for day in found.features["time"].values.astype("datetime64[D]")]
