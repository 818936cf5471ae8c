"""An embedding under way: begun in a process of its own, watched, cancelled, and taken up again."""

from __future__ import annotations

import sys

import streamlit as st

from core.embedding.cards import Card, cards
from core.embedding.selection import Selection
from core.embedding.unfinished import Unfinished, unfinished
from core.schema import SiteInfo
from core.ui import jobs, loaders, messages, runs, state
from core.ui.jobs import Status
from core.ui.messages import sentence

POLL_S = 1.0  # s between looks at the progress


def target(site_id: str) -> str:
    """Under what name the work on a site is known: there is one at a time."""
    return f"embed-{site_id}"


def begin(info: SiteInfo, *, model: str, selection: Selection, error: bool) -> None:
    """Start embedding a site in the background; what an interrupted run has done of the same is taken up."""
    command = [sys.executable, "-m", "core", "embed", info.id, "--model", model]
    for name in ("start", "end"):
        if date := getattr(selection, name):
            command += [f"--{name}", date]
    if selection.bbox:
        command += ["--bbox", *(repr(float(edge)) for edge in selection.bbox)]
    jobs.start(loaders.workspace(), target(info.id), [*command, *(["--error"] if error else [])], threads=None)


def is_running(info: SiteInfo) -> bool:
    """Whether the site is being embedded now, whoever began it."""
    job = jobs.find(loaders.workspace(), target(info.id))
    return job is not None and job.running


@st.fragment(run_every=POLL_S)
def watch(info: SiteInfo) -> None:
    """Progress and time left, and a way to stop; afterwards the result is looked at."""
    job = jobs.find(loaders.workspace(), target(info.id))
    if job is not None and job.running:
        bar, button = st.columns((10, 5), gap="small", vertical_alignment="center")
        bar.progress(job.fraction, text=job.message if job.fraction else "Opening the site and the model")
        if button.button("Cancel", width="stretch", help="Stops it; what is done so far is kept, to go on with."):
            jobs.cancel(loaders.workspace(), job.target)
        return
    if job is not None and job.status is Status.DONE and (found := runs.of(info)):
        state.choose(run=found[0].id)
    st.rerun()


def show_past(info: SiteInfo) -> None:
    """How the last run failed, if it did, and what was interrupted, to go on with or to drop."""
    job = jobs.find(loaders.workspace(), target(info.id))
    if job is not None and job.status is Status.FAILED:
        st.error(f"The last run did not come to its end. {sentence(job.message)}")
    for one in unfinished(loaders.workspace(), info.id):
        _offer(info, one)


def _offer(info: SiteInfo, one: Unfinished) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"unfinished {one.draft.name}"):
        size = f"{one.draft.size_bytes / 1e6:.0f} MB"
        what = f"{one.model}, {one.start} to {one.end}, {one.rows} × {one.cols} pixels"
        st.markdown(f"Interrupted at **{100 * one.share:.0f} %**: {what} ({size}).", width="stretch")
        if one.model in {card.name for card in cards()}:
            words = "Computes what is still missing."
            st.button("Go on", key=f"go on {one.draft.name}", on_click=_resume, args=(info, one), help=words)
        words = f"Removes what is done so far, and frees {size}."
        st.button("Discard", key=f"discard {one.draft.name}", on_click=_discard, args=(one,), help=words)


def _resume(info: SiteInfo, one: Unfinished) -> None:
    with messages.explained():
        begin(info, model=one.model, selection=one.selection, error=one.error)


def _discard(one: Unfinished) -> None:
    with messages.explained():
        loaders.workspace().discard(one.draft)


# ---------------------------------------------------------------- how fast it is here
def measures(info: SiteInfo, card: Card) -> bool:
    """Begin a trial of a model on this machine, unless there was one; whether one is going on."""
    if jobs.find(loaders.workspace(), _trial(card)) is None:
        command = [sys.executable, "-m", "core", "pace", info.id, "--model", card.name]
        jobs.start(loaders.workspace(), _trial(card), command, threads=None)
    return is_measuring(card)


def is_measuring(card: Card) -> bool:
    """Whether a trial of this model is going on."""
    job = jobs.find(loaders.workspace(), _trial(card))
    return job is not None and job.running


def _trial(card: Card) -> str:
    return f"pace-{card.name}"
