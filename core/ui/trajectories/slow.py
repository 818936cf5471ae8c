"""Maps that take longer than a reader waits: made beside the page, under a bar and a way to stop, and kept."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import streamlit as st

from core.frames import Frames
from core.images import value_frames
from core.trajectories.unusual import unusual_map
from core.ui.embed.loaders import Embedding

POLL_S = 0.5  # s between looks at the progress
AT_ONCE_S = 0.3  # s that are waited for a small embedding, before a bar is shown
KEPT = 2  # embeddings whose maps stay in memory
WIDTHS = (10, 4)  # of the bar and the button


class Making:
    """The maps of one embedding in the making, in a thread: most of the time is numpy's, which lets others run."""

    def __init__(self, found: Embedding) -> None:
        self.share = 0.0
        self.frames: Frames | None = None
        self.problem: Exception | None = None
        self.stopped = Event()
        self.thread = Thread(target=self._make, args=(found,), daemon=True)
        self.thread.start()

    def _make(self, found: Embedding) -> None:
        try:
            self.frames = _frames(found, self._hear)
        except Exception as problem:  # the page raises it, where it can be told
            self.problem = problem

    def _hear(self, share: float) -> None:
        if self.stopped.is_set():
            raise InterruptedError
        self.share = share


def unusual_frames(found: Embedding, *, on_stop: Callable[[], None]) -> Frames | None:
    """How unusual each pixel was on each date, as pictures; None, and a bar, while they are made.

    `on_stop` has to take back that they were asked for.
    """
    made = _made()
    making = made.get(found.digest)
    if making is None or making.stopped.is_set() or making.problem is not None:
        for digest in list(made)[: max(0, len(made) - KEPT + 1)]:
            made.pop(digest, None)
        making = made[found.digest] = Making(found)
    making.thread.join(AT_ONCE_S)
    if making.thread.is_alive():
        _watch(making, on_stop)
        return None
    if making.problem is not None:
        raise making.problem
    return making.frames


# ---------------------------------------------------------------- inside
@st.fragment(run_every=POLL_S)
def _watch(making: Making, on_stop: Callable[[], None]) -> None:
    if making.stopped.is_set() or not making.thread.is_alive():
        st.rerun()

    def stop() -> None:
        making.stopped.set()
        on_stop()

    bar, button = st.columns(WIDTHS, gap="small", vertical_alignment="center")
    bar.progress(making.share, text="Comparing every pixel with its other years")
    button.button("Stop", width="stretch", on_click=stop, help="Stops it; it can be begun again.")


@st.cache_resource(show_spinner=False)
def _made() -> dict[str, Making]:
    """By the digest of the embedding; shared by all sessions."""
    return {}


def _frames(found: Embedding, report: Callable[[float], object]) -> Frames:
    features = found.features.transpose("feature", "time", "y", "x")
    distance = unusual_map(features.values, features["time"].values, report=report)
    layer = features[0].drop_vars("feature", errors="ignore").copy(data=distance)
    layer.attrs["crs"] = str(found.cube.attrs.get("crs", ""))
    return value_frames(layer, label="times the ordinary", limits=(0.0, 4.0))
