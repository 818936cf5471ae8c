"""What a page says where there is nothing to show yet, and the way to what is missing."""

from __future__ import annotations

import streamlit as st

from core.schema import SiteInfo


def without_pictures(info: SiteInfo) -> None:
    """A place that nobody has brought data for."""
    st.info(
        f"There are no pictures of {info.id} yet. Add a site, on Explore, fetches them from a public archive or takes "
        "yours; or choose another site on the left."
    )
    words = "Shows the place, and adds pictures of it."
    st.page_link("../explore.py", label="Go to Explore", icon=":material/satellite_alt:", help=words)


def without_embedding(info: SiteInfo, *, why: str) -> None:
    """A site that was not embedded; `why` says what needs it."""
    if not info.has_data:
        without_pictures(info)
        return
    st.info(f"{info.id} has no embedding yet, and {why}. Make or load one first.")
    words = "Where an embedding of this site is made: seconds to a minute."
    st.page_link("../embed.py", label="Go to Embed", icon=":material/blur_on:", help=words)
