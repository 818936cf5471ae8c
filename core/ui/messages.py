"""What a reader sees when something is wrong: one sentence, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.schema import CubeError, FluxscapeError, FormatError, SeriesError, WorkspaceError
from core.ui.state import Key

BROKEN = (CubeError, FormatError, SeriesError, WorkspaceError)  # a file or a workspace, not a question
UNEXPECTED = (
    "This page could not be drawn because of a fault in Fluxscape. Nothing of yours is lost: reload the page, or "
    "choose another site. The terminal that runs Fluxscape shows the details."
)


def show_failure(error: Exception) -> bool:
    """Show what stopped a page; True tells Streamlit that the reader has been told."""
    if isinstance(error, FluxscapeError):
        st.error(sentence(str(error)))
    else:
        logging.getLogger("fluxscape").error("A page failed", exc_info=error)
        st.error(UNEXPECTED)
    return True


@contextmanager
def explained() -> Iterator[None]:
    """Show the sentence of a FluxscapeError in the place where it happened, and go on with the page after it."""
    try:
        yield
    except FluxscapeError as error:
        st.error(sentence(str(error)))


@contextmanager
def answered() -> Iterator[None]:
    """As `explained`, where a question may have no answer: too few dates or always under cloud is nobody's fault, so it
    is told calmly. What is broken stays an error.
    """
    try:
        yield
    except BROKEN as error:
        st.error(sentence(str(error)))
    except FluxscapeError as error:
        st.info(sentence(str(error)))


def show_problems() -> None:
    """What could not be taken over from a link, at the top of the page."""
    for problem in st.session_state[Key.PROBLEMS]:
        st.warning(sentence(problem))


def sentence(text: str) -> str:
    """A message of an error, as a sentence begins."""
    return text[:1].upper() + text[1:]
