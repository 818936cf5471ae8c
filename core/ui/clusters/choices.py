"""What the reader of the Clusters page has chosen: kept for the session, anew for another site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from core.clustering.assign import Clusters, ClusterSpec
from core.clustering.basis import Basis, FeatureSpec
from core.clustering.legend import Edits
from core.clustering.methods import METHODS
from core.schema import SiteInfo
from core.similarity.compare import Measure
from core.ui.clusters.atlas import Mark
from core.ui.site_card import badge
from core.ui.state import Key
from core.ui.widgets import stand_at

CLUSTERS, SIMILAR, LABEL = "clusters", "similar places", "label a few"
PARTS = (CLUSTERS, SIMILAR, LABEL)
SHOWS = (
    "Clusters: groups of pixels that the computer finds by itself. Similar places: everywhere that is like a place you "
    "click. Label a few: a map of classes that you name, learnt from a few examples."
)
FIRST_K = 6  # shown before the number is thought about


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the page stands at."""

    site: str
    part: str = CLUSTERS
    marks: Mapping[str, Mark] = field(default_factory=dict)  # by part: what was clicked or drawn round
    link: str = ""  # these choices as they stand in the link
    webmap: bool = False  # whether the picture is shown on a web map too
    webmap_opacity: int = 70  # %
    webmap_click: dict[str, float] | None = None  # the one that was acted on
    # what pixels are compared by
    basis: Basis = "year"
    year: str = ""  # of a path; empty: the best-seen one
    span: tuple[str, str] | None = None  # of a mean, ISO
    standardise: bool = True
    stopped: FeatureSpec | None = None  # the features whose reading the reader stopped
    # clusters
    method: str = "kmeans"
    k: int = FIRST_K
    smallest: float = 1.0  # % of the pixels, of HDBSCAN
    suggest: bool = False  # whether the suggested k is to be taken as soon as it is known
    axes: str = "components"  # of the scatter: those, or "neighbours"
    cover: str = ""  # the land-cover map that was brought and is compared with, by name; empty: the site's own
    chosen: int = 0  # the cluster that is looked at; 0: the largest
    compared: bool = False  # whether the others are drawn beside it
    edits: Edits = field(default_factory=Edits)
    undone_to: tuple[Edits, ...] = ()  # the edits before each change, the oldest first
    question: str = ""  # what the numbered clusters answer
    numbered: Clusters | None = None  # clusters under the numbers that they keep
    # similar places
    measure: Measure = "cosine"
    threshold: float | None = None  # not chosen yet
    elsewhere: str = ""  # the question that other sites were asked
    # labels
    class_name: str = ""
    classifier: str = "logistic"

    def mark(self, part: str) -> Mark:
        return self.marks.get(part, Mark())

    def features(self, date: str) -> FeatureSpec:
        """What pixels are compared by; `date` (ISO) is the one on the screen."""
        if self.basis == "date":
            return FeatureSpec(basis="date", date=date, standardise=self.standardise)
        if self.basis == "year":
            start, end = (f"{self.year}-01-01", f"{self.year}-12-31") if self.year else (None, None)
            return FeatureSpec(basis="year", start=start, end=end, standardise=self.standardise)
        start, end = self.span or (None, None)
        return FeatureSpec(basis="mean", start=start, end=end, standardise=self.standardise)

    def clusters(self) -> ClusterSpec:
        """How clusters are sought."""
        k = self.k if METHODS[self.method].takes_k else None
        return ClusterSpec(method=self.method, k=k, smallest_share=self.smallest / 100)


def settle(site_id: str) -> Choices:
    """The session's choices for this site; fresh ones for another, of which the part of the page stays."""
    kept = st.session_state.get(Key.CLUSTERS)
    if not isinstance(kept, Choices) or kept.site != site_id:
        kept = Choices(site=site_id, part=kept.part if isinstance(kept, Choices) else CLUSTERS)
        st.session_state[Key.CLUSTERS] = kept
    return kept


def picker(info: SiteInfo) -> str:
    """Which part of the page is shown; beside it what must not be missed about the site."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.pills("Show", PARTS, required=True, wrap=True, width="content", **follows("part"), help=SHOWS)
        st.markdown(badge(info), width="content")
    return current().part


def current() -> Choices:
    chosen: Choices = st.session_state[Key.CLUSTERS]
    return chosen


def change(**changes: Any) -> None:
    """Take over what the reader chose."""
    st.session_state[Key.CLUSTERS] = replace(current(), **changes)


def take_mark(part: str, mark: Mark) -> None:
    change(marks={**current().marks, part: mark})


def edit(edits: Edits) -> None:
    """Other names or merges, as one change that can be undone."""
    change(edits=edits, undone_to=(*current().undone_to, current().edits))


def undo_edit() -> None:
    past = current().undone_to
    if past:
        change(edits=past[-1], undone_to=past[:-1])


def follows(name: str) -> dict[str, Any]:
    """What makes a widget show the choice called `name` and change it."""
    key = stand_at(f"clusters_{name}", getattr(current(), name))
    return {"key": key, "on_change": lambda: change(**{name: st.session_state[key]})}
