"""All of a fit as files: written into the workspace's folder of exports, and to be downloaded."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.gpp.export import export_run
from core.ui import loaders, messages
from core.ui.gpp.loaders import Fit

SMALL = 50_000_000  # bytes: a file of at most this can be downloaded by a button
WHAT = {
    "predictions.csv": "held-out predictions, CSV",
    "predictions.parquet": "the same, Parquet",
    "predictions.nc": "the same, NetCDF with CF names and units",
    "annual.csv": "sums of years",
    "scores.json": "all scores",
    "report.html": "one-page report: split, baselines, cautions",
    "repeat.sh": "the command that repeats the fit",
}
REPEAT = "repeat.sh"


def draw(fit: Fit) -> None:
    """A button that writes everything; then each file, and the command."""
    folder = loaders.workspace().root / "exports" / fit.run.id
    words = "Write predictions, scores, model, report and command"
    st.button(words, key=f"export {fit.run.id}", on_click=_write, args=(fit.run.id, folder))
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
