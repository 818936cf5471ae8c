"""Daily weather that the reader brings along with a site."""

from __future__ import annotations

import streamlit as st

from core.schema import FluxscapeError
from core.ui import loaders
from core.ui.own_site import uploads
from core.ui.own_site.choices import change, current
from core.ui.own_site.words import worded

HELP = (
    "A tower's file (FLUXNET, ICOS, AmeriFlux, REddyProc), a table of days, or a NetCDF of AgERA5 or ERA5: "
    "temperature, radiation, vapour pressure deficit, rain and wind. A missing deficit follows from vapour pressure or "
    "dewpoint."
)


def bring() -> None:
    """An uploader that may be left alone."""
    with st.expander("Daily weather, if you have it", expanded=current().weather is not None):
        file = st.file_uploader(
            "Weather",
            type=[ending.removeprefix(".") for ending in uploads.WEATHER],
            max_upload_size=uploads.FILE_MB,
            help=HELP,
            key="own_weather",
            label_visibility="collapsed",
        )
        st.caption(HELP)
        if file is None:
            if current().weather is not None:
                change(weather=None)
            return
        try:
            folder = uploads.keep(loaders.workspace(), [file], kinds=uploads.WEATHER)
            change(weather=next(folder.iterdir()))
        except FluxscapeError as problem:
            st.error(worded(str(problem)))
