"""Similar places: a pixel or an area is chosen on the map, and everywhere that is like it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.clustering.legend import area_of_pixel_ha
from core.figures.clusters_map import Picture, similarity_picture
from core.similarity.compare import Measure
from core.similarity.sites import Refused, SiteMatch
from core.sources.site import Site
from core.ui import messages
from core.ui.clusters import choices, loaders
from core.ui.clusters.atlas import ALONE, Mark, Quantity, atlas, tell_ground
from core.ui.clusters.choices import SIMILAR, change, current, follows
from core.ui.embed.loaders import Embedding

MEASURES: Mapping[Measure, str] = {"cosine": "cosine: the same pattern", "euclidean": "Euclidean: the same values"}
HELP = {
    "Most alike 1 %": "Similarity that the most alike hundredth of its pixels reaches; sites stand in this order",
    "Mean": "Similarity of all its pixels, on average",
    "Share alike": "Share of its pixels that reach the threshold",
    "Compared": "Days that both sites were compared on",
}
MEASURED = "Cosine asks for the same ups and downs, however strong; Euclidean for the same values. 1: no difference."
FIRST_SHARE = 0.25  # of the pixels are alike, until a threshold is chosen


class Similar(NamedTuple):
    """Similarity (rows, cols) to the pixels of `area`, and what the place is called."""

    values: NDArray[np.float32]
    area: NDArray[np.bool_]
    place: str


def settle(found: Embedding, *, date: str) -> Similar | None:
    """How much everywhere is like the chosen place; until one is chosen, like the middle. None where that was not
    seen, and a word on it.
    """
    area, place = _place(found)
    with messages.answered():
        values = loaders.similarity(found, current().features(date), area, current().measure)
        if current().threshold is None:
            reached = np.nanquantile(values, 1 - FIRST_SHARE)
            change(threshold=float(np.clip(np.floor(100 * reached) / 100, 0, 1)))
        return Similar(values, area, place)
    return None


def draw_map(found: Embedding, site: Site | None, similar: Similar | None, *, date: str) -> Picture:
    """Where similarity reaches the threshold, over a grey picture of the site; returns it."""
    grid, mark = loaders.grid_of(found), current().mark(SIMILAR)
    if similar is None:
        picture = np.zeros((grid.rows, grid.cols, 4), np.uint8)
    else:
        picture = similarity_picture(similar.values, threshold=threshold())
    if mark.kind == "none" and similar is not None:
        row, column = (int(place[0]) for place in np.nonzero(similar.area))
        mark = Mark(seq=mark.seq, kind="pixel", pixel=(row, column))
    ground = loaders.ground(found, site, current().features(date), date=date)
    atlas(
        picture,
        loaders.grey(ground.picture),
        key="atlas similar",
        label="Map of similarity: click a pixel, or drag to draw round an area",
        hint="Click a pixel, or drag round an area, to see everywhere that is like it.",
        mark=mark,
        on_gesture=take,
        quantity=None if similar is None else Quantity("similarity", similar.values),
        light=False,
        height=ALONE,
    )
    tell_ground(ground, date)
    return picture


def take(mark: Mark) -> None:
    """Other places are like a pixel or an area."""
    choices.take_mark(SIMILAR, mark)


def controls() -> None:
    """Measure and threshold."""
    asked = follows("measure") | {"on_change": _measure}
    st.selectbox("Alike is", list(MEASURES), format_func=MEASURES.__getitem__, help=MEASURED, **asked)
    if current().threshold is not None:
        words = "1: the same as the place; what reaches this is green on the map."
        st.slider("Similarity of at least", 0.0, 1.0, step=0.01, help=words, **follows("threshold"))


def tell(found: Embedding, similar: Similar) -> None:
    """How much of the site is like the place."""
    known = np.isfinite(similar.values)
    reached = known & (similar.values >= threshold())
    pixel_ha = area_of_pixel_ha(loaders.grid_of(found))
    size = "" if pixel_ha is None else f" ({reached.sum() * pixel_ha:,.1f} ha)"
    share = reached.sum() / max(1, known.sum())
    st.markdown(
        f"**{reached.sum():,} pixels**{size}, {100 * share:.1f} % of what was seen, are at least "
        f"{threshold():.2f} like {similar.place}."
    )
    st.caption("Green goes from the threshold, pale, to 1, dark: the same.")


def other_sites(found: Embedding, similar: Similar, *, date: str) -> None:
    """The sites most like the place, of those embedded by the same model; asked for by a button, as it reads them."""
    asked = current().features(date)
    question = f"{found.digest} {asked} {loaders.digest_of(similar.area)} {current().measure} {threshold()}"
    if current().elsewhere != question:
        st.button(
            "Look at other sites",
            on_click=change,
            kwargs={"elsewhere": question},
            help="Reads the embedding of every other site: about a second each.",
        )
        return
    matches, refused = loaders.other_sites(found, asked, similar.area, current().measure, threshold())
    if matches:
        rows = [_row(match) for match in matches]
        st.dataframe(rows, hide_index=True, width="stretch", column_config={name: _column(name) for name in HELP})
    elif not refused:
        st.info("No other site has an embedding yet. Embed one with the same model on the Embed page, then look again.")
    for one in refused:
        _tell_refused(one)


def threshold() -> float:
    """From where on a pixel counts as alike."""
    return current().threshold or 0.0


# ---------------------------------------------------------------- inside
def _place(found: Embedding) -> tuple[NDArray[np.bool_], str]:
    """The pixels (rows, cols) that were chosen, and what to call them."""
    grid, mark = loaders.grid_of(found), current().mark(SIMILAR)
    area = mark.area((grid.rows, grid.cols))
    if area is not None:
        return area, f"an area of {area.sum():,} pixels"
    row, column = mark.pixel or (grid.rows // 2, grid.cols // 2)
    row, column = min(row, grid.rows - 1), min(column, grid.cols - 1)
    area = np.zeros((grid.rows, grid.cols), bool)
    area[row, column] = True
    return area, f"pixel {row}, {column}"


def _measure() -> None:
    measure: Measure = st.session_state["clusters_measure"]
    change(measure=measure, threshold=None)


def _row(match: SiteMatch) -> dict[str, str]:
    return {
        "Site": match.site,
        "Most alike 1 %": f"{match.nearest:.2f}",
        "Mean": f"{match.mean:.2f}",
        "Share alike": f"{100 * match.share:.1f} %",
        "Compared": match.period,
    }


def _column(name: str) -> Any:
    return st.column_config.TextColumn(help=HELP[name])


def _tell_refused(one: Refused) -> None:
    st.caption(f"{one.run} was left out: {messages.sentence(one.reason)}")
