"""The land cover that clusters lie in: the site's own map, or one that the reader brings."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.clustering.agreement import Agreement
from core.clustering.assign import Clusters
from core.clustering.covers import drop_cover, keep_cover, kept_covers
from core.clustering.legend import Entry
from core.figures.clusters_profiles import confusion_table
from core.schema import InputError
from core.sources.formats import GRID_ENDINGS
from core.sources.site import Site
from core.ui import chart, messages
from core.ui import loaders as sites
from core.ui.clusters import facts
from core.ui.clusters.choices import change, current, follows
from core.ui.embed.loaders import Embedding

OWN = "the site's own map"
FILE = "clusters_cover_file"
RASTER = (
    "It may have other pixels and another map projection: the nearest pixel counts. 0 and no data are taken as unknown."
)


def draw(found: Embedding, site: Site | None, shown: Clusters, entries: list[Entry]) -> None:
    """Which map, how far the clusters agree with it, and who lies in what."""
    site_id = found.run.spec.site
    brought = {path.name: path for path in kept_covers(sites.workspace(), site_id)}
    if current().cover not in ("", *brought):
        change(cover="")
    own = facts.agreement_of(site, shown)
    if own is None and brought and not current().cover:
        change(cover=next(iter(brought)))
    with st.expander("Agreement with a land-cover map", expanded=own is not None or bool(brought)):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            if brought:
                names = [*([""] if own is not None else []), *brought]
                words = "The land-cover map that the clusters are compared with."
                st.selectbox(
                    "Map", names, format_func=lambda name: name or OWN, **follows("cover"), width=260, help=words
                )
            with st.popover("A map of your own", help="Brings a land-cover map to compare the clusters with."):
                _bring(site_id, shown, brought.get(current().cover))
        agreement = own
        if current().cover:
            try:
                agreement = facts.agreement_of(site, shown, brought[current().cover])
            except InputError as error:
                st.error(messages.sentence(str(error)))
                return
        if agreement is None:
            st.caption("This site comes with no land-cover map. Bring one to see who lies in what.")
        else:
            _tell(agreement, entries)


def _tell(agreement: Agreement, entries: list[Entry]) -> None:
    if agreement.adjusted_rand is None:
        st.info(agreement.remark)
    else:
        index = f"Adjusted Rand index **{agreement.adjusted_rand:.2f}** over {agreement.pixels:,} pixels"
        st.markdown(f"{index} (1: the same partition; 0: what chance gives).")
    if agreement.pixels:
        chart.draw(confusion_table(agreement, entries, theme=chart.theme()), key="cluster cover")


def _bring(site_id: str, shown: Clusters, looked_at: Path | None) -> None:
    with st.form("clusters_cover_form", border=False, clear_on_submit=True):
        kinds = [ending.removeprefix(".") for ending in GRID_ENDINGS]
        st.file_uploader("A raster of classes, as GeoTIFF or NetCDF", kinds, key=FILE, help=RASTER)
        words = "Keeps the map with the site, and shows who lies in what."
        st.form_submit_button("Compare with it", on_click=_keep, args=(site_id, shown), help=words)
    if looked_at is not None:
        words = "Removes the copy in the workspace; your file stays."
        st.button(f"Remove {looked_at.name}", on_click=_drop, args=(site_id, looked_at), help=words)


def _keep(site_id: str, shown: Clusters) -> None:
    file = st.session_state.get(FILE)
    with messages.explained():
        if file is None:
            raise InputError("land cover", "", "was not chosen", "choose a file first")
        kept = keep_cover(sites.workspace(), site_id, file.name, file.getvalue(), grid=shown.grid)
        change(cover=kept.name)


def _drop(site_id: str, path: Path) -> None:
    with messages.explained():
        drop_cover(sites.workspace(), site_id, path)
        change(cover="")
