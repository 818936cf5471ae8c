"""Which place is followed, the picture it is chosen on, and what it is compared with."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.frames import Grid
from core.sources.site import Site
from core.trajectories.compare import Comparison, compare
from core.trajectories.paths import Path
from core.ui import loaders as sites
from core.ui import runs, sidebar, state
from core.ui.embed import loaders as embeddings
from core.ui.embed.loaders import PRINCIPAL, Embedding
from core.ui.player import Box, PlayerState, date_player
from core.ui.state import Key
from core.ui.trajectories import loaders
from core.ui.trajectories.choices import change, current, follows

NAMES = {
    "pixel": "clicked pixel",
    "site": "whole site",
    "tower": "tower footprint",
    "area": "drawn area",
    "cluster": "cluster",
    "event": "event",
    "pinned": "the pinned place",
    "": "nothing",
}
HEIGHT = 330  # CSS px, at most, of the picture
HERE = ("pinned", "site", "tower")  # what a place can be compared with on the same embedding


class Drawn(NamedTuple):
    """What the page is about: the place in words, its path and the one beside it, and how far the two agree."""

    words: str
    paths: list[Path]
    agreement: Comparison | None


def settle(found: Embedding, site: Site | None) -> None:
    """Replace a pixel outside the embedding by its middle one, and say so; leave out years that it does not have."""
    grid = Grid.of(found.cube)
    row, column = _corner(found, site)
    pixel = state.view().pixel
    inside = pixel and row <= pixel[0] < row + grid.rows and column <= pixel[1] < column + grid.cols
    if not inside:
        middle = (row + grid.rows // 2, column + grid.cols // 2)
        problem = f"Pixel {pixel[0]},{pixel[1]} lies outside this embedding; its middle one is shown." if pixel else ""
        state.correct(problem, pixel=middle)
    if not set(current().years) <= set(years_of(found)):
        change(years=())
    change(dims=tuple(dim for dim in current().dims if dim < found.sample.dims))
    there = loaders.clusters(found)
    if current().cluster not in there:
        change(cluster=next(iter(there), ""))
    if current().place not in _kinds(found, site):
        change(place="pixel")
    if current().other and current().other not in _others(found, site):
        change(other="")


def years_of(found: Embedding) -> list[int]:
    """Those of the embedding's dates."""
    return [int(year) + 1970 for year in np.unique(found.features["time"].values.astype("datetime64[Y]").astype(int))]


def words(found: Embedding, site: Site | None) -> str:
    """The place that is followed, as core.trajectories.places writes it."""
    chosen = current()
    if chosen.place == "pixel":
        return _pixel_words(found, site)
    if chosen.place == "area" and chosen.box:
        top, left, bottom, right = chosen.box
        grid = Grid.of(found.cube)
        west, east = (grid.x + column * grid.pixel_width for column in (left, right - 1))
        north, south = (grid.y - row * grid.pixel_height for row in (top, bottom - 1))
        return f"box:{west - 1},{south - 1},{east + 1},{north + 1}"
    if chosen.place == "cluster":
        return f"cluster:{chosen.cluster}"
    if chosen.place == "event":
        return f"{loaders.EVENT}{chosen.event}"
    return chosen.place


def pickers(found: Embedding, site: Site | None, *, badge: str) -> None:
    """The place, what it is compared with, and the years."""
    options = _others(found, site)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.pills(
            "Follow",
            _kinds(found, site),
            format_func=NAMES.__getitem__,
            required=True,
            width="content",
            help="The place whose path is drawn: click a pixel of the picture, drag round an area, or choose here.",
            **follows("place"),
        )
        if current().place == "cluster":
            there = loaders.clusters(found)
            words = "A cluster that was kept on the Clusters page; its path is the mean of its pixels."
            st.selectbox(
                "Which", list(there), format_func=there.__getitem__, width=210, **follows("cluster"), help=words
            )
        st.selectbox(
            "Compare with",
            ["", *options],
            format_func=lambda one: options.get(one, NAMES.get(one, one)),
            width=240,
            help="A second path on the same axes: of another place here, of another site, or by another model.",
            **follows("other"),
        )
        words = "The years that are drawn and listed; none chosen: all."
        st.multiselect("Years", years_of(found), placeholder="all", width=200, **follows("years", tuple), help=words)
        st.markdown(badge, width="content")


