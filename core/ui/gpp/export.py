"""All of a fit as files: written into the workspace's folder of exports, and to be downloaded."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.gpp.export import export_run
from core.ui import loaders, messages
from core.ui.gpp.loaders import Fit

SMALL = 50_000_000  # bytes: a file of at most this can be downloaded by a button
WHAT = {
    "predictions.csv": "Every held-out day, observed and predicted, with its 90 % interval: a table for any program.",
    "predictions.parquet": "The same table as Parquet, for R and Python.",
    "predictions.nc": "The same as NetCDF, with the climate community's names and units (CF).",
    "annual.csv": "Sums of whole years, with their 90 % intervals.",
    "scores.json": "All scores of this page, those of the baselines and of each part beside them.",
    "report.html": "One page to hand on: split, baselines, scores, cautions.",
    "repeat.sh": "The command that repeats the fit.",
}
REPEAT = "repeat.sh"
WRITES = "Writes all there is of this fit into a folder of the workspace, and offers the files for download."


def draw(fit: Fit) -> None:
    """A button that writes everything; then each file, and the command."""
    folder = loaders.workspace().root / "exports" / fit.run.id
    words = "Write predictions, scores, model, report and command"
    st.button(words, key=f"export {fit.run.id}", on_click=_write, args=(fit.run.id, folder), help=WRITES)
    if not (folder / REPEAT).is_file():
        return
    st.caption(f"Lies in `{folder}`; the model (safetensors or skops, never a pickle) in its folder `model`.")
    with st.container(horizontal=True, gap="small"):
        for name, what in WHAT.items():
            path = folder / name
            if path.is_file() and path.stat().st_size <= SMALL:
                key = f"download {fit.run.id} {name}"
                st.download_button(name, path.read_bytes(), f"{fit.run.id}-{name}", help=what, key=key)
    st.code((folder / REPEAT).read_text(encoding="utf-8").strip(), language="bash", wrap_lines=True)


def _write(run: str, folder: Path) -> None:
    with messages.explained():
        export_run(loaders.workspace(), run, folder)
