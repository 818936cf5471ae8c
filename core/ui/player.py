"""The date player: frames on a canvas with a date slider, play, hover and pixel click, all inside the browser.

Only what has settled reaches Python: a date 45 ms after the last step (while playing: on pause), and a clicked pixel.
The cursors of the page's charts follow every date, in the browser (core.ui.chart).
The pixels travel once, as a file named after their content, and stay in the browser; a rerun sends a few kilobytes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from core.frames import Frames
from core.ui.media import publish

USABLE_SHARE = 0.05  # of the pixels: a date with less is stepped over
PARTS = Path(__file__).parent / "components" / "player"


class PlayerState(NamedTuple):
    """What the player shows, after the user's last gesture."""

    date: str  # ISO; as asked for: by the gesture, or else by the caller
    shown: str  # ISO; the date of the frames nearest to it
    pixel: tuple[int, int] | None  # row, column


class View(NamedTuple):
    """What the browser reports: its `seq`-th gesture led to this date and pixel."""

    date: str
    pixel: tuple[int, int] | None
    seq: int


def _source(*names: str) -> str:
    return "\n".join((PARTS / name).read_text(encoding="utf-8") for name in names)


_mount = st.components.v2.component(
    "fluxscape_date_player",
    html=_source("player.html"),
    css=_source("player.css"),
    js=_source("view.js", "player.js"),
)


def date_player(
    frames: Frames,
    *,
    date: str,
    pixel: tuple[int, int] | None = None,
    key: str,
    height: int = 360,
    on_change: Callable[[PlayerState], None] | None = None,
) -> PlayerState:
    """Show `frames` at `date` with `pixel` (row, column) marked; return both as they are after the last gesture.

    Keep date and pixel in a state of your own, pass them in and take over what comes back, here or in `on_change`,
    which runs before the script does. What you pass counts, unless the user has moved since the last run: so the URL
    or a sidebar can set the date, and no echo of an older gesture moves the picture. `height`: at most, CSS px.
    """
    view = current_view(_reported(st.session_state.get(key)), date=date, pixel=pixel, seen=_seen(key))
    st.session_state[_seen_key(key)] = view.seq
    state = settled(frames, view)
    url = publish(frames.pixels.tobytes(), key=key, name=f"{frames.digest}.bin")
    _mount(
        key=key,
        data=player_data(frames, url=url, view=view, pixel=state.pixel, height=height),
        on_view_change=lambda: _tell(on_change, frames, key),
    )
    return state


def current_view(report: View | None, *, date: str, pixel: tuple[int, int] | None, seen: int) -> View:
    """The report where it holds a gesture younger than the `seen`-th, else what the caller passes."""
    if report is not None and report.seq > seen:
        return report
    return View(date, pixel, seen)


def settled(frames: Frames, view: View) -> PlayerState:
    """The state a view leads to on these frames: the nearest date, and no pixel outside the grid."""
    row, col = view.pixel or (-1, -1)
    inside = 0 <= row < frames.grid.rows and 0 <= col < frames.grid.cols
    shown = str(frames.dates[frames.nearest(view.date)])
    return PlayerState(view.date, shown, (row, col) if inside else None)


def player_data(frames: Frames, *, url: str, view: View, pixel: tuple[int, int] | None, height: int) -> dict[str, Any]:
    """All the browser needs beside the pixels, ready for JSON."""
    palette = None if frames.palette is None else base64.b64encode(frames.palette.tobytes()).decode()
    return {
        "url": url,  # where the pixels are: uint8, `count` dates from the `start`-th on
        "start": frames.start,
        "count": len(frames.pixels),
        "palette": palette,  # base64 of 256 RGBA colours for one byte a pixel; None: the pixels are RGBA themselves
        "dates": [str(day) for day in frames.dates],
        "share": [round(float(share), 3) for share in frames.clear_share],
        "channels": [channel._asdict() for channel in frames.channels],
        "grid": asdict(frames.grid),
        "label": frames.label,
        "usable_share": USABLE_SHARE,
        "height": height,
        "content": f"{frames.digest} {height}",  # a new one makes the browser lay out anew
        "date": view.date,
        "pixel": pixel,
        "seq": view.seq,
    }


def _reported(state: Any) -> View | None:
    """The browser's last report, from the component's session state."""
    view = (state or {}).get("view")
    if not view:
        return None
    pixel = view.get("pixel")
    return View(str(view["date"]), (int(pixel[0]), int(pixel[1])) if pixel else None, int(view["seq"]))


def _seen_key(key: str) -> str:
    return f"{key}:seen"


def _seen(key: str) -> int:
    return int(st.session_state.get(_seen_key(key), 0))


def _tell(on_change: Callable[[PlayerState], None] | None, frames: Frames, key: str) -> None:
    report = _reported(st.session_state.get(key))
    if on_change is not None and report is not None:
        on_change(settled(frames, report))