def player(found: Embedding, site: Site | None) -> str:
    """True colour left of the line, the embedding right of it: a click chooses a pixel, a drag an area."""
    frames = embeddings.frames(found, PRINCIPAL, limits=None, date=state.view().date)
    row, column = _corner(found, site)
    pixel = state.view().pixel
    shown = date_player(
        frames,
        left=embeddings.true_colour(found, site, date=state.view().date),
        date=state.view().date,
        pixel=pixel and (pixel[0] - row, pixel[1] - column),
        key=Key.PLAYER,
        height=HEIGHT,
        on_change=lambda now: _follow(now, (row, column)),
        on_box=_take_box,
        box=current().box if current().place == "area" else None,
    )
    sidebar.draw_date([str(day) for day in frames.dates], shown=shown.shown)
    if current().place != "event":
        kind = {"pixel": "pixel", "area": "area"}.get(current().place, "place")
        told = "Keeps it as the second path while you choose another place."
        st.button(f"Pin this {kind} to compare with", on_click=_pin, args=(words(found, site),), help=told)
    return shown.shown


def drawn(found: Embedding, site: Site | None) -> Drawn:
    """The path of the place that is followed, and what it is compared with, on the same axes."""
    here, other = words(found, site), current().other
    own = loaders.path(found, site, here)
    if not other:
        return Drawn(here, [own], None)
    if other in HERE:
        second = loaders.path(found, site, current().pinned if other == "pinned" else other)
        return Drawn(here, [own, second], compare(own, second))
    run = sites.workspace().run(other)
    there = here if run.spec.site == found.run.spec.site else "site"
    second = loaders.path_of(run, there)
    second = replace(second, label=f"{second.label}, {run.spec.site}: {runs.label(run)}")
    if all(second.source[name] == own.source[name] for name in ("model", "weights")) and second.dims == own.dims:
        return Drawn(here, [own, second], compare(own, second))
    turned = compare(second, own, align=True)
    return Drawn(here, [own, _turned(second, own, turned)], turned)


def within(path: Path, years: tuple[int, ...]) -> Path:
    """A path's dates of some years; of all where none is named."""
    if not years:
        return path
    mine = np.isin(path.days.astype("datetime64[Y]").astype(int) + 1970, years)
    parts = {name: getattr(path, name)[mine] for name in ("days", "values", "seen", "low_trust")}
    return replace(path, **parts)


# ---------------------------------------------------------------- inside
def _kinds(found: Embedding, site: Site | None) -> list[str]:
    kinds = ["pixel", "site"]
    if site is not None and site.tower is not None:
        kinds.append("tower")
    if current().box:
        kinds.append("area")
    if loaders.clusters(found):
        kinds.append("cluster")
    return [*kinds, "event"] if current().place == "event" else kinds


def _others(found: Embedding, site: Site | None) -> dict[str, str]:
    """What a place can be compared with: places here, and the same place of other embeddings."""
    places = [kind for kind in ("pinned", "site", "tower") if kind != current().place]
    if not current().pinned:
        places.remove("pinned")
    if (site is None or site.tower is None) and "tower" in places:
        places.remove("tower")
    options = {kind: NAMES[kind] for kind in places}
    for run in sites.workspace().runs(kind=found.run.spec.kind):
        if run.id != found.run.id:
            options[run.id] = f"{run.spec.site}: {runs.label(run)}"
    return options


def _pixel_words(found: Embedding, site: Site | None) -> str:
    grid = Grid.of(site.cube if site else found.cube)
    row, column = state.view().pixel or (0, 0)
    return f"pixel:{grid.x + column * grid.pixel_width},{grid.y - row * grid.pixel_height}"


def _corner(found: Embedding, site: Site | None) -> tuple[int, int]:
    """Row and column of the embedding's first pixel in its site."""
    if site is None:
        return 0, 0
    first = (float(found.cube[axis].values[0]) for axis in ("y", "x"))
    row, column = (
        int(np.argmin(np.abs(site.cube[axis].values - value))) for axis, value in zip(("y", "x"), first, strict=True)
    )
    return row, column


def _follow(shown: PlayerState, corner: tuple[int, int]) -> None:
    pixel = shown.pixel and (shown.pixel[0] + corner[0], shown.pixel[1] + corner[1])
    if pixel and pixel != state.view().pixel:
        change(place="pixel")
    state.choose(date=shown.date, pixel=pixel or state.view().pixel)


def _take_box(box: Box) -> None:
    change(box=box, place="area")


def _pin(place: str) -> None:
    change(pinned=place, other="pinned")


def _turned(second: Path, own: Path, turned: Comparison) -> Path:
    """A path of another model as it lies in the space of this one."""
    days = turned.times.astype("datetime64[D]")
    return replace(
        second,
        label=f"{second.label}, aligned",
        days=days,
        values=turned.first.astype(np.float32),
        seen=np.ones(len(days), np.float32),
        low_trust=np.isin(days, second.days[second.low_trust]),
        source=own.source,
    )
