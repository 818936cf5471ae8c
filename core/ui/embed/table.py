"""All embeddings of a site: model, period, when, how long, size; to be opened, or exported as files."""

from __future__ import annotations

import streamlit as st

from core.embedding.pace import duration
from core.schema import SiteInfo
from core.store import Run
from core.ui import runs, state
from core.ui.embed import export
from core.ui.site_card import badge

WIDTHS = (6, 4, 4, 3, 4, 5)  # model and area, period, when, how long, size, buttons


def table(info: SiteInfo) -> None:
    """One row a run, the newest first."""
    found = runs.of(info)
    if not found:
        return
    st.subheader(f"Embeddings of {info.id} {badge(info)}")
    for run in found:
        with st.container(border=True, key=f"run {run.id}"):
            _row(run)
    st.caption("Embeddings made elsewhere come in with `python -m core load FILE`; see `python -m core load --help`.")


def _row(run: Run) -> None:
    columns = st.columns(WIDTHS, gap="small", vertical_alignment="center")
    for column, words in zip(columns, (_what(run), _when(run), _made(run), _took(run), _size(run)), strict=False):
        column.markdown(words)
    with columns[-1], st.container(horizontal=True, gap="small"):
        shown = run.id == state.view().run
        st.button(
            "Shown" if shown else "Open",
            key=f"open {run.id}",
            disabled=shown,
            on_click=state.choose,
            kwargs={"run": run.id},
            help="This one is looked at." if shown else "Looks at this embedding, on every page.",
        )
        with st.popover("Export", help="Writes this embedding as files for other programs."):
            export.choices(run)


def _what(run: Run) -> str:
    rows, columns = run.notes.get("rows"), run.notes.get("cols")
    error = ", with error" if run.spec.parameters.get("error") else ""
    return f"**{runs.model_of(run)}** · {rows} × {columns} pixels{error}"


def _when(run: Run) -> str:
    return f"{runs.period(run)} · {run.notes.get('dates')} dates"


def _made(run: Run) -> str:
    return f"made {run.made.astimezone():%Y-%m-%d %H:%M}"


def _took(run: Run) -> str:
    seconds = run.notes.get("seconds")
    return f"took {duration(float(seconds))}" if seconds else "loaded from a file"


def _size(run: Run) -> str:
    size = sum(file.stat().st_size for file in run.path.rglob("*") if file.is_file())
    return f"{run.notes.get('pixel_dates', 0):,} pixel-dates, {size / 1e6:.0f} MB"
