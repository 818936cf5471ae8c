"""An embedding as files for other programs: written in the background into the workspace's folder of exports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from core.store import Run
from core.ui import jobs, loaders, messages
from core.ui.jobs import Job, Status
from core.ui.messages import sentence

POLL_S = 0.5  # s between looks at the progress
SMALL = 50_000_000  # bytes: a file of at most this can be downloaded by a button


class Form(NamedTuple):
    """One kind of files."""

    to: str  # as `python -m core export` calls it
    button: str
    name: str  # of the file or folder
    what: str
    help: str


FORMS = (
    Form(
        "geoparquet",
        "GeoParquet",
        "samples.parquet",
        "1,000 pixels at random, at all their dates, as a table",
        "For R, Python or a spreadsheet: a row a pixel and date.",
    ),
    Form(
        "cog",
        "GeoTIFF",
        "geotiff",
        "one cloud-optimised file a date, a band a dimension, with its trust layers",
        "For QGIS and other maps.",
    ),
    Form(
        "zarr",
        "Zarr",
        "embedding.zarr",
        "the whole cube with its trust layers",
        "For xarray and other readers of Zarr: time, y, x and dimension in one.",
    ),
)


def choices(run: Run) -> None:
    """A button for each kind of files; what was written, and where."""
    if any(job is not None and job.running for job in _jobs(run)):
        _watch(run)
        return
    for form, job in zip(FORMS, _jobs(run), strict=True):
        st.button(
            f"{form.button}: {form.what}",
            key=f"export {form.to} {run.id}",
            on_click=_begin,
            args=(run, form),
            help=form.help,
        )
        _tell(run, form, job)


# ---------------------------------------------------------------- inside
def _tell(run: Run, form: Form, job: Job | None) -> None:
    path = _path(run, form)
    if job is not None and job.status is Status.FAILED:
        st.error(f"The export did not come to its end. {sentence(job.message)}")
    elif path.exists():
        st.caption(f"Lies in `{path}`")
        if path.is_file() and path.stat().st_size <= SMALL:
            st.download_button(
                "Download",
                path.read_bytes(),
                f"{run.id}-{form.name}",
                key=f"download {form.to} {run.id}",
                help=f"{form.button}: {form.what}.",
            )


@st.fragment(run_every=POLL_S)
def _watch(run: Run) -> None:
    job = next((job for job in _jobs(run) if job is not None and job.running), None)
    if job is None:
        st.rerun()
    else:
        st.progress(job.fraction, text=job.message or "Writing")
        if st.button("Cancel", key=f"cancel export {run.id}", help="Stops the writing; half a file is not kept."):
            jobs.cancel(loaders.workspace(), job.target)


def _begin(run: Run, form: Form) -> None:
    with messages.explained():
        path = _path(run, form)
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "core", "export", run.id, str(path), "--to", form.to, "--overwrite"]
        jobs.start(loaders.workspace(), _target(run, form), command)


def _jobs(run: Run) -> list[Job | None]:
    return [jobs.find(loaders.workspace(), _target(run, form)) for form in FORMS]


def _target(run: Run, form: Form) -> str:
    return f"export-{form.to}-{run.id[-50:]}"


def _path(run: Run, form: Form) -> Path:
    return loaders.workspace().root / "exports" / run.id / form.name
