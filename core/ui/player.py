"""The date player: frames on a canvas with a date slider, play, hover and pixel click, all inside the browser.

Only what has settled reaches Python: a date 45 ms after the last step (while playing: on pause), and a clicked pixel.
The cursors of the page's charts follow every date, in the browser (core.ui.chart).
The pixels travel once, as a file named after their content, and stay in the browser; a rerun sends a few kilobytes.
Two pictures of one place and the same dates are swiped between with a line, which Python need not know of.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.frames import Frames
from core.schema import InputError
from core.ui.component import component
from core.ui.media import publish

Box = tuple[int, int, int, int]  # first row and column, and those after the last ones

USABLE_SHARE = 0.05  # of the pixels: a date with less is stepped over


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


_mount = component("player", "payloads.js", "steering.js", "view.js")


def date_player(
    frames: Frames,
    *,
    date: str,
    pixel: tuple[int, int] | None = None,
    key: str,
    height: int = 360,
    left: Frames | None = None,
    box: Box | None = None,
    on_change: Callable[[PlayerState], None] | None = None,
    on_box: Callable[[Box], None] | None = None,
) -> PlayerState:
    """Show `frames` at `date` with `pixel` (row, column) marked; return both as they are after the last gesture.

    Keep date and pixel in a state of your own, pass them in and take over what comes back, here or in `on_change`,
    which runs before the script does. What you pass counts, unless the user has moved since the last run: so the URL
    or a sidebar can set the date, and no echo of an older gesture moves the picture. `height`: at most, CSS px.

    `left` is shown left of a line that the reader moves. With `on_box` a drag over the picture draws a box, and `box`
    is the one to frame.
    """
    view = current_view(_reported(st.session_state.get(key)), date=date, pixel=pixel, seen=_seen(key))
    st.session_state[_seen_key(key)] = view.seq
    state = settled(frames, view)
    data = player_data(frames, url=_publish(frames, key), view=view, pixel=state.pixel, height=height)
    if left is not None:
        data |= left_data(frames, left, url=_publish(left, f"{key}/left"))
    _mount(
        key=key,
        data=data | {"drawable": on_box is not None, "box": box},
        on_view_change=lambda: _tell(on_change, frames, key),
        on_box_change=on_box and (lambda: _tell_box(on_box, key)),
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


def left_data(frames: Frames, left: Frames, *, url: str) -> dict[str, Any]:
    """What is added to the data of `frames` by a picture left of the line: of the same pixels, at the same dates."""
    same = left.grid == frames.grid and left.start == frames.start and len(left.pixels) == len(frames.pixels)
    if not (same and np.array_equal(left.dates, frames.dates)):
        raise InputError("left", left.label, "shows other dates or pixels", "give both pictures one grid and axis")
    channels = [channel._asdict() for channel in left.channels]
    picture = {"url": url, "palette": _palette(left), "channels": channels, "label": left.label}
    return {"left": picture, "content": f"{frames.digest} {left.digest}"}


def player_data(frames: Frames, *, url: str, view: View, pixel: tuple[int, int] | None, height: int) -> dict[str, Any]:
    """All the browser needs beside the pixels, ready for JSON."""
    return {
        "url": url,  # where the pixels are: uint8, `count` dates from the `start`-th on
        "start": frames.start,
        "count": len(frames.pixels),
        "palette": _palette(
            frames
        ),  # base64 of 256 RGBA colours for one byte a pixel; None: the pixels are RGBA themselves
        "dates": [str(day) for day in frames.dates],
        "share": [round(float(share), 3) for share in frames.clear_share],
        "channels": [channel._asdict() for channel in frames.channels],
        "grid": asdict(frames.grid),
        "label": frames.label,
        "usable_share": USABLE_SHARE,
        "height": height,
        "left": None,  # a second picture, see left_data
        "content": f"{frames.digest} {height}",  # a new one makes the browser lay out anew
        "date": view.date,
        "pixel": pixel,
        "seq": view.seq,
    }


def _palette(frames: Frames) -> str | None:
    return None if frames.palette is None else base64.b64encode(frames.palette.tobytes()).decode()


def _publish(frames: Frames, key: str) -> str:
    return publish(frames.pixels.tobytes(), key=key, name=f"{frames.digest}.bin")


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


def _tell_box(on_box: Callable[[Box], None], key: str) -> None:
    drawn = st.session_state[key]["box"]
    if drawn is not None:
        top, left, bottom, right = (int(edge) for edge in drawn)
        on_box((top, left, bottom, right))
