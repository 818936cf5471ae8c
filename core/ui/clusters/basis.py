"""What pixels are compared by: the controls that all parts of the page share."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st

from core.clustering.basis import BASES, FEWEST_DATES, Basis, FeatureSpec
from core.schema import InputError, SiteInfo
from core.ui import pictures, sidebar, slow, state
from core.ui.clusters import loaders
from core.ui.clusters.choices import change, current, follows
from core.ui.embed import loaders as embeddings
from core.ui.embed.loaders import PRINCIPAL, Embedding

BEST = "best seen"
COMPARED = (
    "What of the embedding two pixels are alike in: their values on one date, their mean over a period, or their whole "
    "course through a year."
)


def settle_date(found: Embedding, info: SiteInfo) -> None:
    """Replace a date that is not chosen yet, or that this embedding is far from, by one it has."""
    frames = embeddings.frames(found, PRINCIPAL, limits=None, date=state.view().date)
    pictures.settle_date(frames, north=info.lat >= 0)


def settle(found: Embedding) -> str:
    """Leave out years and dates that this embedding does not have; returns the date (ISO) of the map, which the sidebar
    shows too.
    """
    dates, chosen = _dates(found), current()
    if chosen.basis not in bases(found):
        change(basis="mean" if len(dates) > 1 else "date")
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


def bases(found: Embedding) -> list[Basis]:
    """What pixels can be compared by: by a path only where a year has dates enough."""
    return [basis for basis in BASES if basis != "year" or years(found)]


def is_ready(found: Embedding, *, date: str) -> bool:
    """Whether pixels can be compared now; if not, a bar and a way to stop, or to begin again, stand on the page."""
    asked = current().features(date)
    if loaders.is_read(found, asked):
        return True
    if current().stopped == asked:
        words = "Reads what pixels are compared by, as chosen below, and draws the map."
        st.info("Stopped before all pixels were read. One date or a shorter period takes less time.")
        st.button("Read the embedding", on_click=change, kwargs={"stopped": None}, help=words)
        return False
    with suppress(InputError):  # there is nothing to compare by: said where it is asked for
        with st.spinner("Reading the embedding …"):
            done = slow.made(
                f"features {asked}",
                found,
                None,
                lambda report: loaders.read(found, asked, report),
                words="Reading what every pixel is compared by",
                on_stop=lambda: change(stopped=asked),
                patience=slow.PAGE_S,
                keep=False,
            )
        return bool(done)
    return True


def controls(found: Embedding) -> None:
    """One date, a period's mean or the path through a year; standardised or not."""
    dates = _dates(found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Compare pixels by",
            bases(found),
            format_func=BASES.__getitem__,
            **follows("basis"),
            width=190,
            help=COMPARED,
        )
        basis = current().basis
        if basis == "year":
            best = _best_year(found)
            options, words = (
                ["", *years(found)],
                "The year whose path is compared; best seen is that of most clear dates.",
            )
            st.selectbox(
                "Year", options, format_func=lambda year: year or best, **follows("year"), width=150, help=words
            )
        elif basis == "mean" and len(dates) > 1:
            _period(dates)
        elif basis == "date":
            st.caption("The date in the sidebar.", width=150)
        words = "On, every value of the embedding counts alike; off, as much as it varies."
        st.toggle("Standardised", **follows("standardise"), help=words)
    if "year" not in bases(found):
        st.caption(f"No year here has {FEWEST_DATES} dates, a path through a year needs them: embed a longer period.")


def _period(dates: list[str]) -> None:
    """First and last date of a mean."""
    first, last = current().span or (dates[0], dates[-1])
    change(span=(first, last))
    ends = {"first": (dates[: dates.index(last) + 1], first), "last": (dates[dates.index(first) :], last)}
    for end, (options, chosen) in ends.items():
        key = f"clusters_{end}"
        st.session_state[key] = chosen
        words = f"The {end} date that the mean is made of."
        st.selectbox(f"{end.capitalize()} date", options, key=key, on_change=_take_period, width=140, help=words)


def _take_period() -> None:
    change(span=(st.session_state["clusters_first"], st.session_state["clusters_last"]))


def _best_year(found: Embedding) -> str:
    """The year that is taken if none is chosen, by name."""
    with suppress(InputError):
        start = loaders.spec_of(found, FeatureSpec(basis="year", standardise=current().standardise)).start
        return f"{BEST}, {start[:4]}" if start else BEST
    return BEST


def _dates(found: Embedding) -> list[str]:
    return [str(day) for day in found.features["time"].values.astype("datetime64[D]")]
