"""Fits and maps under way: begun in a process of their own, watched, cancelled."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.gpp.regressors import REGRESSORS
from core.store import read_json
from core.ui import jobs, loaders, state
from core.ui.gpp.choices import Choices, change
from core.ui.gpp.words import worded
from core.ui.jobs import Job, Status

POLL_S = 0.5  # s between looks at the progress
STORED = re.compile(r"Stored as (\S+)\.")
MAPS = "gpp-map"
STARTING_S = 6.0  # s until a process has its libraries and has opened a site
SITE_S = 1.5  # s to read a site's footprint
FOLD_S = {  # s a fold and site of four years, search included, on two cores
    "ridge": 0.3,
    "random_forest": 1.2,
    "extra_trees": 0.8,
    "hist_gradient_boosting": 1.0,
    "support_vectors": 0.8,
    "gaussian_process": 3.0,
    "light_use": 1.5,
    "blend": 3.0,
    "unusual": 1.5,
    "transformer": 9.0,
    "transformer_paper": 55.0,
    "gru": 9.0,
}
USUAL_FOLD_S = 2.0  # of a regressor not named above


def target(model: str) -> str:
    """Under what name fits of a regressor are known."""
    return f"gpp-{model}".replace("_", "-")


def command(wanted: Choices, runs: Sequence[str], held_out: tuple[Sequence[int], Sequence[int]] | None) -> list[str]:
    """A fit as the command line knows it. `held_out`: years to train on and to test on, of fixed-years."""
    words = [sys.executable, "-m", "core", "gpp", "fit", *wanted.sites]
    words += ["--model", wanted.model, "--split", wanted.split, "--window", str(wanted.window)]
    words += ["--features", ",".join(wanted.features()), "--min-quality", f"{wanted.min_quality:g}"]
    words += ["--footprint", wanted.weighting()]
    words += [word for run in runs for word in ("--run", run)]
    for site, path in wanted.towers.items():
        words += ["--tower", f"{site}={path}"] if site in wanted.sites else []
    if held_out is not None:
        for option, years in zip(("--train-years", "--test-years"), held_out, strict=True):
            words += [option, ",".join(str(year) for year in years)]
    return words


def begin(wanted: Choices, words: Sequence[str]) -> None:
    """Start a fit in the background, on all cores."""
    change(seen="")
    jobs.start(loaders.workspace(), target(wanted.model), words, threads=None)


def running() -> Job | None:
    """The fit under way, whoever began it."""
    return next((job for job in _fits() if job.running), None)


@st.fragment(run_every=POLL_S)
def watch(name: str) -> None:
    """Progress and a way to stop; afterwards the result is looked at."""
    job = jobs.find(loaders.workspace(), name)
    if job is not None and job.running:
        bar, button = st.columns((10, 5), gap="small", vertical_alignment="center")
        bar.progress(job.fraction, text=job.message if job.fraction else "Opening the sites")
        if button.button("Cancel", key=f"cancel {name}", width="stretch", help="Stops it; nothing is stored."):
            jobs.cancel(loaders.workspace(), name)
        return
    if job is not None and job.status is Status.DONE and (run := stored_by(name)):
        state.choose(fit=run)
    st.rerun()


def show_past(model: str) -> None:
    """How the last fit by a regressor failed, if it did."""
    show_failure(target(model), "The last fit")


def show_failure(name: str, what: str) -> None:
    job = jobs.find(loaders.workspace(), name)
    if job is not None and job.status is Status.FAILED:
        st.error(f"{what} did not come to its end. {worded(job.message)}")


def stored_by(name: str) -> str:
    """The run that a finished fit told of; empty where it told none."""
    log = _folder(name) / jobs.LOG
    found = STORED.findall(log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else []
    return found[-1] if found else ""


# ---------------------------------------------------------------- how long it takes
def seconds(wanted: Choices, folds: int) -> tuple[float, bool]:
    """How long a fit will take, and whether that is known from an earlier one on this machine."""
    guess = _guess(wanted.model, len(wanted.sites), folds)
    known = _last(wanted.model)
    if known is None:
        return guess, False
    took, sites = known
    return max(STARTING_S, took * guess / _guess(wanted.model, sites, folds)), True


def _guess(model: str, sites: int, folds: int) -> float:
    return STARTING_S + sites * (SITE_S + (folds + 1) * FOLD_S.get(model, USUAL_FOLD_S))


def _last(model: str) -> tuple[float, int] | None:
    """Seconds and sites of the last fit by a regressor that came to its end here."""
    folder, job = _folder(target(model)), jobs.find(loaders.workspace(), target(model))
    if job is None or job.status is not Status.DONE or not (folder / jobs.PROGRESS).is_file():
        return None
    took = (folder / jobs.PROGRESS).stat().st_mtime - (folder / jobs.JOB).stat().st_mtime
    words = [str(word) for word in read_json(folder / jobs.JOB)["command"]]
    sites = words.index("--model") - words.index("fit") - 1 if {"fit", "--model"} <= set(words) else 0
    return (took, sites) if sites > 0 and took > 0 else None


def _fits() -> list[Job]:
    found = (jobs.find(loaders.workspace(), target(model)) for model in REGRESSORS)
    return [job for job in found if job is not None]


def _folder(name: str) -> Path:
    return loaders.workspace().root / "jobs" / name
