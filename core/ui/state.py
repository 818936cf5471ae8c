"""What a session remembers: one class of keys, one initialiser, and the view that a link describes.

Widget keys do not survive a page change, so what a widget says is copied into the view, which does. The view stands
in the URL too: `write_link` puts it there, and `initialise` takes it from there when somebody opens or edits a link.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.embedding.doubt import Limits
from core.schema import InputError


class Key:
    """Everything kept in st.session_state under a name of ours."""

    VIEW = "view"  # View: what is looked at, on every page
    LINK = "link"  # dict: the query parameters as we last wrote them
    PROBLEMS = "problems"  # list of str: what could not be taken over from a link
    CLICKS = "map_clicks"  # int: clicks on markers that were already acted on
    REQUEST = "embedding_request"  # core.ui.embed.request.Request: what the form of the Embed page stands at
    LIMITS = "trust_limits"  # core.embedding.doubt.Limits: what is hatched as doubtful
    HATCH = "hatch"  # bool: whether it is
    MAPS_PAGE = "maps_page"  # int: which dimensions the small maps are of
    GPP = "gpp"  # core.ui.gpp.choices.Choices: what the GPP page stands at
    CLUSTERS = "clusters"  # core.ui.clusters.choices.Choices: what the Clusters page stands at
    TRAJECTORIES = "trajectories"  # core.ui.trajectories.choices.Choices: what the Trajectories page stands at
    OWN_SITE = "own_site"  # core.ui.own_site.choices.Choices: what is chosen of a site to be added
    BOX_DRAWN = "box_drawn"  # bool: a box was drawn just now; the form, outside the picture's fragment, has to show it
    SITE_PICKER = "site_picker"  # widgets from here on
    DATE_PICKER = "date_picker"
    LAYER_PICKER = "layer_picker"
    INDEX_PICKER = "index_picker"
    RUN_PICKER = "run_picker"
    PLAYER = "player"


@dataclass(frozen=True, kw_only=True)
class View:
    """What is looked at: enough to show the same to somebody else. Empty text: not chosen yet."""

    site: str = ""
    date: str = ""  # ISO, as asked for; the nearest acquisition is shown
    layer: str = ""  # what the picture shows: a composite of core.images.LAYERS, or INDEX_LAYER
    index: str = ""  # the spectral index that is looked at over time
    pixel: tuple[int, int] | None = None  # row, column from the north-west corner
    run: str = ""  # the embedding that is looked at
    picture: str = ""  # what is shown of it: "principal", "dims 1 2 3", or the name of a trust layer
    fit: str = ""  # the GPP model that is looked at
    clusters: str = ""  # what the Clusters page stands at, in the words of core.ui.clusters.link


def from_link(query: Mapping[str, str], *, before: View) -> tuple[View, list[str]]:
    """The view a link asks for, what it leaves open being as `before`; and a sentence for each thing it gets wrong."""
    view, problems = before, []
    if query.get("site", before.site) != before.site:
        view = View(site=query["site"], layer=before.layer, index=before.index, picture=before.picture)
    for name, parse in PARSERS.items():
        if name in query:
            try:
                changes: dict[str, Any] = {name: parse(query[name])}
                view = replace(view, **changes)
            except InputError as error:
                problems.append(str(error))
    return view, problems


def to_link(view: View) -> dict[str, str]:
    """The query parameters of a view."""
    pixel = "" if view.pixel is None else f"{view.pixel[0]},{view.pixel[1]}"
    texts = {name: getattr(view, name) for name in ("site", "date", "layer", "index")}
    parts = texts | {"pixel": pixel, "run": view.run, "picture": view.picture, "fit": view.fit}
    parts |= {"clusters": view.clusters}
    return {name: text for name, text in parts.items() if text}


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputError("date", text, "is no date", "write it as 2021-07-14") from None


def _pixel(text: str) -> tuple[int, int]:
    row, _, column = text.partition(",")
    if not (row.isdecimal() and column.isdecimal()):
        raise InputError("pixel", text, "is no row and column", "write it as 12,40")
    return int(row), int(column)


PARSERS: Mapping[str, Callable[[str], object]] = {
    "date": _date,
    "layer": str,
    "index": str,
    "pixel": _pixel,
    "run": str,
    "picture": str,
    "fit": str,
    "clusters": str,
}


# ---------------------------------------------------------------- the session
def initialise() -> None:
    """Give every key of ours a value, and take over what the URL asks for if it is not what we wrote there."""
    st.session_state.setdefault(Key.VIEW, View())
    st.session_state.setdefault(Key.LINK, {})
    st.session_state.setdefault(Key.PROBLEMS, [])
    st.session_state.setdefault(Key.CLICKS, 0)
    st.session_state.setdefault(Key.LIMITS, Limits())
    st.session_state.setdefault(Key.HATCH, False)
    st.session_state.setdefault(Key.MAPS_PAGE, 0)
    asked = st.query_params.to_dict()
    if asked and asked != st.session_state[Key.LINK]:
        st.session_state[Key.VIEW], st.session_state[Key.PROBLEMS] = from_link(asked, before=view())
        st.session_state[Key.LINK] = asked


def view() -> View:
    return st.session_state[Key.VIEW]


def choose(**changes: Any) -> None:
    """Take over what the user chose. Another site starts with a date, a pixel and an embedding of its own."""
    if changes.get("site", view().site) != view().site:
        changes = {"date": "", "pixel": None, "run": "", "fit": "", "clusters": ""} | changes
    st.session_state[Key.VIEW] = replace(view(), **changes)
    st.session_state[Key.PROBLEMS] = []


def correct(problem: str = "", **changes: Any) -> None:
    """Fill in what the view leaves open; `problem` says in a sentence why something else is shown than was asked."""
    st.session_state[Key.VIEW] = replace(view(), **changes)
    if problem:
        st.session_state[Key.PROBLEMS] = [*st.session_state[Key.PROBLEMS], problem]


def write_link() -> None:
    """Put the view into the URL, so that it can be copied, kept and reloaded."""
    link = to_link(view())
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)
    st.session_state[Key.LINK] = link
