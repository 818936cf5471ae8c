"""Looking, fetching and storing: each in a process of its own, beside the page, and safe from a bad file."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from core.schema import FluxscapeError
from core.store import Workspace, read_json
from core.ui import jobs, loaders, messages, state
from core.ui.jobs import Job, Status
from core.ui.own_site import uploads
from core.ui.own_site.choices import change, current
from core.ui.own_site.words import worded

POLL_S = 0.5  # s between looks at the progress
FOUND = "found.json"  # beside the progress of a look: what it found
FETCH, INGEST = "fetch-", "ingest-"  # targets of work that makes a site; its name follows
VERBS = {FETCH: "Fetching", INGEST: "Making"}
SAID_ALREADY = ("Fetching", "Asking", "Looking at")  # how messages begin, beside a bar that says so itself


# ---------------------------------------------------------------- a look: nothing is stored
def look(words: Sequence[str], *, kind: str, option: str) -> str:
    """Begin a look in the background, by an option of the command; returns its target, which stands for these words."""
    target = target_of(words, kind=kind)
    folder(target).mkdir(parents=True, exist_ok=True)
    (folder(target) / FOUND).unlink(missing_ok=True)
    jobs.start(loaders.workspace(), target, [*_core([*words, option]), "--save", str(folder(target) / FOUND)])
    return target


def target_of(words: Sequence[str], *, kind: str) -> str:
    return f"{kind}-{hashlib.sha256(json.dumps(list(words)).encode()).hexdigest()[:12]}"


def is_running(target: str) -> bool:
    job = jobs.find(loaders.workspace(), target)
    return job is not None and job.running


def found(target: str) -> dict[str, Any] | None:
    """What a look found; None where it is under way, was stopped or failed."""
    path = folder(target) / FOUND
    return read_json(path) if target and path.is_file() else None


def show_look(target: str, doing: str) -> None:
    """A look under way."""
    if is_running(target):
        _watch(target, doing)


def show_failure(target: str) -> None:
    """How a look failed. It stands below the button that looks: above, it would move it when it goes."""
    job = jobs.find(loaders.workspace(), target) if target else None
    if job is not None and job.status is Status.FAILED:
        st.error(worded(job.message))


def folder(target: str) -> Path:
    return loaders.workspace().root / "jobs" / target


def _core(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "core", *words]


# ---------------------------------------------------------------- making a site
def begin(words: Sequence[str], *, kind: str, site: str) -> None:
    """Start making a site in the background; it is looked at when it is done."""
    jobs.start(loaders.workspace(), f"{kind}{site}", [*_core(words), "--json"])
    change(awaited=f"{kind}{site}", open=False)


def show() -> None:
    """Sites in the making, those that stopped, and what was odd about one just made."""
    _take_done()
    for job in _jobs():
        if job.running:
            _watch(job.target, f"{VERBS[_kind(job)]} **{_site(job)}**")
        elif job.status is not Status.DONE:
            _offer(job)
    _tell()


def is_making(site: str) -> bool:
    return any(_site(job) == site and job.running for job in _jobs())


def is_used(folder: Path) -> bool:
    """Whether uploaded files belong to a site that is in the making or could be gone on with."""
    return any(str(folder) in _words(job) for job in _jobs())


def _jobs() -> list[Job]:
    """All work that makes a site, or made one."""
    workspace = loaders.workspace()
    names = sorted(path.name for path in (workspace.root / "jobs").glob("*") if path.name.startswith((FETCH, INGEST)))
    every = (jobs.find(workspace, name) for name in names)
    return [job for job in every if job is not None]


def _kind(job: Job) -> str:
    return FETCH if job.target.startswith(FETCH) else INGEST


def _site(job: Job) -> str:
    return job.target.removeprefix(_kind(job))


@st.fragment(run_every=POLL_S)
def _watch(target: str, doing: str) -> None:
    job = jobs.find(loaders.workspace(), target)
    if job is None or not job.running:
        st.rerun()
        return
    bar, button = st.columns((10, 2), gap="small", vertical_alignment="center")
    words = job.message.removeprefix(f"{_site(job)}: ")
    for verb in SAID_ALREADY:
        words = words.removeprefix(f"{verb} ")
    bar.progress(job.fraction, text=f"{doing}: {words}")
    if button.button("Stop", key=f"stop {target}", width="stretch", help="Stops it; what is there so far is kept."):
        jobs.cancel(loaders.workspace(), target)


def _take_done() -> None:
    """Look at a site that was made; drop what is known of its work."""
    for job in _jobs():
        if job.status is Status.DONE:
            uploads.forget(loaders.workspace(), _words(job))
            told = _told(job)
            _forget(job)
            if current().awaited == job.target:
                change(awaited="", told={_site(job): told}, uploaded=None, weather=None, path="", read="", looked="")
                state.choose(site=_site(job))
                st.rerun()


def _offer(job: Job) -> None:
    """Work that stopped: why, and ways to go on or to drop it."""
    draft = next((one for one in _drafts(loaders.workspace()) if one.name == _site(job)), None)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"stopped {job.target}"):
        why = "was stopped" if job.status is Status.CANCELLED else f"came to no end: {worded(job.message)}"
        size = 0 if draft is None else round(draft.size_bytes / 1e6)
        there = "" if draft is None else f" What was fetched is kept{f' ({size} MB)' if size else ''}."
        st.markdown(f"**{_site(job)}** {why.rstrip('.')}.{there}", width="stretch")
        words, told = ("Go on", "Does what is still missing.") if draft else ("Try again", "Begins it anew.")
        st.button(words, key=f"again {job.target}", on_click=_again, args=(job,), help=told)
        told = "Removes what is there of it; your own files stay."
        st.button("Discard", key=f"drop {job.target}", on_click=_discard, args=(job,), help=told)


def _again(job: Job) -> None:
    with messages.explained():
        jobs.start(loaders.workspace(), job.target, _words(job))
        change(awaited=job.target)


def _discard(job: Job) -> None:
    workspace = loaders.workspace()
    with messages.explained():
        for draft in _drafts(workspace):
            if draft.name == _site(job):
                workspace.discard(draft)
        uploads.forget(workspace, _words(job))
        _forget(job)


def _drafts(workspace: Workspace) -> list[Any]:
    return [draft for draft in workspace.drafts() if draft.shelf == "sites" and not draft.live]


def _words(job: Job) -> list[str]:
    """The command that was begun."""
    with suppress(FluxscapeError, KeyError):
        return [str(word) for word in read_json(folder(job.target) / jobs.JOB)["command"]]
    return []


def _forget(job: Job) -> None:
    shutil.rmtree(folder(job.target), ignore_errors=True)


# ---------------------------------------------------------------- what was odd
def _told(job: Job) -> tuple[str, ...]:
    """The remarks of a command that came to its end: the last of its output is JSON."""
    with suppress(OSError, ValueError, KeyError):
        text = (folder(job.target) / jobs.LOG).read_text(encoding="utf-8", errors="replace")
        return tuple(json.loads(text[text.index("{\n") :])["remarks"])
    return ()


def _tell() -> None:
    site = state.view().site
    if told := current().told.get(site):
        with st.container(border=True, key="told"):
            st.markdown(f"**{site} is in your workspace.** What to know of it:")
            st.markdown("\n".join(f"- {worded(one)}" for one in told))
            st.button("Close", key="told close", on_click=lambda: change(told={}), help="Puts these remarks away.")
