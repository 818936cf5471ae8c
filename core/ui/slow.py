"""Work that takes longer than a reader waits: done beside the page, under a bar and a way to stop, and kept."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any, TypeVar

import streamlit as st

from core.progress import Report
from core.sources.site import Site
from core.ui.embed.loaders import Embedding

POLL_S = 0.5  # s between looks at the progress
AT_ONCE_S = 0.3  # s that are waited for a small embedding, before a bar is shown
PAGE_S = 2.0  # s for what a page cannot be without
KEPT = 6  # results that stay in memory
WIDTHS = (10, 4)  # of the bar and the button
Result = TypeVar("Result")


class Making:
    """A result in the making, in a thread: most of the time is numpy's, which lets others run."""

    def __init__(self, make: Callable[[Report], Any]) -> None:
        self.share = 0.0
        self.result: Any = None
        self.problem: Exception | None = None
        self.stopped = Event()
        self.thread = Thread(target=self._make, args=(make,), daemon=True)
        self.thread.start()

    def _make(self, make: Callable[[Report], Any]) -> None:
        try:
            self.result = make(self._hear)
        except Exception as problem:  # the page raises it, where it can be told
            self.problem = problem

    def _hear(self, share: float) -> None:
        if self.stopped.is_set():
            raise InterruptedError
        self.share = share


def made(
    what: str,
    found: Embedding,
    site: Site | None,
    make: Callable[[Report], Result],
    *,
    words: str,
    on_stop: Callable[[], None],
    patience: float | None = None,
    keep: bool = True,
) -> Result | None:
    """`what` is made of an embedding and its site, by `make`, which reports how far it is; None, and a bar, meanwhile.

    `words` stand over the bar, which comes after `patience` (s); `on_stop` has to take back that it was asked for.
    Without `keep` the result is handed over once.
    """
    key, every = (what, found.digest, site.digest if site else ""), _made()
    making = every.get(key)
    if making is None or making.stopped.is_set() or making.problem is not None:
        every.pop(key, None)
        for oldest in list(every)[: max(0, len(every) - KEPT + 1)]:
            every.pop(oldest, None)
        making = every[key] = Making(make)
    making.thread.join(AT_ONCE_S if patience is None else patience)
    if making.thread.is_alive():
        _watch(making, words, on_stop)
        return None
    if not keep:
        every.pop(key, None)
    if making.problem is not None:
        raise making.problem
    result: Result = making.result
    return result


# ---------------------------------------------------------------- inside
@st.fragment(run_every=POLL_S)
def _watch(making: Making, words: str, on_stop: Callable[[], None]) -> None:
    if making.stopped.is_set() or not making.thread.is_alive():
        st.rerun()

    def stop() -> None:
        making.stopped.set()
        on_stop()

    bar, button = st.columns(WIDTHS, gap="small", vertical_alignment="center")
    bar.progress(making.share, text=words)
    button.button("Stop", width="stretch", on_click=stop, help="Stops it; it can be begun again.")


@st.cache_resource(show_spinner=False)
def _made() -> dict[tuple[str, str, str], Making]:
    """By what it is and the digests of the embedding and the site; shared by all sessions."""
    return {}
