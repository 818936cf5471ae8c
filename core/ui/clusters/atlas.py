"""A map of pixels with an overlay, and the scatter of the same pixels beside it, linked in the browser.

A click chooses a pixel, a drag draws round an area; both light up on both sides at once, and then reach Python. The
pictures travel once, as files named after their content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.lasso import inside, pixels_inside
from core.palette import rgb
from core.ui.clusters.loaders import Ground
from core.ui.component import component
from core.ui.media import publish

FULL = 65534  # of a coordinate in the scatter; one more: the pixel is not in it
THOUSANDTHS, UNKNOWN = 1000, -32768  # of a value that the pointer reads; of one that nobody knows
HEIGHT = 350  # CSS px, at most, of the map
ALONE = 520  # where no scatter stands beside it

_mount = component("atlas", "payloads.js", "steering.js")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What the reader's `seq`-th gesture chose: a pixel (row, column), an area within a path, or nothing."""

    seq: int = 0
    kind: Literal["pixel", "area", "none"] = "none"
    on: Literal["map", "scatter"] = "map"
    pixel: tuple[int, int] | None = None
    path: tuple[tuple[float, float], ...] = ()  # row and column from the corner; in the scatter 0..1 across and up

    def area(self, shape: tuple[int, int], points: NDArray[np.uint16] | None = None) -> NDArray[np.bool_] | None:
        """The pixels (rows, cols) of an area; None where there is none. `points`: of the scatter, if it is shown."""
        if self.kind != "area":
            return None
        if self.on == "map":
            return pixels_inside(self.path, shape)
        if points is None or points.shape[:2] != shape:
            return None
        flat = points.reshape(-1, 2)
        return (inside(self.path, flat / FULL) & (flat[:, 0] <= FULL)).reshape(shape)


class Pin(NamedTuple):
    """Something drawn on the map: a place, or a closed path, of (row, column) from the corner."""

    path: Sequence[tuple[float, float]]
    colour: str


class Quantity(NamedTuple):
    """What the pointer reads: `values` (rows, cols) from -32 to 32, NaN where nobody knows; shown to hundredths."""

    name: str
    values: NDArray[np.float32]


class Scatter(NamedTuple):
    """Where each pixel lies: `points` (rows, cols, 2), and what the axes are."""

    points: NDArray[np.uint16]
    axes: tuple[str, str]


def scatter_of(scores: NDArray[np.float32], where: NDArray[np.bool_], axes: tuple[str, str]) -> Scatter:
    """Scores (n, 2 or more) of the pixels `where` (rows, cols), brought to whole numbers."""
    flat = np.zeros((len(scores), 2))
    flat[:, : min(2, scores.shape[1])] = scores[:, :2]
    low, high = flat.min(axis=0), flat.max(axis=0)
    margin = 0.03 * (high - low) + 1e-9
    points = np.full((*where.shape, 2), FULL + 1, np.uint16)
    points[where] = np.rint((flat - low + margin) / (high - low + 2 * margin) * FULL).astype(np.uint16)
    return Scatter(points, axes)


def atlas(
    over: NDArray[np.uint8],
    under: NDArray[np.uint8] | None = None,
    *,
    key: str,
    label: str,
    hint: str,
    mark: Mark,
    on_gesture: Callable[[Mark], None],
    scatter: Scatter | None = None,
    legend: Sequence[tuple[str, str]] = (),
    pins: Sequence[Pin] = (),
    quantity: Quantity | None = None,
    light: bool = True,
    height: int = HEIGHT,
) -> None:
    """Show the picture `over` (rows, cols, 4) on the picture `under`, and the scatter in the colours of `over`.

    `mark` is what is chosen; `on_gesture` gets what the reader chooses next, before the script runs again. `legend`:
    colour and name of what the pointer meets; `quantity`: what it reads there. Without `light` an area is framed, and
    the rest stays as strong.
    """
    data = {
        "under": None if under is None else _publish(under, f"{key}/under"),
        "over": _publish(over, f"{key}/over"),
        "points": None if scatter is None else _publish(scatter.points, f"{key}/points"),
        "values": None if quantity is None else _publish(thousandths(quantity.values), f"{key}/values"),
        "quantity": "" if quantity is None else quantity.name,
        "rows": over.shape[0],
        "cols": over.shape[1],
        "height": height,
        "label": label,
        "hint": hint,
        "light": light,
        "axes": [] if scatter is None else list(scatter.axes),
        "legend": [{"colour": ",".join(map(str, rgb(colour))), "name": name} for colour, name in legend],
        "pins": [{"path": [list(corner) for corner in pin.path], "colour": pin.colour} for pin in pins],
        "seq": mark.seq,
        "mark": None if mark.kind == "none" else _spelt(mark),
    }
    _mount(key=key, data=data, on_gesture_change=lambda: _tell(on_gesture, key))


def tell_ground(ground: Ground, date: str) -> None:
    """What lies under the map that is not of the date on the screen."""
    if ground.filled >= 0.005:
        st.caption(f"Clouds hid {100 * ground.filled:.0f} % of the ground on {date}: its nearest view is drawn there.")


def thousandths(values: NDArray[np.float32]) -> NDArray[np.int16]:
    """Values as they travel: whole thousandths."""
    known = np.clip(np.nan_to_num(values) * THOUSANDTHS, -32_000, 32_000)
    return np.where(np.isfinite(values), np.rint(known), UNKNOWN).astype(np.int16)


def read_mark(gesture: Any) -> Mark | None:
    """What the browser reports; None for what is no gesture."""
    try:
        kind, on = str(gesture["kind"]), str(gesture.get("on", "map"))
        if kind not in ("pixel", "area", "none") or on not in ("map", "scatter"):
            return None
        pixel = (int(gesture["pixel"][0]), int(gesture["pixel"][1])) if kind == "pixel" else None
        path = tuple((float(a), float(b)) for a, b in gesture["path"]) if kind == "area" else ()
        return Mark(seq=int(gesture["seq"]), kind=kind, on=on, pixel=pixel, path=path)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def _spelt(mark: Mark) -> dict[str, Any]:
    pixel = None if mark.pixel is None else list(mark.pixel)
    path = [list(corner) for corner in mark.path] or None
    return {"kind": mark.kind, "on": mark.on, "pixel": pixel, "path": path}


def _publish(values: NDArray[Any], key: str) -> str:
    content = np.ascontiguousarray(values).tobytes()
    name = hashlib.blake2b(content, digest_size=12).hexdigest()
    return publish(content, key=key, name=f"{name}.bin")


def _tell(on_gesture: Callable[[Mark], None], key: str) -> None:
    mark = read_mark(st.session_state[key]["gesture"])
    if mark is not None:
        on_gesture(mark)
