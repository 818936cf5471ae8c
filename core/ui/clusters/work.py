"""What takes longer than a reader waits: begun in a process of its own, watched, cancelled, and looked at when done."""

from __future__ import annotations

import sys

import streamlit as st

from core.clustering.basis import FeatureSpec
from core.clustering.studies import Kind
from core.ui import jobs, loaders, messages
from core.ui.clusters.loaders import spec_of
from core.ui.embed.loaders import Embedding
from core.ui.jobs import Job, Status
from core.ui.messages import sentence

POLL_S = 0.5  # s between looks at the progress
ASKED = {"cluster-number": "--suggest", "neighbour-plane": "--plane"}  # how the command line calls it
FAILED = {"cluster-number": "The number of clusters", "neighbour-plane": "The arrangement of the pixels"}


def begin(found: Embedding, kind: Kind, spec: FeatureSpec) -> None:
    """Start to find an answer in the background, unless one of this kind is being sought for the embedding."""
    asked = spec_of(found, spec)
    words = [sys.executable, "-m", "core", "cluster", found.run.id, ASKED[kind], "--by", asked.basis]
    for name in ("date", "start", "end"):
        if day := getattr(asked, name):
            words += [f"--{name}", day]
    words += ["--standardise" if asked.standardise else "--no-standardise"]
    with messages.explained():
        jobs.start(loaders.workspace(), target(found, kind), words)


def running(found: Embedding, kind: Kind) -> bool:
    """Whether an answer is being sought, whoever began it."""
    job = _job(found, kind)
    return job is not None and job.running


@st.fragment(run_every=POLL_S)
def watch(found: Embedding, kind: Kind) -> None:
    """Progress and a way to stop; afterwards the page is drawn anew."""
    job = _job(found, kind)
    if job is None or not job.running:
        st.rerun()
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(job.fraction, text=job.message if job.fraction else "Opening the embedding")
        if st.button("Cancel", key=f"cancel {kind}", help="Stops the search; it can be begun again."):
            jobs.cancel(loaders.workspace(), job.target)


def show_failure(found: Embedding, kind: Kind) -> None:
    """How the last search ended, if it failed."""
    job = _job(found, kind)
    if job is not None and job.status is Status.FAILED:
        st.error(f"{FAILED[kind]} could not be found. {sentence(job.message)}")


def target(found: Embedding, kind: Kind) -> str:
    """Under what name the work is known: there is one of a kind at a time."""
    return f"{kind}-{found.digest}"


def _job(found: Embedding, kind: Kind) -> Job | None:
    return jobs.find(loaders.workspace(), target(found, kind))
