"""The path through latent space, and under one time axis what makes it up."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.figures.trajectories import latent_paths
from core.figures.trajectories_series import path_series
from core.gapfill import METHODS, FilledSeries, Method
from core.sources.site import Site
from core.trajectories.basis import Basis
from core.trajectories.paths import Path
from core.ui import chart, slow, state
from core.ui.embed.loaders import Embedding
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import change, current, follows
from core.ui.trajectories.places import Drawn, within
from core.ui.widgets import stand_at

PATH_PX, ROW_PX = 380, 78  # CSS px
MOST_DIMS = 4
FILLS: dict[str, str] = {"none": "not filled"} | {str(method): said for method, said in METHODS.items()}
AXES = {"1, 2": (0, 1), "2, 3": (1, 2), "3-D": (0, 1, 2)}  # of the model's principal components
AXES_HELP = (
    "Which directions of the embedding the path is drawn along; the first varies most, then the second, the third."
)
COLOURS = {"season": "day of year", "year": "year", "place": "place"}
SLOW: Method = "structural"


def draw_path(found: Embedding, site: Site | None, drawn: Drawn, basis: Basis, *, date: str) -> None:
    """The path of the place, what it is compared with, and, if asked for, its single pixels."""
    chosen = current()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = "What the colour of a date tells: when in the year, which year, or which place."
        st.selectbox(
            "Colour", list(COLOURS), format_func=COLOURS.__getitem__, width=130, **follows("colour"), help=words
        )
        st.pills("Axes", list(AXES), required=True, width="content", **follows("axes"), help=AXES_HELP)
        if chosen.place != "pixel":
            words = f"Draws the paths of its single pixels too, {loaders.AT_ONCE} of them at most."
            st.toggle("Its pixels", help=words, **follows("pixels"))
    shown = list(drawn.paths)
    if chosen.pixels and chosen.place != "pixel":
        shown += loaders.pixel_paths(found, site, drawn.words)
    shown = [one for one in (within(path, chosen.years) for path in shown) if one.known.any()]
    if not shown:
        st.info("The place was not seen in the years chosen. Choose other years.")
        return
    figure = latent_paths(
        shown,
        basis,
        colour=chosen.colour,
        axes=AXES[chosen.axes],
        date=date,
        theme=chart.theme(),
    )
    solid = len(AXES[chosen.axes]) == 3  # one chart for all flat views: it is changed, not made anew
    chart.draw(
        figure,
        key="latent space" if solid else "latent plane",
        height=PATH_PX,
        along=True,
        on_click=lambda day: state.choose(date=day),
    )
    st.caption(
        f"Axes of {basis.model or 'this model'}, fitted on {_runs(basis)}. Rings: low trust. A click leads to its date."
    )


def draw_series(
    found: Embedding, site: Site | None, drawn: Drawn, basis: Basis, *, date: str
) -> dict[int, FilledSeries]:
    """Values of the embedding, indices, backscatter and tower GPP, one under the other; returns the days between."""
    chosen, most, here = current(), found.sample.dims, drawn.words
    dims = chosen.dims or telling(basis)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            "Values of the embedding",
            range(1, most + 1),
            key=stand_at("trajectories_dims", [dim + 1 for dim in dims]),
            max_selections=MOST_DIMS,
            width=165,
            help="Those that tell most of what varies are drawn at first.",
            on_change=_take_dims,
        )
        words = "How the days between clear views are filled; filled days are dashed and never count as data."
        st.selectbox(
            "Days between", list(FILLS), format_func=FILLS.__getitem__, width=200, **follows("fill"), help=words
        )
    shown = within(drawn.paths[0], chosen.years)
    if not shown.known.any():
        return {}
    filled = _days_between(found, site, here, dims)
    rows = [
        (name, seen.days, seen.values) for name, seen in (loaders.sensors(found, site, here) if site else {}).items()
    ]
    if (tower := loaders.tower_gpp(site)) is not None:
        rows.append(("GPP<br>(gC m⁻² d⁻¹)", *tower))
    figure = path_series(
        shown, rows=rows, filled=filled, dims=dims, cursor=date, span=_span(shown), theme=chart.theme()
    )
    count = len(dims) + len(rows)
    chart.draw(
        figure,
        key=f"path series {found.run.id}",
        height=50 + ROW_PX * count,
        on_click=lambda day: state.choose(date=day),
    )
    if filled:
        remarks = dict.fromkeys(remark for one in filled.values() for remark in one.remarks)
        st.caption(
            " ".join(["Dashed: filled, never counted as data; the band holds two standard deviations.", *remarks])
        )
    return filled


def telling(basis: Basis) -> tuple[int, ...]:
    """The values of the embedding that weigh most on each of the first two axes."""
    return tuple(dict.fromkeys(int(np.abs(axis).argmax()) for axis in basis.axes.T[:2] if axis.any())) or (0,)


# ---------------------------------------------------------------- inside
def _runs(basis: Basis) -> str:
    count = len(basis.fitted_on)
    return "one embedding" if count == 1 else f"{count} embeddings"


def _span(path: Path) -> tuple[str, str]:
    years = path.days.astype("datetime64[Y]")
    return f"{years.min()}-01-01", f"{years.max()}-12-31"


def _take_dims() -> None:
    change(dims=tuple(sorted(dim - 1 for dim in st.session_state["trajectories_dims"])))


def _days_between(found: Embedding, site: Site | None, here: str, dims: tuple[int, ...]) -> dict[int, FilledSeries]:
    """The values filled for each day; none where that is not asked for, or is still being done."""
    chosen = current()
    if chosen.fill == "none":
        return {}
    if chosen.fill != SLOW:
        return loaders.filled(found, site, here, dims, chosen.fill)
    if here not in chosen.fitted:
        words = "Fits a trend and a season to each value that is drawn, and fills the days between with it."
        asked = {"fitted": chosen.fitted | {here}}
        st.button(f"Fit the model: about {1 + len(dims)} s", on_click=change, kwargs=asked, help=words)
        return {}
    done = slow.made(
        f"days between, {here} {dims}",
        found,
        site,
        partial(loaders.filled, found, site, here, dims, SLOW),
        words="Fitting trend and season to each value",
        on_stop=lambda: change(fitted=current().fitted - {here}),
    )
    return done or {}
