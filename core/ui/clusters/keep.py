"""Keep the clusters on the screen as a run of the workspace, which the Trajectories page can follow."""

from __future__ import annotations

import streamlit as st

from core.clustering.assign import Clusters
from core.clustering.legend import Edits
from core.clustering.result import find_kept, keep_clusters
from core.store import Run
from core.ui import loaders as sites
from core.ui import messages
from core.ui.clusters.choices import current
from core.ui.embed.loaders import Embedding


def draw(found: Embedding, clusters: Clusters) -> None:
    """A button; once they are kept, where to go with them."""
    with st.popover("Keep", help="Stores these clusters in the workspace, so that Trajectories can follow them."):
        kept = find_kept(sites.workspace(), found.run, clusters, current().edits)
        if kept is None:
            st.caption("Numbers, names and merges as they are now. Trajectories can then follow each cluster.")
            words = "Stores the map under a name of its own; it is never changed again."
            st.button("Keep these clusters", on_click=_keep, args=(found.run, clusters, current().edits), help=words)
        else:
            st.caption(f"Kept as `{kept.id}`.")
            words = "Opens Trajectories, where Follow then offers a cluster."
            st.page_link(
                "../trajectories.py", label="Follow them on Trajectories", icon=":material/timeline:", help=words
            )


def _keep(embedding: Run, clusters: Clusters, edits: Edits) -> None:
    with messages.explained():
        keep_clusters(sites.workspace(), embedding, clusters, edits)
