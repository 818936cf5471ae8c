"""A demo site in the making: started by itself on the first visit, with its progress, a way to stop, and a way back."""

from __future__ import annotations

import streamlit as st

from core.schema import FluxscapeError, SiteInfo
from core.sources.demo import demo_info
from core.ui import jobs, loaders, messages
from core.ui.jobs import Job, Status
from core.ui.messages import sentence

POLL_S = 0.5  # s between looks at the progress


def is_due(site: SiteInfo) -> bool:
    """Whether a demo site has no data yet, or is just being made again."""
    job = jobs.find(loaders.workspace(), jobs.simulation(site.id)) if site.simulated else None
    return site.simulated and (not site.has_data or (job is not None and job.running))


def make(site: SiteInfo) -> None:
    """Show the making of a demo site; starts it, unless it was started, stopped or failed before."""
    if jobs.find(loaders.workspace(), jobs.simulation(site.id)) is None:
        jobs.simulate(loaders.workspace(), site.id)
    _watch(site)


def offer_renewal(site: SiteInfo, problem: FluxscapeError | None = None) -> None:
    """Offer to make a demo site again that is damaged, as `problem` says, or was made by an older simulator."""
    if problem is not None:
        st.error(sentence(str(problem)))
    elif site.simulated and site.provenance != demo_info(site.id).provenance:
        st.info(f"{site.id} was made by an older version of the simulator.")
    else:
        return
    if site.simulated:
        st.button(
            "Make it again", on_click=_renew, args=(site,), help=f"Removes the stored {site.id} and makes it anew."
        )


def _renew(site: SiteInfo) -> None:
    with messages.explained():
        loaders.workspace().remove_site(site.id, again=True)
        jobs.simulate(loaders.workspace(), site.id)


@st.fragment(run_every=POLL_S)
def _watch(site: SiteInfo) -> None:
    job = jobs.find(loaders.workspace(), jobs.simulation(site.id))
    if job is not None and job.running:
        _show_progress(site, job)
    elif any(stored.id == site.id for stored in loaders.workspace().sites()):
        st.rerun()
    else:
        _offer_again(site, job)


def _show_progress(site: SiteInfo, job: Job) -> None:
    st.markdown(f"**Making {site.id}**, a demo site, on this computer: 10 to 20 seconds, once. It is kept.")
    st.progress(job.fraction, text=job.message)
    if st.button("Stop", help="Stops the making; it can be begun again."):
        jobs.cancel(loaders.workspace(), job.target)


def _offer_again(site: SiteInfo, job: Job | None) -> None:
    if job is not None and job.status is Status.FAILED:
        st.error(f"{site.id} could not be made. {sentence(job.message)}")
    else:
        st.info(f"The making of {site.id} was stopped.")
    words = f"Makes {site.id} on this computer: 10 to 20 s."
    st.button("Make it now", type="primary", on_click=_begin, args=(site,), help=words)


def _begin(site: SiteInfo) -> None:
    with messages.explained():
        jobs.simulate(loaders.workspace(), site.id)
