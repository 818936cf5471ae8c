"""What is drawn, as a tidy table: a row a place and date, filled days marked."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.gapfill import FilledSeries
from core.sources.site import Site
from core.trajectories.basis import Basis
from core.trajectories.paths import Path
from core.trajectories.table import Filled, tidy
from core.ui.embed.loaders import Embedding
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import current
from core.ui.trajectories.paths import SLOW, telling
from core.ui.trajectories.places import Drawn, within

KINDS = {"CSV": "text/csv", "Parquet": "application/vnd.apache.parquet"}


def buttons(found: Embedding, site: Site | None, drawn: Drawn, basis: Basis) -> None:
    """Downloads of the paths; made when they are asked for."""
    years, filled = current().years, drawn_between(found, site, drawn, basis)
    with st.container(horizontal=True, gap="small"):
        for kind, media in KINDS.items():
            st.download_button(
                f"Export {kind}",
                partial(table, drawn.paths, years, basis, filled, kind=kind),
                f"{found.run.id}-paths.{kind.lower()}",
                media,
                on_click="ignore",
                help="Unit, time, trust, values, axes, run. Each chart's own buttons save it as PNG or SVG.",
            )


def drawn_between(found: Embedding, site: Site | None, drawn: Drawn, basis: Basis) -> Filled:
    """The days between that are drawn: of the values shown of the first path, by the way that was chosen."""
    chosen = current()
    if chosen.fill == "none" or (chosen.fill == SLOW and drawn.words not in chosen.fitted):
        return {}
    return loaders.filled(found, site, drawn.words, chosen.dims or telling(basis), chosen.fill)


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
