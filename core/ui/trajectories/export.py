"""What is drawn, as a tidy table: a row a place and date, filled days marked."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.gapfill import FilledSeries
from core.trajectories.basis import Basis
from core.trajectories.paths import Path
from core.trajectories.table import Filled, tidy
from core.ui.embed.loaders import Embedding
from core.ui.trajectories.choices import current
from core.ui.trajectories.places import Drawn, within

KINDS = {"CSV": "text/csv", "Parquet": "application/vnd.apache.parquet"}


def buttons(found: Embedding, drawn: Drawn, basis: Basis, between: Filled) -> None:
    """Downloads of the paths and the days `between` that are drawn of the first; made when they are asked for."""
    years = current().years
    with st.container(horizontal=True, gap="small"):
        for kind, media in KINDS.items():
            st.download_button(
                f"Export {kind}",
                partial(table, drawn.paths, years, basis, between, kind=kind),
                f"{found.run.id}-paths.{kind.lower()}",
                media,
                on_click="ignore",
                help="Unit, time, trust, values, axes, run. Each chart's own buttons save it as PNG or SVG.",
            )


def table(
    paths: Sequence[Path], years: tuple[int, ...], basis: Basis, filled: Mapping[int, FilledSeries], *, kind: str
) -> bytes:
    """The dates that are drawn, as CSV or Parquet."""
    between = [filled, *[{}] * (len(paths) - 1)]
    shown = [(within(path, years), days) for path, days in zip(paths, between, strict=True)]
    shown = [(path, days) for path, days in shown if path.known.any()]
    if not shown:
        return b""
    rows = tidy([path for path, _ in shown], basis, filled=[days for _, days in shown])
    if years:
        rows = rows[rows["time"].dt.year.isin(years)]
    if kind == "CSV":
        return rows.to_csv(index=False).encode()
    file = io.BytesIO()
    rows.to_parquet(file, index=False)
    return file.getvalue()
