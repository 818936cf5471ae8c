"""What is drawn, as a tidy table: a row a place and date, filled days marked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.gapfill import Method
from core.trajectories.basis import Basis
from core.trajectories.paths import Path
from core.trajectories.table import tidy
from core.ui.embed.loaders import Embedding
from core.ui.trajectories.choices import current
from core.ui.trajectories.places import Drawn, within


def button(found: Embedding, drawn: Drawn, basis: Basis) -> None:
    """A download of the paths as CSV; made when it is asked for."""
    years, fill = current().years, current().fill
    st.download_button(
        "Export CSV",
        lambda: table(drawn.paths, years, basis, "linear" if fill == "linear" else None),
        f"{found.run.id}-paths.csv",
        "text/csv",
        on_click="ignore",
        help="Unit, time, trust, values, axes, run. The camera of each chart saves it as a picture.",
    )


def table(paths: Sequence[Path], years: tuple[int, ...], basis: Basis, fill: Method | None) -> bytes:
    """CSV of the dates that are drawn."""
    shown = [one for one in (within(path, years) for path in paths) if one.known.any()]
    return tidy(shown, basis, fill=fill).to_csv(index=False).encode() if shown else b""
