"""Figures on the page, drawn by a component that keeps its chart: a new date moves the cursor, and the zoom stays.

Each trace is compared by its content, here and in the browser. Long ones travel once, as files named after it, so a
step of the date sends a few kilobytes; those that are the same as before are not drawn again. What does not follow the
date at all is kept as it travels, so that a step does not make it anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import plotly
import plotly.graph_objects as go
import streamlit as st
from plotly.utils import PlotlyJSONEncoder

from core.assets import PLOTLY
from core.figures import CONFIG
from core.palette import DARK, LIGHT, Theme
from core.ui.component import component
from core.ui.media import publish

LONG = 1000  # characters of JSON: a trace with more is worth a request of its own
KEPT = 64  # figures, up to 100 kB each

_mount = component("chart", isolate_styles=False)


def theme() -> Theme:
    """The colours for figures on the page as it is now."""
    return DARK if st.context.theme.type == "dark" else LIGHT


class Drawn(NamedTuple):
    """A figure as it travels, but for where its long traces are to be had."""

    label: str
    height: int  # CSS px
    layout: str  # JSON
    traces: list[str]  # JSON of each


def draw(
    figure: go.Figure | Callable[[], go.Figure],
    *,
    key: str,
    of: Hashable = None,
    height: int | None = None,
    along: bool = False,
    on_click: Callable[[str], None] | None = None,
) -> None:
    """Show a figure as wide as its place; `height` in CSS px where its own does not suit the page.

    What makes a figure can be given in its place, with all it is made `of` beside the theme: it is asked but once.
    Long traces travel `along` with the figure where most controls change them: asking for each would take longer.

    A chart of the same `key` keeps its zoom, axis by axis, while the axis is the same. `on_click` gets the customdata
    of a point that is clicked, before the script runs again. A shape named "cursor" stands at the date of the page's
    player, in the browser, whatever date the figure was made for.
    """
    drawn = drawn_once(key, (of, theme().name), figure) if callable(figure) else drawn_from(figure)
    _mount(
        key=key,
        data=chart_data(drawn, key=key, height=height, along=along, clickable=on_click is not None),
        on_click_change=on_click and (lambda: _tell(on_click, key)),
    )


def drawn_from(figure: go.Figure) -> Drawn:
    """A figure, ready to travel."""
    parts = figure.to_dict()  # arrays of numbers as base64
    layout, traces = parts["layout"], parts["data"]
    layout.pop("template", None)  # core.figures uses none, and plotly.js would draw all anew at each new one
    texts = [_json(trace) for trace in traces]
    return Drawn(label(layout, traces), layout["height"], _json(keeping_zoom(layout)), texts)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def drawn_once(key: str, of: Hashable, _make: Callable[[], go.Figure]) -> Drawn:
    """What is made of the same was made before."""
    return drawn_from(_make())


def chart_data(drawn: Drawn, *, key: str, height: int | None, clickable: bool, along: bool = False) -> dict[str, Any]:
    """All the browser needs, ready for JSON."""
    return {
        "library": f"{PLOTLY}?{plotly.__version__}",
        "label": drawn.label,
        "height": height or drawn.height,
        "clickable": clickable,
        "config": dict(CONFIG),
        "layout": drawn.layout,
        "traces": [
            {"json": trace} if along or len(trace) <= LONG else _aside(trace, key=f"{key}/{place}")
            for place, trace in enumerate(drawn.traces)
        ],
    }


def label(layout: dict[str, Any], traces: list[dict[str, Any]]) -> str:
    """What a screen reader calls the chart: its title, else what its axes show, else what its traces do."""
    titled = [layout, *(layout[name] for name in sorted(layout, reverse=True) if _is_axis(name))]
    texts = [part.get("title", {}).get("text") for part in titled]
    names = [text for text in texts if text] or [trace["name"] for trace in traces if trace.get("name")]
    return "Chart: " + ", ".join(re.sub(r"<[^>]*>", " ", name) for name in names)


def keeping_zoom(layout: dict[str, Any]) -> dict[str, Any]:
    """The layout such that an axis keeps the user's zoom until it gets another title or another range from us."""
    axes = {
        name: axis | {"uirevision": json.dumps([axis.get("title", {}).get("text"), axis.get("range")])}
        for name, axis in layout.items()
        if _is_axis(name)
    }
    return layout | axes | {"uirevision": "kept"}


def _json(part: dict[str, Any]) -> str:
    return json.dumps(part, cls=PlotlyJSONEncoder)


def _is_axis(name: str) -> bool:
    return name.startswith(("xaxis", "yaxis"))


def _aside(trace: str, *, key: str) -> dict[str, str]:
    """Where a trace (JSON) is to be had."""
    name = hashlib.sha256(trace.encode()).hexdigest()[:16]
    return {"url": publish(trace.encode(), key=key, name=f"{name}.json", kind="application/json")}


def _tell(on_click: Callable[[str], None], key: str) -> None:
    point = st.session_state[key]["click"]
    if point is not None:
        on_click(str(point))
