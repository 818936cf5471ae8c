"""What a cluster is: its spectrum, its seasons, its embedding, and the land cover it lies in."""

from __future__ import annotations

import streamlit as st

from core.clustering.assign import NONE, Clusters
from core.clustering.legend import Entry, edited, entry_of, legend
from core.figures.clusters_profiles import MOST, cluster_spectra, embedding_heat, season_curves
from core.sources.site import Site
from core.ui import chart
from core.ui.clusters import cover, facts
from core.ui.clusters.choices import current, follows
from core.ui.clusters.facts import Profile
from core.ui.embed.loaders import Embedding

SEASONS_PX = 400  # CSS px: beside spectrum and embedding


def draw(found: Embedding, site: Site | None, clusters: Clusters, *, badge: str) -> None:
    """The chosen cluster, else the largest."""
    shown, entries = edited(clusters, current().edits), legend(clusters, current().edits)
    real = [entry for entry in entries if entry.id > NONE]
    if not real:
        st.info("There is no cluster to look at: every pixel is noise. Choose another method or a smaller cluster.")
        return
    largest = max(real, key=lambda entry: entry.pixels).id
    chosen = current().chosen if current().chosen in {entry.id for entry in real} else largest
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.subheader(f"What is {_plain(entry_of(entries, chosen).name)}? {badge}", width="content")
        words = "Draws every cluster in its colour, the chosen one in front."
        st.toggle("Beside the other clusters", **follows("compared"), help=words)
    looked_at = [entry.id for entry in real] if current().compared else [chosen]
    known = {cluster: facts.profile(found, site, shown, shown.members(cluster)) for cluster in looked_at}
    left, right = st.columns((11, 9), gap="medium")
    with left:
        _spectrum(known, entries, chosen)
        _embedding(found, shown, entry_of(entries, chosen))
    with right:
        _seasons(known, entries, chosen)
    cover.draw(found, site, shown, entries)


def _spectrum(known: dict[int, Profile], entries: list[Entry], chosen: int) -> None:
    spectra = {cluster: profile.spectrum for cluster, profile in known.items() if profile.spectrum}
    if not spectra:
        st.info("No Sentinel images lie under this embedding: there is no spectrum and no season to show.")
        return
    chart.draw(cluster_spectra(spectra, entries, chosen=chosen, theme=chart.theme()), key="cluster spectra", height=250)
    st.caption(f"Mean reflectance of {spectra[chosen].views:,} pixel-dates; the shade holds 80 % of them.")


def _seasons(known: dict[int, Profile], entries: list[Entry], chosen: int) -> None:
    names = list(known[chosen].seasons)
    if not names:
        return
    rows = {name: {cluster: profile.seasons[name] for cluster, profile in known.items()} for name in names}
    figure = season_curves(rows, entries, chosen=chosen, theme=chart.theme())
    chart.draw(figure, key="cluster seasons", height=SEASONS_PX)


def _embedding(found: Embedding, shown: Clusters, entry: Entry) -> None:
    """Read and drawn once it is opened: as many cells as all else on the page."""
    with st.expander(f"Mean embedding of {_plain(entry.name)}", key="clusters_embedding", on_change="rerun") as part:
        if not part.open:
            return
        mean = facts.embedding_of(found, shown.members(entry.id))
        chart.draw(embedding_heat(mean, theme=chart.theme()), key="cluster embedding")
        st.caption(f"Colours reach as far as {100 * MOST:.0f} % of what is shown; point at a cell to read it.")


def _plain(name: str) -> str:
    """A name from a reader, which Markdown shall not read as markup."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!<>$~|:" else letter for letter in name)
