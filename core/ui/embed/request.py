"""What is to be embedded, as the reader has chosen it so far: kept for the session, anew for another site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from core.embedding.cards import DEFAULT
from core.embedding.selection import Selection
from core.frames import Grid
from core.schema import SiteInfo
from core.ui.player import Box
from core.ui.state import Key

WHOLE, OTHER = "all years", "other dates …"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the form stands at."""

    site: str
    model: str = DEFAULT
    period: str = ""  # a year, WHOLE or OTHER
    start: str = ""  # first and last date, ISO, of OTHER
    end: str = ""
    box: Box | None = None  # rows and columns; None: the whole site
    error: bool = False
    drawn: int = 0  # boxes drawn on a picture so far

    def key(self, name: str) -> str:
        """Of a control of the area: a new control after each drawing, which knows nothing of the area before."""
        return f"request_{name}_{self.drawn}"

    def selection(self, grid: Grid) -> Selection:
        """What the engine is asked for."""
        start, end = self.span()
        return Selection(start=start, end=end, bbox=None if self.box is None else edges(grid, self.box))

    def span(self) -> tuple[str | None, str | None]:
        """First and last date."""
        if self.period == OTHER:
            return self.start, self.end
        return (None, None) if self.period == WHOLE else (f"{self.period}-01-01", f"{self.period}-12-31")


def current(info: SiteInfo) -> Request:
    """The session's request for this site; the last year of the record at first."""
    kept = st.session_state.get(Key.REQUEST)
    if not isinstance(kept, Request) or kept.site != info.id:
        kept = Request(site=info.id, period=years(info)[0], start=info.start, end=info.end)
        st.session_state[Key.REQUEST] = kept
    return kept


def change(**changes: Any) -> None:
    """Take over what the reader chose."""
    st.session_state[Key.REQUEST] = replace(st.session_state[Key.REQUEST], **changes)


def change_area(shown: Request, box: Box | None) -> None:
    """Take over an area chosen on the form that showed a request.

    Not if a box was drawn since: a message the browser sent before it heard of the drawing must not undo it.
    """
    if shown.drawn == st.session_state[Key.REQUEST].drawn:
        change(box=box)


def take_box(box: Box) -> None:
    """Take over a box drawn on a picture, in rows and columns of the site."""
    st.session_state[Key.REQUEST] = drawn(st.session_state[Key.REQUEST], box)
    st.session_state[Key.BOX_DRAWN] = True


def drawn(wanted: Request, box: Box) -> Request:
    """The request with a box drawn on a picture."""
    return replace(wanted, box=box, drawn=wanted.drawn + 1)


def show_drawn_box() -> None:
    """Draw the whole page anew, for the form, where a box was drawn within a fragment."""
    if st.session_state.pop(Key.BOX_DRAWN, False):
        st.rerun()


def years(info: SiteInfo) -> list[str]:
    """The years of the record, the latest first."""
    return [str(year) for year in range(int(info.end[:4]), int(info.start[:4]) - 1, -1)]


def edges(grid: Grid, box: Box) -> tuple[float, float, float, float]:
    """West, south, east and north of the outer pixel centres of a box, m."""
    top, left, bottom, right = box
    west, east = (grid.x + column * grid.pixel_width for column in (left, right - 1))
    north, south = (grid.y - row * grid.pixel_height for row in (top, bottom - 1))
    return west, south, east, north


def box_of(grid: Grid, bbox: tuple[float, float, float, float]) -> Box:
    """The rows and columns whose centres lie in west, south, east, north, at least one, within the grid."""
    west, south, east, north = bbox
    columns = np.clip(
        np.rint(np.sort([(edge - grid.x) / (grid.pixel_width or 1) for edge in (west, east)])), 0, grid.cols - 1
    )
    rows = np.clip(
        np.rint(np.sort([(grid.y - edge) / (grid.pixel_height or 1) for edge in (north, south)])), 0, grid.rows - 1
    )
    return int(rows[0]), int(columns[0]), int(rows[1]) + 1, int(columns[1]) + 1
